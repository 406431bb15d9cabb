"""What the stages cost, as the twin needs it: a table of its own, or a Serve config whose models only wait."""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import numpy as np
import yaml
from pydantic import BaseModel, ConfigDict, Field, PositiveFloat, PositiveInt, ValidationError

from models.errors import VitrineError

Seconds = float
Where = Literal["cores", "device"]
NICE = 1.25  # the factor by which one step of niceness changes a share of a core (Linux)


class CapacityError(VitrineError):
    """What was given does not describe a service or its traffic; says what is wrong and what to give."""


class Cost(BaseModel):
    """Of one call of a stage: a batch of n takes `fixed_s + n * each_s` of a core or of the replica's device, and
    every call `wait_s` that nothing is busy for (transport, disk)."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    fixed_s: Seconds = Field(default=0.0, ge=0)
    each_s: Seconds = Field(default=0.0, ge=0)
    wait_s: Seconds = Field(default=0.0, ge=0)
    scatter: float = Field(default=0.0, ge=0, le=3)  # standard deviation of the logarithm from call to call
    together: int = Field(default=1, ge=1)  # calls that one batch takes
    room: int = Field(default=64, ge=1)  # calls that a replica holds; the router keeps the others
    on: Where = "cores"
    nice: int = Field(default=0, ge=0, le=19)
    start_s: Seconds = Field(default=15.0, ge=0)  # until a new replica serves, on a node that is there

    @property
    def weight(self) -> float:
        return math.pow(NICE, -self.nice)

    @property
    def alone_s(self) -> Seconds:
        """One call that meets nobody."""
        return self.fixed_s + self.each_s + self.wait_s

    @property
    def full_s(self) -> Seconds:
        """Device-seconds of one call where batches are full: what a replica's time is worth."""
        return self.fixed_s / self.together + self.each_s


class Drawing(Cost):
    """The renderer: `fixed_s + n * each_s` is one denoising step of n pictures; text before, a picture's file after."""

    steps: int = Field(default=4, ge=1)
    begin_s: Seconds = Field(default=0.0, ge=0)
    decode_s: Seconds = Field(default=0.0, ge=0)
    swap_s: Seconds = Field(default=0.0, ge=0)  # when another set of adapters comes in place
    decoders: int = Field(default=1, ge=1)

    @property
    def alone_s(self) -> Seconds:
        return self.begin_s + self.steps * (self.fixed_s + self.each_s) + self.decode_s + self.wait_s

    @property
    def full_s(self) -> Seconds:
        return self.begin_s + self.steps * super().full_s + self.decode_s


class Kind(BaseModel):
    """A kind of order, such as drafts: its share of what comes without a kind, its work in terms of the table's."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    share: float = Field(default=1.0, ge=0)
    drawing: float = Field(default=1.0, gt=0)  # of the renderer's seconds
    looking: float = Field(default=1.0, gt=0)  # of all that follows
    side: int = Field(default=256, ge=16)  # pixels: who steps together
    redrawn: float = Field(default=0.0, ge=0, le=1)  # share of pictures after which another one is drawn
    pictures: int = Field(default=1, ge=1)  # at most
    lane: Literal["interactive", "catalogue"] = "interactive"

    @property
    def candidates(self) -> float:
        """Pictures of an order on average."""
        return sum(self.redrawn**further for further in range(self.pictures))


class Pace(BaseModel):
    """From `at_s` on, work on shared cores takes so many times as long: others have work for the same machine."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    at_s: Seconds = Field(ge=0)
    times: float = Field(gt=0)


class Costs(BaseModel):
    """A service's stages, machine and orders. Seconds are those of a quiet machine, changed by its course."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    cores: float = Field(default=0.0, ge=0)  # that all stages `on: cores` share; 0: each replica has one of its own
    speeds: dict[PositiveInt, PositiveFloat] = {}  # of the shared cores while so many orders are in work; 1 with one
    background: float = Field(default=0.0, ge=0)  # cores that are busy whatever comes
    course: tuple[Pace, ...] = ()  # of the shared cores, from the beginning of the traffic
    moment: float = Field(default=0.0, ge=0, le=1)  # scatter that all stages of an order have in common
    accept: Cost = Cost(each_s=0.008)  # the ingress: a request in, its answer out
    conduct: Cost = Cost(each_s=0.02)  # the conductor's loop: one thread per replica
    read: Cost = Cost(each_s=0.02)  # its threads before a picture is drawn
    judge: Cost = Cost(each_s=0.04)  # and after it
    seal: Cost = Cost(each_s=0.04, wait_s=0.02)  # marked, signed, stored, committed
    translator: Cost
    extractor: Cost
    renderer: Drawing
    scorer: Cost
    segmenter: Cost
    extracted: float = Field(default=1.0, ge=0, le=1)  # share of listings that the extractor is shown
    adapters: tuple[float, ...] = (1.0,)  # shares of adapter sets, the first one being none
    kinds: dict[str, Kind] = Field(default_factory=lambda: {"article": Kind()})
    node_s: Seconds = Field(default=180.0, ge=0)  # until a new GPU node is there, image and weights on it

    def speed(self, orders: int) -> float:
        """Of the shared cores, in terms of that for one order; straight between those given, the last one beyond."""
        known = dict(sorted(({1: 1.0} | self.speeds).items()))
        return float(np.interp(orders, list(known), list(known.values())))

    def drawn(self, rendered: bool, lane: str | None = None) -> float:
        """Pictures of a mean order (of a lane), in terms of one of the table's: as they are drawn, or looked at."""
        kinds = [kind for kind in self.kinds.values() if lane in (None, kind.lane)]
        shares = sum(kind.share for kind in kinds)
        work = sum(kind.share * kind.candidates * (kind.drawing if rendered else kind.looking) for kind in kinds)
        return work / shares if shares else 0.0


def read(path: Path) -> Costs:
    """A cost table (YAML or JSON), or a Serve config of models that wait; raises CapacityError."""
    try:
        document = yaml.safe_load(path.read_text("utf-8"))
        return waited(document) if isinstance(document, dict) and "applications" in document else Costs(**document)
    except OSError as error:
        raise CapacityError(f"cannot read {path}: {error.strerror}") from None
    except (yaml.YAMLError, ValidationError, TypeError) as error:
        raise CapacityError(f"{path} is no cost table: {error}") from None


def waited(document: Mapping[str, Any]) -> Costs:
    """The costs of doubles, whose batch takes `delay_s` however full it is; raises CapacityError for real models."""
    recipes = {one["name"]: one.get("user_config") or {} for one in document["applications"][0]["deployments"]}
    real = [name for name, recipe in recipes.items() if recipe and recipe.get("kind") != "double"]
    if real:
        raise CapacityError(f"{', '.join(real)}: a Serve config tells no costs of real models; give a cost table")
    delays = {name: float(recipe.get("delay_s", 0.0)) for name, recipe in recipes.items()}
    stages = {
        name: Cost(fixed_s=delays.get(name, 0.0), together=together, room=room, on="device", start_s=2.0)
        for name, together, room in BATCHES
    }
    drawing = Drawing(fixed_s=delays.get("renderer", 0.0) / 4, steps=4, together=4, on="device", start_s=2.0)
    return Costs.model_validate({"renderer": drawing, **stages})


BATCHES = (("translator", 16, 32), ("extractor", 8, 64), ("scorer", 16, 32), ("segmenter", 8, 16))
"""Role, calls of a batch, calls that a replica holds: as the deployments have them."""
