"""Indexes that keep every look short while jobs and rows add up; what a dry run finds; webhooks by turns."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = depends_on = None

Document = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.add_column("batches", sa.Column("planned", Document, nullable=True))
    op.drop_index("deliveries_due", "deliveries")
    for name, table, columns, where in (
        ("jobs_waiting", "jobs", ["tenant"], "state IN ('queued', 'paused')"),
        ("jobs_expiring", "jobs", ["deadline"], "deadline IS NOT NULL AND finished IS NULL"),
        ("jobs_finished", "jobs", ["finished"], None),
        ("articles_drawn", "articles", ["created"], "status = 'succeeded'"),
        ("batches_open", "batches", ["lease_until", "id"], "finished IS NULL"),
        ("batch_rows_open", "batch_rows", ["batch", "row"], "state = 'queued'"),
        ("deliveries_of_tenant", "deliveries", ["tenant", "due"], "due IS NOT NULL"),
        ("deliveries_over", "deliveries", ["created"], "due IS NULL"),
    ):
        only = None if where is None else sa.text(where)
        op.create_index(name, table, columns, unique=False, sqlite_where=only, postgresql_where=only)
