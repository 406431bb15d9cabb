"""What sellers decided about pictures."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = depends_on = None

Document = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "decisions",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("tenant", sa.String(length=64), nullable=False),
        sa.Column("job", sa.String(length=40), nullable=False),
        sa.Column("article_id", sa.String(length=64), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("decision", sa.String(length=16), nullable=False),
        sa.Column("checks", Document, nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("verdict", Document, nullable=False),
        sa.Column("clip_score", sa.Float(), nullable=True),
        sa.Column("score_10", sa.Float(), nullable=True),
        sa.Column("models", Document, nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("replaced_by", sa.String(length=40), nullable=True),
        sa.Column("created", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("decisions_of_job", "decisions", ["tenant", "job", "id"], unique=False)
    standing = sa.text("replaced_by IS NULL")
    for name, columns, unique in (
        ("decisions_standing", ["tenant", "id"], False),
        ("decisions_once", ["job", "article_id"], True),
    ):
        op.create_index(name, "decisions", columns, unique=unique, sqlite_where=standing, postgresql_where=standing)
    if op.get_context().dialect.name == "postgresql":
        op.execute("ALTER TABLE decisions ENABLE ROW LEVEL SECURITY")
        op.execute("ALTER TABLE decisions FORCE ROW LEVEL SECURITY")
        op.execute(
            "CREATE POLICY own_rows ON decisions USING (current_setting('vitrine.tenant', true) IN (tenant, '*'))"
        )
