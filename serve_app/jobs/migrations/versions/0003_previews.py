"""An index of the previews among the events, which are forgotten after an hour."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = depends_on = None


def upgrade() -> None:
    only = sa.text("kind = 'preview'")
    op.create_index("events_previews", "events", ["at"], unique=False, sqlite_where=only, postgresql_where=only)
