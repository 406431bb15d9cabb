"""What is said and answered of published pictures."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from serve_app.publications.publication import Goal, Kind
from serve_app.publications.results import AsPictured
from serve_app.publications.trial import State

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._-]{0,63}$")]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", description="of the picture's file")]
MOST = 10**9  # events of one kind in one post; their sum over years stays within 64 bits


class VariantModel(BaseModel):
    """One picture of the article."""

    model_config = ConfigDict(extra="forbid")
    name: Name
    picture: Sha256
    audience: Name | None = Field(default=None, description="whom it is for; variants of one audience are compared")
    share: float = Field(default=1.0, gt=0, le=1e6, allow_inf_nan=False, description="weight against its rivals")


class PublicationRequest(BaseModel):
    """Where an article's picture is shown, in one or several variants."""

    model_config = ConfigDict(extra="forbid")
    article_id: Annotated[str, Field(pattern=r"^[!-~]{1,64}$")]
    channel: Name
    goal: Goal = "click"
    variants: Annotated[list[VariantModel], Field(min_length=1, max_length=8)]


class HappenedModel(BaseModel):
    """Events of one kind that happened to one variant."""

    model_config = ConfigDict(extra="forbid")
    variant: Name
    kind: Kind = Field(description="report: a shopper says that the article is not as pictured")
    count: int = Field(default=1, ge=1, le=MOST)
    note: str = Field(default="", max_length=2000, pattern=r"^[^\x00]*$", description="what the shopper reported")


class EventsRequest(BaseModel):
    """What happened since the last post; all of it is counted, or none."""

    model_config = ConfigDict(extra="forbid")
    events: Annotated[list[HappenedModel], Field(min_length=1, max_length=1000)]


class Rate(BaseModel):
    """A share with its exact interval of 95 %."""

    value: float
    low: float
    high: float


class ResultAnswer(BaseModel):
    """What became of a variant; a rate is null where there are more events than occasions."""

    name: str
    picture: str
    picture_url: str | None = Field(description="null: the file is not the service's own")
    audience: str | None
    share: float
    counts: dict[Kind, int]
    click_rate: Rate | None
    conversion_rate: Rate | None
    report_rate: Rate | None = Field(description="reports of all sold")
    as_pictured: AsPictured


class DuelAnswer(BaseModel):
    """A variant's rate over that of the first one of its audience; the interval holds however often one looks."""

    variant: str
    against: str
    ratio: float | None
    low: float
    high: float | None
    state: State


class NoteAnswer(BaseModel):
    variant: str
    note: str
    created_at: str


class PublicationAnswer(BaseModel):
    """A publication with what shoppers did; `stop`: every comparison is decided, `best`: what to show per audience."""

    id: str
    object: Literal["publication"] = "publication"
    article_id: str
    channel: str
    goal: Goal
    variants: list[ResultAnswer]
    comparisons: list[DuelAnswer]
    stop: bool
    best: dict[str, str] = Field(description="audience, or `all` -> variant")
    reports: list[NoteAnswer]
    created_at: str


class PublicationList(BaseModel):
    """A page, the newest first; `next_cursor` is null on the last one."""

    object: Literal["list"] = "list"
    data: list[PublicationAnswer]
    next_cursor: str | None


class AssignmentAnswer(BaseModel):
    """What a visitor sees, always the same."""

    publication: str
    variant: str
    picture: str
    picture_url: str | None
