"""What the routes of batches take and give."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from serve_app.api.schemas import ArticleOptions


class BatchRequest(BaseModel):
    """A feed by its address, and how its articles are to be drawn."""

    model_config = ConfigDict(extra="forbid")
    source_url: str = Field(
        max_length=2000, description="http or https, of a public address; the name ends in .csv ..."
    )
    options: ArticleOptions = Field(default_factory=ArticleOptions)
    columns: str = Field(
        default="", max_length=1000, description="the sheet's own names of the columns: name=Titel,model_descr=Text"
    )
    dry_run: bool = Field(default=False, description="not offered yet; true is refused")


class BatchForm(BaseModel):
    """The fields beside `file` of a multipart form; `options` is JSON."""

    model_config = ConfigDict(extra="forbid")
    options: ArticleOptions = Field(default_factory=ArticleOptions)
    columns: str = Field(default="", max_length=1000)
    dry_run: bool = False


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
