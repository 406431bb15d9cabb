"""What the API takes and gives; unknown fields are refused."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from serve_app.api.numbers import LARGEST, ONLY_NUMBER, Whole, only_switch
from serve_app.catalogue.completeness.visible import ATTRIBUTES, Attribute
from serve_app.catalogue.record import Record, picture_url
from serve_app.delivery import profile
from serve_app.stories.house import ADAPTERS
from serve_app.webhooks.endpoints import MOST_CHARACTERS, Event

# Longer than any column that the intake accepts, so that its own refusal with its reason can be given.
Text = Annotated[str, Field(max_length=32_000, pattern=r"^[^\x00]*$")]

Said = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^\x00]*$")]
Marketplace = Annotated[str, AfterValidator(profile.known), Field(json_schema_extra={"enum": list(profile.names())})]
Answers = Annotated[dict[Attribute, Said], Field(max_length=len(ATTRIBUTES))]


class Spend(BaseModel):
    """What one article may cost."""

    model_config = ConfigDict(extra="forbid")
    pictures: Annotated[int, Field(ge=1, le=16), ONLY_NUMBER] | None = Field(
        default=None, description="drawn at most, drafts included; None: one more than the candidates, if several"
    )
    device_seconds: Annotated[float, Field(gt=0, le=3600), ONLY_NUMBER] | None = Field(
        default=None, description="of the renderer: no picture begins that is not foreseen to fit"
    )


class ArticleOptions(BaseModel):
    """How the article is to be drawn. The same options give the same picture."""

    model_config = ConfigDict(extra="forbid")
    seed: Whole = Field(default=0, ge=0, le=LARGEST, description="run seed; every article derives its own from it")
    candidates: Whole = Field(default=2, ge=1, le=8, description="pictures of which the best is delivered")
    cascade: Annotated[bool, BeforeValidator(only_switch)] = Field(
        default=True, description="one after the other, until one fails no check (drafts first); else all at once"
    )
    budget: Spend = Field(default_factory=Spend, description="what failed is drawn anew within it")
    size: Annotated[int, Field(ge=64, le=2048, multiple_of=16), ONLY_NUMBER] | None = Field(
        default=None, description="side in pixels; None: the pack's"
    )
    adapter: str | None = Field(
        default=None,
        pattern=rf"^{ADAPTERS}$",
        description="LoRA, as /v1/models lists them; sketch:0.6 with a weight, sketch:0.6+room several",
    )
    policy: str = Field(
        default="ask",
        pattern=r"^(ask|skip|neutral|colourways=([1-9]|1[0-2]))$",
        description="what to do when the listing names no base colour",
    )
    profile: Marketplace | None = Field(
        default=None, description="marketplace by whose rules the picture is delivered once more, with its verdict"
    )
    answers: Answers = Field(
        default_factory=dict, description="what the seller said to a question: attribute (as asked) -> text"
    )

    def story(self) -> dict[str, Any]:
        """As the story's options name them."""
        flat = self.model_dump(exclude={"seed", "budget"})
        return {"run_seed": self.seed, **flat, **self.budget.model_dump()}


class Columns(BaseModel):
    """One listing: the four columns of a sheet's row."""

    model_config = ConfigDict(extra="forbid")
    name: Text = ""
    description: Text = ""
    model_name: Text = ""
    model_descr: Text = ""

    def columns(self) -> dict[str, str]:
        return {name: getattr(self, name) for name in Columns.model_fields}


class ArticleRequest(Columns):
    """A listing and how to draw it."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "name": "Herren-Hemd",
                "description": "Freizeithemd mit Kentkragen und Brusttasche, langarm",
                "model_name": "Hr-Hemd 1/1",
                "model_descr": "blau-weiß kariert",
                "options": {"seed": 7, "candidates": 2},
            }
        },
    )
    options: ArticleOptions = Field(default_factory=ArticleOptions)


class JobRequest(BaseModel):
    """What is to be done; `kind` decides what `input` and `options` hold."""

    model_config = ConfigDict(extra="forbid")
    kind: Literal["article"] = "article"
    input: Columns
    options: ArticleOptions = Field(default_factory=ArticleOptions)
    lane: Literal["interactive", "catalogue"] = Field(
        default="interactive", description="interactive jobs go before those of a catalogue"
    )


class AnswersRequest(BaseModel):
    """Answers to the question of a job that awaits them."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"answers": {"colours": "dunkelblau"}}})
    answers: Annotated[Answers, Field(min_length=1)]


class JobAnswer(BaseModel):
    """A job as it stands; times in ISO 8601, `result` once it is over."""

    id: str
    object: Literal["job"] = "job"
    kind: str
    state: str = Field(
        description="queued, running, paused, succeeded, awaiting_answer, awaiting_review, approved, rejected, "
        "failed, canceled"
    )
    lane: str
    attempts: int
    batch: str | None
    row: int | None
    created_at: str | None
    started_at: str | None
    finished_at: str | None
    cancel_asked: bool
    queue_position: int | None = None
    eta_seconds: float | None = None
    result: dict[str, Any] | None
    error: dict[str, Any] | None


class JobList(BaseModel):
    """A page of jobs; `next_cursor` is None on the last one."""

    object: Literal["list"] = "list"
    data: list[JobAnswer]
    next_cursor: str | None


class EndpointRequest(BaseModel):
    """Where to send which events."""

    model_config = ConfigDict(extra="forbid")
    url: str = Field(
        max_length=MOST_CHARACTERS,
        pattern=r"^https?://[!-~]+$",
        description="https or http, of a public address",
        examples=["https://shop.example/hooks"],
    )
    events: list[Event | Literal["*"]] = Field(
        default=["*"], min_length=1, max_length=10, description="what is told there; * for all"
    )


class EndpointAnswer(BaseModel):
    """A webhook endpoint; `secret` only where it was just made."""

    id: str
    object: Literal["webhook"] = "webhook"
    url: str
    events: list[str]
    disabled: str | None
    secret: str | None


class EndpointList(BaseModel):
    """All of a tenant's endpoints; there are at most twenty."""

    object: Literal["list"] = "list"
    data: list[EndpointAnswer]


class ArticleAnswer(Record):
    """The record and where its picture is; `colourways` holds the further ones when the policy asked for several."""

    picture_url: str | None = None
    colourways: list["ArticleAnswer"] = Field(default_factory=list)


class ProblemDocument(BaseModel):
    """RFC 9457 with the member `error` that SDKs read."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    request_id: str
    error: dict[str, str | None]
    record: dict[str, Any] | None = None
    job: str | None = None


def answer(records: list[Record]) -> ArticleAnswer:
    """The answer for the records of one article, the first one leading."""
    first, *others = [
        ArticleAnswer(**record.model_dump(), picture_url=picture_url(record.sha256)) for record in records
    ]
    first.colourways = others
    return first
