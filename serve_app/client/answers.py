"""What the service answers, typed; `raw` is the whole document, with fields that this version does not know."""

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from typing import Any, Generic, Literal, TypedDict, TypeVar

from .errors import StrangeAnswerError

Lane = Literal["interactive", "catalogue"]
Choice = Literal["approved", "rejected"]
Format = Literal["jsonl", "csv", "xlsx", "zip"]
OVER = frozenset({"succeeded", "failed", "canceled", "rejected", "approved", "awaiting_answer", "awaiting_review"})

Item = TypeVar("Item")
Kind = TypeVar("Kind")


class Listing(TypedDict, total=False):
    """The four columns of an article."""

    name: str
    description: str
    model_name: str
    model_descr: str


class Options(TypedDict, total=False):
    """How an article is to be drawn; /docs of the service gives ranges and defaults."""

    seed: int
    candidates: int
    size: int
    adapter: str
    policy: str


@dataclass(frozen=True, slots=True)
class Article:
    """The record of one picture, or of a listing that got none: `status` rejected, failed or needs_answer."""

    article_id: str
    status: str
    attributes: dict[str, Any] = field(default_factory=dict)
    score_10: float | None = None
    sha256: str | None = None
    picture_url: str | None = None
    question: dict[str, Any] | None = None
    rejection: dict[str, Any] | None = None
    failure: dict[str, Any] | None = None
    raw: dict[str, Any] = field(default_factory=dict, repr=False)

    @property
    def colourways(self) -> list["Article"]:
        """The further ones of a policy that draws several."""
        return [article(other) for other in self.raw.get("colourways") or ()]


@dataclass(frozen=True, slots=True)
class Job:
    """A job as it stands; times in ISO 8601, `result` once it is over."""

    id: str
    state: str
    kind: str = "article"
    lane: str = "interactive"
    attempts: int = 0
    batch: str | None = None
    row: int | None = None
    created_at: str | None = None
    started_at: str | None = None
    finished_at: str | None = None
    cancel_asked: bool = False
    queue_position: int | None = None
    eta_seconds: float | None = None
    result: dict[str, Any] | None = None
    error: dict[str, Any] | None = None
    raw: dict[str, Any] = field(default_factory=dict, repr=False)

    @property
    def over(self) -> bool:
        return self.state in OVER

    @property
    def articles(self) -> list[Article]:
        """The records of an article's job; several for colourways, none before its end."""
        return [article(record) for record in (self.result or {}).get("records", ())]


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that a job told; `id` counts from 1 and is None for a place in the queue, which is not kept."""

    kind: str
    data: dict[str, Any]
    id: int | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch as it stands; `total` is None until the end of the feed was read, `counts` are rows by state.

    `quote` of a dry run: rows, articles, pictures, seconds, cost_eur and what they rest on.
    """

    id: str
    state: str
    name: str = ""
    total: int | None = None
    taken: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    error: dict[str, Any] | None = None
    dry_run: bool = False
    quote: dict[str, Any] | None = None
    created_at: str | None = None
    finished_at: str | None = None
    raw: dict[str, Any] = field(default_factory=dict, repr=False)

    @property
    def over(self) -> bool:
        return self.finished_at is not None

    @property
    def done(self) -> int:
        """Rows that have come to an end."""
        return sum(self.counts.values()) - self.counts.get("queued", 0)


@dataclass(frozen=True, slots=True)
class BatchRow:
    """One row of the feed, 1-based without its header; rows of the same article share a job."""

    row: int
    state: str
    article_id: str | None = None
    job: str | None = None
    error: dict[str, Any] | None = None
    raw: dict[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Decision:
    """What a seller decided about a picture; `checks` of a rejection are wrong, `verdict` is what each check had said.

    `replaced_by` names the decision that stands instead of this one.
    """

    id: str
    job: str
    article_id: str
    decision: str
    checks: list[str] = field(default_factory=list)
    note: str = ""
    verdict: dict[str, dict[str, Any]] = field(default_factory=dict)
    clip_score: float | None = None
    score_10: float | None = None
    picture_url: str | None = None
    decided_by: str | None = None
    replaced_by: str | None = None
    created_at: str | None = None
    raw: dict[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A webhook endpoint; `secret` only where it was just made, `disabled` says why nothing is sent."""

    id: str
    url: str
    events: list[str] = field(default_factory=list)
    disabled: str | None = None
    secret: str | None = field(default=None, repr=False)
    raw: dict[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Report:
    """How a file keeps the rules of a marketplace; `passes`: no required one is broken. A ruling is the document."""

    profile: str
    passes: bool
    rulings: list[dict[str, Any]]
    raw: dict[str, Any] = field(default_factory=dict, repr=False)

    @property
    def failed(self) -> list[dict[str, Any]]:
        """Required rules that the file breaks."""
        return [each for each in self.rulings if each.get("level") == "required" and each.get("state") == "fail"]


@dataclass(frozen=True, slots=True)
class Delivery:
    """The file that a marketplace takes: `pictures.get(url)` gives it, `steps` is how it was made."""

    profile: str
    passes: bool
    rulings: list[dict[str, Any]]
    format: str
    size: list[int]
    bytes: int
    sha256: str
    url: str
    steps: list[str] = field(default_factory=list)
    raw: dict[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Verification:
    """What a file says of itself, and `registry`: what the service knows of it among the caller's own."""

    sha256: str
    manifest: dict[str, Any]
    digital_source_type: str | None = None
    mark: dict[str, Any] | None = None
    registry: dict[str, Any] | None = None
    raw: dict[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Publication:
    """Where an article's picture is shown, and what shoppers did; `stop`: the comparisons of its variants are decided.

    `best` of those: audience, or `all`, -> name of the variant to show.
    """

    id: str
    article_id: str
    channel: str
    goal: str = "click"
    variants: list[dict[str, Any]] = field(default_factory=list)
    comparisons: list[dict[str, Any]] = field(default_factory=list)
    stop: bool = False
    best: dict[str, str] = field(default_factory=dict)
    reports: list[dict[str, Any]] = field(default_factory=list)
    created_at: str | None = None
    raw: dict[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Assignment:
    """The variant that a visitor sees; `picture_url` is None for a photograph that the service does not have."""

    variant: str
    picture: str
    picture_url: str | None = None
    raw: dict[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """A part of a list; `cursor` asks for the next one."""

    items: list[Item]
    cursor: str | int | None


def typed(kind: type[Kind], document: Mapping[str, Any]) -> Kind:
    """The document as a `kind`; raises StrangeAnswerError when it lacks what every version has."""
    names, needed = _fields(kind)
    missing = needed - set(document)
    if missing:
        raise StrangeAnswerError(f"the answer has no {sorted(missing)[0]!r}; is this the address of Vitrine's service?")
    make: Any = kind
    made: Kind = make(**{name: document[name] for name in names & set(document)}, raw=dict(document))
    return made


def article(document: Mapping[str, Any]) -> Article:
    return typed(Article, document)


def _fields(kind: Any) -> tuple[frozenset[str], frozenset[str]]:
    """Names of a kind's fields, and of those without a default."""
    found = [each for each in fields(kind) if each.name != "raw"]
    needed = [each for each in found if each.default is MISSING and each.default_factory is MISSING]
    return frozenset(each.name for each in found), frozenset(each.name for each in needed)
