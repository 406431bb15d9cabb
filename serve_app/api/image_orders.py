"""What the images API takes, and the job that each request becomes."""

import re
from dataclasses import replace
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from models.domain import ControlKind
from serve_app.api.numbers import LARGEST, only_number, only_switch
from serve_app.jobs.job import Order
from serve_app.stories.house import ADAPTERS

MODEL = re.compile(rf"vitrine(:(?P<adapter>{ADAPTERS}))?")
RETOUCHER = "retoucher"
MOST_PICTURES = 16  # of one edit, as the package's documentation promises
STRENGTHS = {"low": 0.75, "high": 0.5}  # input_fidelity: how much of the picture is drawn anew


class ImageRequest(BaseModel):
    """The parameters of `client.images` that mean something here; every other one is refused."""

    model_config = ConfigDict(extra="forbid")
    prompt: str = Field(min_length=1, max_length=4000, pattern=r"^[^\x00]*$")
    model: str = Field(
        default="vitrine", pattern=rf"^vitrine(:{ADAPTERS})?$", description="vitrine, or vitrine:<adapter>"
    )
    n: int = Field(default=1, ge=1, le=8)
    size: str = Field(default="auto", pattern=r"^(auto|[1-9]\d{1,3}x[1-9]\d{1,3})$", description="WIDTHxHEIGHT")
    response_format: Literal["b64_json", "url"] = "b64_json"
    output_format: Literal["png", "jpeg", "webp"] = "png"
    output_compression: int = Field(default=95, ge=1, le=100, description="quality of jpeg and webp")
    background: Literal["auto", "opaque"] = "auto"
    quality: Literal["auto"] = "auto"
    stream: bool = Field(default=False, description="server-sent events: partial images, then each finished one")
    partial_images: int = Field(default=0, ge=0, le=3, description="of each picture, at most 512 pixels a side")
    seed: int = Field(default=0, ge=0, le=LARGEST, description="an addition: through the package, extra_body")
    user: str | None = Field(default=None, max_length=128, pattern=r"^[^\x00]*$", description="kept with the job")

    def order(self, tenant: str, within_s: float | None, original: dict[str, Any] | None = None) -> Order:
        """The job that draws it; `original` names the stored pictures of an edit."""
        found = MODEL.fullmatch(self.model)
        what: dict[str, Any] = {
            "prompt": self.prompt,
            "count": self.n,
            "seed": self.seed,
            "size": None if self.size == "auto" else [int(side) for side in self.size.split("x")],
            "adapter": found.group("adapter") if found else None,
            "output": [self.output_format, self.output_compression],
        }
        options: dict[str, Any] = {"user": self.user} if self.user else {}
        if self.stream and self.partial_images:
            options["previews"] = self.partial_images
        return Order(tenant, "image", what | ({"original": original} if original else {}), options, deadline=within_s)


class GenerationRequest(ImageRequest):
    """The body of `client.images.generate`."""

    _numbers = field_validator("n", "output_compression", "partial_images", "seed", mode="before")(only_number)
    _switches = field_validator("stream", mode="before")(only_switch)


class EditRequest(ImageRequest):
    """The fields of `client.images.edit` beside its files."""

    model: str = Field(
        default="vitrine",
        pattern=rf"^(vitrine(:{ADAPTERS})?|retoucher)$",
        description="vitrine, vitrine:<adapter>, or retoucher, which paints around what the mask keeps",
    )
    negative_prompt: str | None = Field(
        default=None,
        max_length=1000,
        pattern=r"^[^\x00]*$",
        description="what must not appear; read by the retoucher",
    )
    guidance: float | None = Field(
        default=None, ge=0, le=30, description="how closely to follow the prompt; read by the retoucher"
    )
    control: ControlKind | None = Field(
        default=None, description="what the second picture shows; read by the retoucher"
    )
    input_fidelity: Literal["low", "high"] | None = Field(
        default=None, description="without a mask: how close the result stays to the picture (high: half is drawn anew)"
    )

    def order(self, tenant: str, within_s: float | None, original: dict[str, Any] | None = None) -> Order:
        order = super().order(tenant, within_s, original)
        if self.model != RETOUCHER:
            return order
        told = {"negative_prompt": self.negative_prompt or "", "guidance": self.guidance, "control": self.control}
        return replace(order, input=order.input | {"retouch": told})

    @property
    def strength(self) -> float | None:
        return STRENGTHS[self.input_fidelity] if self.input_fidelity else None


class GeneratedImage(BaseModel):
    """One picture, as base64 or by its address."""

    b64_json: str | None = None
    url: str | None = None


class ImageAnswer(BaseModel):
    """What the package reads; `created` in seconds since 1970."""

    created: int
    data: list[GeneratedImage]
    output_format: str
    background: Literal["opaque"] = "opaque"
