"""Runs migrations on the connection that `database.migrate` holds."""

from alembic import context

from serve_app.jobs.schema import metadata

context.configure(
    connection=context.config.attributes["connection"], target_metadata=metadata, transactional_ddl=True,
    transaction_per_migration=False,
)  # fmt: skip
context.run_migrations()
