"""The record of one article: what was said, what was drawn, how it was judged, and all that is needed to remake it."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from serve_app.delivery.ruling import Delivery

Status = Literal["succeeded", "planned", "needs_answer", "rejected", "failed"]


def picture_url(sha256: str | None) -> str | None:
    """Where the service shows a picture, relative to its own address."""
    return f"/v1/pictures/{sha256}.png" if sha256 else None


class SourceRow(BaseModel):
    """Where the article stands in its sheet; `row` is 1-based without the header."""

    model_config = ConfigDict(extra="forbid")
    file: str
    row: int


class Question(BaseModel):
    """The one question that completes a listing, with suggested answers in the label vocabulary."""

    model_config = ConfigDict(extra="forbid")
    attribute: str
    text: dict[str, str]
    suggestions: list[str]


class Fault(BaseModel):
    """Why there is no picture: a stable code, what was wrong with the value, what to do."""

    model_config = ConfigDict(extra="forbid")
    code: str
    reason: str


class Finding(BaseModel):
    """One check of the verdict: measured `value` against `threshold` in `unit`, with the reason in words."""

    model_config = ConfigDict(extra="forbid")
    state: Literal["pass", "fail", "unknown"]
    expected: str | None = None
    value: float | None = None
    threshold: float | None = None
    unit: str = ""
    reason: str
    reason_de: str = ""


class Candidate(BaseModel):
    """One rendered candidate: its seed, what it scored and whether it was taken."""

    model_config = ConfigDict(extra="forbid")
    seed: int
    clip_score: float | None
    score_10: float | None
    chosen: bool = False
    fault: Fault | None = None


class Record(BaseModel):
    """The JSON record of one picture or of one row that got none; scores are None where nothing was rendered.

    `planned`: a dry run, which says what would be drawn.
    """

    model_config = ConfigDict(extra="forbid")
    article_id: str
    source_rows: list[SourceRow] = Field(default_factory=list)
    source: dict[str, str]
    original_description: str
    translation: str = ""
    attributes: dict[str, Any] = Field(default_factory=dict)
    ledger: list[dict[str, Any]] = Field(default_factory=list)
    dropped: list[dict[str, Any]] = Field(default_factory=list)
    generation_prompt: str = ""
    clip_prompt: str = ""
    negative_prompt: str = ""
    prompt_template: str = ""
    prompt_sources: list[dict[str, Any]] = Field(default_factory=list)
    seed: int
    run_seed: int
    candidates: list[Candidate] = Field(default_factory=list)
    size: list[int] = Field(default_factory=list)
    adapter: str | None = None
    policy: str = "ask"
    models: dict[str, Any] = Field(default_factory=dict)
    clip_score: float | None = None
    verdict: dict[str, Finding] = Field(default_factory=dict)
    score_10: float | None = None
    status: Status
    question: Question | None = None
    rejection: Fault | None = None
    failure: Fault | None = None
    timings: dict[str, float] = Field(default_factory=dict)
    notes: list[str] = Field(default_factory=list)
    image_path: str | None = None
    sha256: str | None = None
    delivery: Delivery | None = None
