"""What the routes of batches take and give."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from serve_app.api.numbers import only_switch
from serve_app.api.schemas import ArticleOptions

DRY_RUN = Field(
    default=False, description="true: attributes, prompts, rule checks and a quote for every row; nothing is drawn"
)
COLUMN = "(name|description|model_name|model_descr)"
COLUMNS = Field(
    default="",
    max_length=1000,
    pattern=rf"^({COLUMN} *=[^,\x00]*(, *{COLUMN} *=[^,\x00]*)*)?$",
    description="the sheet's own names of the columns: name=Titel,model_descr=Text",
)


class BatchRequest(BaseModel):
    """A feed by its address, and how its articles are to be drawn."""

    model_config = ConfigDict(extra="forbid")
    source_url: str = Field(
        max_length=2000,
        pattern=r"^https?://[!-~]+$",
        description="http or https, of a public address; the name ends in .csv ...",
    )
    options: ArticleOptions = Field(default_factory=ArticleOptions)
    columns: str = COLUMNS
    dry_run: bool = DRY_RUN

    _switch = field_validator("dry_run", mode="before")(only_switch)


class BatchForm(BaseModel):
    """The fields beside `file` of a multipart form; `options` is JSON."""

    model_config = ConfigDict(extra="forbid")
    options: ArticleOptions = Field(default_factory=ArticleOptions)
    columns: str = COLUMNS
    dry_run: bool = DRY_RUN


class Quote(BaseModel):
    """What would be drawn of the rows that a dry run has looked at: an estimate, no offer."""

    rows: int = Field(description="rows whose dry run is over")
    articles: int = Field(description="different articles among them that can be drawn")
    pictures: int = Field(description="all candidates of all colourways; a cascade may draw fewer")
    seconds: float | None = Field(description="by the pace of the articles drawn last; null when there were none")
    cost_eur: float
    basis: list[str] = Field(description="what the seconds and the cost rest on")


class BatchAnswer(BaseModel):
    """A batch as it stands; times in ISO 8601."""

    id: str
    object: Literal["batch"] = "batch"
    name: str
    state: str = Field(description="queued, running, paused, finished, failed, canceled")
    total: int | None = Field(description="rows of the feed; null until its end was read")
    taken: int = Field(description="rows that have become jobs or refusals")
    counts: dict[str, int] = Field(description="rows by state; queued: their job is not over")
    error: dict[str, Any] | None
    dry_run: bool
    quote: Quote | None = Field(description="of a dry run, of the rows looked at so far")
    created_at: str
    finished_at: str | None


class BatchList(BaseModel):
    """A page of batches; `next_cursor` is None on the last one."""

    object: Literal["list"] = "list"
    data: list[BatchAnswer]
    next_cursor: str | None


class BatchRowAnswer(BaseModel):
    """One row of the feed, 1-based without its header; rows of the same article share a job."""

    row: int
    state: str
    article_id: str | None
    job: str | None
    error: dict[str, Any] | None


class BatchRowList(BaseModel):
    """A page of rows; `next_cursor` is the last row's number, None on the last page."""

    object: Literal["list"] = "list"
    data: list[BatchRowAnswer]
    next_cursor: int | None
