"""The record of one article: what was said, what was drawn, how it was judged, and all that is needed to remake it."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from serve_app.delivery.ruling import Delivery

Status = Literal["succeeded", "planned", "needs_answer", "rejected", "failed"]
State = Literal["pass", "fail", "unknown"]


def picture_url(sha256: str | None) -> str | None:
    """Where the service shows a picture, relative to its own address."""
    return f"/v1/pictures/{sha256}.png" if sha256 else None


class SourceRow(BaseModel):
    """Where the article stands in its sheet; `row` is 1-based without the header."""

    model_config = ConfigDict(extra="forbid")
    file: str
    row: int


class Suggestion(BaseModel):
    """An answer to choose: its canonical value, how likely it is, 0-1, and its names by language."""

    model_config = ConfigDict(extra="forbid")
    value: str
    share: float
    names: dict[str, str]


class Question(BaseModel):
    """The one question that completes a listing, with suggested answers in the label vocabulary.

    `suggested` says more of the same `suggestions`; `removes`: bits of ambiguity that an answer takes away on average.
    """

    model_config = ConfigDict(extra="forbid")
    attribute: str
    text: dict[str, str]
    suggestions: list[str]
    suggested: list[Suggestion] = Field(default_factory=list)
    removes: float = 0.0


class OpenAttribute(BaseModel):
    """What the listing does not settle, in bits; `contested`: values between which its own words leave the choice."""

    model_config = ConfigDict(extra="forbid")
    attribute: str
    bits: float
    contested: list[str] = Field(default_factory=list)


class Completeness(BaseModel):
    """`score`: share of the picture's ambiguity that the listing removes, 0-1; `question`: what is best asked next."""

    model_config = ConfigDict(extra="forbid")
    score: float
    open: list[OpenAttribute]
    question: Question | None = None


class Fault(BaseModel):
    """Why there is no picture: a stable code, what was wrong with the value, what to do."""

    model_config = ConfigDict(extra="forbid")
    code: str
    reason: str


class Finding(BaseModel):
    """One check of the verdict: measured `value` against `threshold` in `unit`, with the reason in words."""

    model_config = ConfigDict(extra="forbid")
    state: State
    expected: str | None = None
    value: float | None = None
    threshold: float | None = None
    unit: str = ""
    reason: str
    reason_de: str = ""


class Candidate(BaseModel):
    """One rendered candidate: its seed, what it scored and whether it was taken.

    `remedy_for`: checks that an earlier one failed, for which this one was drawn; `as_drawn`: its score before the
    `repairs`, checks that its pixels could be brought to pass; `failed`: those that it fails all the same.
    """

    model_config = ConfigDict(extra="forbid")
    seed: int
    clip_score: float | None
    score_10: float | None
    chosen: bool = False
    fault: Fault | None = None
    size: list[int] = Field(default_factory=list)
    draft: bool = False
    remedy_for: list[str] = Field(default_factory=list)
    as_drawn: float | None = None
    repairs: list[str] = Field(default_factory=list)
    failed: list[str] = Field(default_factory=list)


class Cost(BaseModel):
    """What an article took, and at most might: pictures drawn, drafts among them, seconds of the renderer's device."""

    model_config = ConfigDict(extra="forbid")
    pictures: int
    drafts: int
    device_seconds: float
    most_pictures: int
    most_device_seconds: float | None


class Family(BaseModel):
    """How well the colourways of an article go together, each measured against `base`, the worst one counting.

    `framing_iou` of their outlines as delivered; `light_distance` in L* between histograms of light, at most `limit`.
    """

    model_config = ConfigDict(extra="forbid")
    base: str
    members: list[str]
    framing_iou: float
    light_distance: float
    limit: float
    consistent: bool


class Record(BaseModel):
    """The JSON record of one picture or of one row that got none; scores are None where nothing was rendered.

    `planned`: a dry run, which says what would be drawn. `shadow`: what each check would have said under the limits of
    a calibration that is not in force yet. `derived_from`: the colourway whose picture was dyed for this one.
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
    cost: Cost | None = None
    size: list[int] = Field(default_factory=list)
    adapter: str | None = None
    policy: str = "ask"
    models: dict[str, Any] = Field(default_factory=dict)
    clip_score: float | None = None
    verdict: dict[str, Finding] = Field(default_factory=dict)
    score_10: float | None = None
    derived_from: str | None = None
    family: Family | None = None
    shadow: dict[str, State] = Field(default_factory=dict)
    status: Status
    completeness: Completeness | None = None
    question: Question | None = None
    rejection: Fault | None = None
    failure: Fault | None = None
    timings: dict[str, float] = Field(default_factory=dict)
    notes: list[str] = Field(default_factory=list)
    image_path: str | None = None
    sha256: str | None = None
    delivery: Delivery | None = None
