"""Marks and looks of delivered pictures, by which a file is found again."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = depends_on = None

FOUND_BY = ("mark", "look_a", "look_b", "look_c", "look_d")


def upgrade() -> None:
    for name in FOUND_BY:
        op.add_column("pictures", sa.Column(name, sa.BigInteger() if name == "mark" else sa.Integer(), nullable=True))
        only = sa.text(f"{name} IS NOT NULL")
        columns = ["tenant", name]
        op.create_index(
            f"pictures_by_{name}", "pictures", columns, unique=False, sqlite_where=only, postgresql_where=only
        )
