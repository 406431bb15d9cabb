"""Tables of the store. Times are seconds since 1970 by the database's clock, which all workers share."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    literal_column,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData()
Document = JSON().with_variant(JSONB(), "postgresql")
LOOK = ("look_a", "look_b", "look_c", "look_d")
ID, NAME = 40, 64  # characters of our own ids and of names that users give


def _tenant() -> "Column[str]":
    return Column("tenant", String(NAME), nullable=False)


def _partial(name: str, where: str, *columns: str) -> Index:
    return Index(name, *columns, sqlite_where=text(where), postgresql_where=text(where))


articles = Table(
    "articles",
    metadata,
    Column("key", String(128), primary_key=True),  # hash of everything that the result depends on, the tenant included
    _tenant(),
    Column("article_id", String(64), nullable=False),
    Column("records", Document, nullable=False),
    Column("status", String(32), nullable=False),
    Column("created", Float, nullable=False),
    Index("articles_by_id", "tenant", "article_id"),
    _partial("articles_drawn", "status = 'succeeded'", "created"),
)

pictures = Table(
    "pictures",
    metadata,
    _tenant(),
    Column("sha256", String(64), nullable=False),
    Column("place", String(200), nullable=False),  # the object's key: tenant/ulid/sha256.ext
    # Of what is delivered: the payload of its mark, and its look in four parts of 16 bits.
    Column("mark", BigInteger),
    *(Column(part, Integer) for part in LOOK),
    Index("pictures_by_hash", "tenant", "sha256", unique=True),
    _partial("pictures_by_mark", "mark IS NOT NULL", "tenant", "mark"),
    *(_partial(f"pictures_by_{part}", f"{part} IS NOT NULL", "tenant", part) for part in LOOK),
)

stages = Table(
    "stages",
    metadata,
    Column("key", String(64), primary_key=True),  # hash of stage, its version, tenant, input and model
    _tenant(),
    Column("answer", Document, nullable=False),
    Column("created", Float, nullable=False),
)

runs = Table(
    "runs",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("options", Document, nullable=False),
    Column("seconds", Float, nullable=False, server_default="0"),  # spent on finished articles, over all calls
    Column("created", Float, nullable=False),
)

run_rows = Table(
    "run_rows",
    metadata,
    Column("run", String(64), ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),  # order over all sheets of the run, from 0
    Column("file", Text, nullable=False),
    Column("row", Integer, nullable=False),
    Column("article_id", String(64), nullable=False),
    Column("state", String(32), nullable=False),  # pending, or the status of the article's record
    Column("error", Text),
    Index("run_rows_by_article", "run", "article_id"),
)

tenants = Table(
    "tenants",
    metadata,
    Column("id", String(NAME), primary_key=True),
    Column("weight", Integer, nullable=False, server_default="1"),  # share of the service against other tenants
    Column("most_queued", Integer),  # jobs that may wait at once; None: the service's own limit
    Column("created", Float, nullable=False),
)

keys = Table(
    "keys",
    metadata,
    Column("id", String(ID), primary_key=True),
    _tenant(),
    Column("digest", LargeBinary(32), nullable=False, unique=True),  # SHA-256 of the secret; the secret is not kept
    Column("name", String(NAME), nullable=False),
    Column("scopes", Document, nullable=False),
    Column("created", Float, nullable=False),
    Column("revoked", Float),
    Index("keys_by_tenant", "tenant"),
)

turns = Table(
    "turns",
    metadata,
    Column("tenant", String(NAME), primary_key=True),
    Column("lane", String(16), primary_key=True),
    Column("last", BigInteger, nullable=False),  # the turn of the tenant's latest job of the lane
)

jobs = Table(
    "jobs",
    metadata,
    Column("id", String(ID), primary_key=True),
    _tenant(),
    Column("kind", String(32), nullable=False),
    Column("lane", String(16), nullable=False),
    Column("input", Document, nullable=False),
    Column("options", Document, nullable=False),
    Column("state", String(20), nullable=False),
    Column("turn", BigInteger, nullable=False),  # place in its lane; fair between tenants
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("owner", String(NAME)),  # who holds the lease
    Column("lease_until", Float),
    Column("not_before", Float, nullable=False, server_default="0"),
    Column("deadline", Float),
    Column("cancel_asked", Boolean, nullable=False, server_default=text("false")),
    Column("batch", String(ID)),
    Column("row", Integer),
    Column("result", Document),
    Column("error", Document),
    Column("created", Float, nullable=False),
    Column("started", Float),
    Column("finished", Float),
    Column("request", String(128)),  # in which it was ordered, and in which trace (W3C)
    Column("traceparent", String(55)),
    # What is read of a table that keeps every job: the first in a lane's line, leases that ran out, a tenant's waiting,
    # deadlines that passed, the ends of the last minute.
    _partial("jobs_in_line", "state = 'queued'", "lane", "turn", "id"),
    _partial("jobs_leased", "state = 'running'", "lease_until"),
    _partial("jobs_waiting", "state IN ('queued', 'paused')", "tenant"),
    _partial("jobs_expiring", "deadline IS NOT NULL AND finished IS NULL", "deadline"),
    Index("jobs_finished", "finished"),
    Index("jobs_of_tenant", "tenant", "id"),
    Index("jobs_of_batch", "batch", "row"),
)

# Literals: a generic plan of Postgres takes a partial index only for a query that says what the index says.
QUEUED = jobs.c.state == literal_column("'queued'")
RUNNING = jobs.c.state == literal_column("'running'")
WAITING = jobs.c.state.in_([literal_column("'queued'"), literal_column("'paused'")])

events = Table(
    "events",
    metadata,
    Column("job", String(ID), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),  # from 1; the id of a server-sent event
    _tenant(),
    Column("kind", String(32), nullable=False),
    Column("data", Document, nullable=False),
    Column("at", Float, nullable=False),
    _partial("events_previews", "kind = 'preview'", "at"),
)

PREVIEW = events.c.kind == literal_column("'preview'")

idempotency = Table(
    "idempotency",
    metadata,
    Column("tenant", String(NAME), primary_key=True),
    Column("key", String(255), primary_key=True),
    Column("fingerprint", String(64), nullable=False),  # SHA-256 of method, path and body
    Column("status", Integer),  # 202, whatever was made; nothing reads it
    Column("answer", Document),  # the id of what was made, which commits with it
    Column("created", Float, nullable=False),
)

batches = Table(
    "batches",
    metadata,
    Column("id", String(ID), primary_key=True),
    _tenant(),
    Column("state", String(20), nullable=False),
    Column("source", Document, nullable=False),  # where the feed lies and how its columns are named
    Column("options", Document, nullable=False),
    Column("taken", Integer, nullable=False, server_default="0"),  # rows that have become jobs or refusals
    Column("total", Integer),  # rows of the feed; None until its end was read
    Column("counts", Document, nullable=False),  # state -> rows
    Column("owner", String(NAME)),
    Column("lease_until", Float),
    Column("result", String(200)),
    Column("error", Document),
    Column("planned", Document),  # articles and pictures that a dry run has found
    Column("created", Float, nullable=False),
    Column("finished", Float),
    Index("batches_of_tenant", "tenant", "id"),
    _partial("batches_open", "finished IS NULL", "lease_until", "id"),
)

batch_rows = Table(
    "batch_rows",
    metadata,
    Column("batch", String(ID), primary_key=True),
    Column("row", Integer, primary_key=True, autoincrement=False),  # 1-based, without the header
    _tenant(),
    Column("article_id", String(64)),
    Column("job", String(ID)),
    Column("state", String(20), nullable=False),
    Column("error", Document),
    Index("batch_rows_by_article", "batch", "article_id"),
    # Rows whose job is not over: what a feeder looks at, however long the feed is.
    _partial("batch_rows_open", "state = 'queued'", "batch", "row"),
)

OPEN_ROW = batch_rows.c.state == literal_column("'queued'")

endpoints = Table(
    "endpoints",
    metadata,
    Column("id", String(ID), primary_key=True),
    _tenant(),
    Column("url", Text, nullable=False),
    Column("events", Document, nullable=False),
    Column("secrets", Document, nullable=False),  # the newest first; two while they rotate
    Column("disabled", Text),  # why
    Column("created", Float, nullable=False),
    Index("endpoints_of_tenant", "tenant"),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", String(ID), primary_key=True),  # the webhook-id: the same over all tries
    Column("endpoint", String(ID), ForeignKey("endpoints.id", ondelete="CASCADE"), nullable=False),
    _tenant(),
    Column("payload", Document, nullable=False),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("due", Float),  # when it is tried next; None: delivered or given up
    Column("status", String(16), nullable=False),
    Column("answer", Text),
    Column("created", Float, nullable=False),
    _partial("deliveries_of_tenant", "due IS NOT NULL", "tenant", "due"),
    _partial("deliveries_over", "due IS NULL", "created"),
)

decisions = Table(
    "decisions",
    metadata,
    Column("id", String(ID), primary_key=True),
    _tenant(),
    Column("job", String(ID), nullable=False),
    Column("article_id", String(NAME), nullable=False),  # which of the job's pictures
    Column("sha256", String(64), nullable=False),
    Column("decision", String(16), nullable=False),  # approved or rejected
    Column("checks", Document, nullable=False),  # names of the verdict's checks that the seller found wrong
    Column("note", Text, nullable=False),
    # What the verdict had said when the seller decided, and of which weights (role -> digest).
    Column("verdict", Document, nullable=False),
    Column("clip_score", Float),
    Column("score_10", Float),
    Column("models", Document, nullable=False),
    Column("key", String(NAME), nullable=False),  # of whom decided
    Column("replaced_by", String(ID)),  # the decision that took its place; None: it stands
    Column("created", Float, nullable=False),
    Index("decisions_of_job", "tenant", "job", "id"),
    _partial("decisions_standing", "replaced_by IS NULL", "tenant", "id"),
    Index(
        "decisions_once",
        "job",
        "article_id",
        unique=True,
        sqlite_where=text("replaced_by IS NULL"),
        postgresql_where=text("replaced_by IS NULL"),
    ),
)

publications = Table(
    "publications",
    metadata,
    Column("id", String(ID), primary_key=True),
    _tenant(),
    Column("article_id", String(NAME), nullable=False),
    Column("channel", String(NAME), nullable=False),  # where shoppers see it
    Column("goal", String(16), nullable=False),  # click or conversion
    Column("variants", Document, nullable=False),  # name, picture, audience and share of each
    Column("key", String(NAME), nullable=False),  # of whom published it
    Column("created", Float, nullable=False),
    Index("publications_by_tenant", "tenant", "id"),
)

publication_counts = Table(
    "publication_counts",
    metadata,
    Column("publication", String(ID), ForeignKey("publications.id", ondelete="CASCADE"), primary_key=True),
    Column("variant", String(NAME), primary_key=True),
    Column("kind", String(16), primary_key=True),
    _tenant(),
    Column("count", BigInteger, nullable=False),
)

shopper_reports = Table(
    "shopper_reports",
    metadata,
    Column("id", String(ID), primary_key=True),
    _tenant(),
    Column("publication", String(ID), ForeignKey("publications.id", ondelete="CASCADE"), nullable=False),
    Column("variant", String(NAME), nullable=False),
    Column("note", Text, nullable=False),
    Column("created", Float, nullable=False),
    Index("shopper_reports_of", "tenant", "publication", "id"),
)

# On Postgres each of these is closed to every tenant but the transaction's own.
TENANTED = (
    articles, pictures, stages, keys, jobs, events, idempotency, batches, batch_rows, endpoints, deliveries, decisions,
    publications, publication_counts, shopper_reports,
)  # fmt: skip
