"""Tables of the store; `VERSION` counts up with every change that an older program could not read."""

from sqlalchemy import JSON, Column, DateTime, Float, ForeignKey, Index, Integer, MetaData, String, Table, Text

VERSION = 1

metadata = MetaData()

articles = Table(
    "articles",
    metadata,
    Column("key", String(128), primary_key=True),  # hash of everything that the result depends on
    Column("article_id", String(64), nullable=False, index=True),
    Column("records", JSON, nullable=False),
    Column("status", String(32), nullable=False),
    Column("created", DateTime(timezone=True), nullable=False),
)

runs = Table(
    "runs",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("options", JSON, nullable=False),
    Column("seconds", Float, nullable=False, default=0.0),  # spent on finished articles, over all calls
    Column("created", DateTime(timezone=True), nullable=False),
)

run_rows = Table(
    "run_rows",
    metadata,
    Column("run", String(64), ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True),  # order over all sheets of the run, from 0
    Column("file", Text, nullable=False),
    Column("row", Integer, nullable=False),
    Column("article_id", String(64), nullable=False),
    Column("state", String(32), nullable=False),  # pending, or the status of the article's record
    Column("error", Text),
    Index("run_rows_by_article", "run", "article_id"),
)
