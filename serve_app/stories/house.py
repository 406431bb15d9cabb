"""What the serving models bring with them: language, picture size, adapters, thresholds, facts for the record."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from models.domain import Refusal, WeightedAdapter
from serve_app.catalogue.framing import fitted
from serve_app.catalogue.verdict import Thresholds

RECORDED = ("kind", "pack", "version", "repository", "revision", "licence", "engine", "dtype", "digest")
SIDE = 256  # pixels, where a double announces no size
FINISH = 0.5  # of the steps
WORTH_DRAFTING = 2  # times the pixels of a draft
Backdrop = Literal["white", "own"]
_ONE = r"[a-z0-9_-]{1,64}(:-?([01](\.[0-9]{1,3})?|2))?"
ADAPTERS = rf"{_ONE}(\+{_ONE}){{0,7}}"  # names with weights from -2 to 2; the renderer says how many act together


@dataclass(frozen=True)
class Adapter:
    """A LoRA as the renderer announces it; `backdrop` "own" keeps what is behind the garment; `sha256` of its file."""

    trigger: str = ""
    backdrop: Backdrop = "white"
    licence: str = ""
    sha256: str | None = None


@dataclass(frozen=True)
class House:
    """Facts of the deployments, read once per article."""

    language: str
    size: tuple[int, int]
    adapters: Mapping[str, Adapter]
    thresholds: Thresholds
    draft: int | None  # longer side in pixels of a picture that tells what a large one will show
    finish: float  # strength with which a draft is drawn large
    models: dict[str, dict[str, Any]]

    @classmethod
    def of(cls, facts: Mapping[str, Mapping[str, Any]]) -> "House":
        """From role -> facts as the deployments give them; a missing fact takes the starter pack's value."""
        options = {role: about.get("options", {}) for role, about in facts.items()}
        drawn = options.get("renderer", {})
        adapters = facts.get("renderer", {}).get("adapters", {})
        return cls(
            language=options.get("translator", {}).get("source_language", "de"),
            size=(drawn.get("width", SIDE), drawn.get("height", SIDE)),
            adapters={name: Adapter(**entry) for name, entry in adapters.items()},
            draft=drawn.get("draft"),
            finish=drawn.get("finish", FINISH),
            thresholds=Thresholds.model_validate(facts.get("scorer", {}).get("thresholds", {})),
            models={role: {key: about[key] for key in RECORDED if key in about} for role, about in facts.items()},
        )

    def drafted(self, size: tuple[int, int], pictures: int) -> tuple[int, int] | None:
        """(width, height) of a draft for a picture of `size`; None where it would save nothing or not be finished."""
        if self.draft is None or pictures < 2 or math.prod(size) < WORTH_DRAFTING * self.draft**2:
            return None
        return fitted(size, (self.draft, self.draft))

    def chosen(self, text: str | None) -> tuple[WeightedAdapter, ...] | Refusal:
        """The adapters that an order names, as `adapters_of` reads them."""
        chosen = () if text is None else adapters_of(text)
        for one in chosen:
            if one.name not in self.adapters:
                known = ", ".join(sorted(self.adapters)) or "none"
                return Refusal("unknown_adapter", f"the renderer holds no adapter {one.name!r}; it holds: {known}")
        return chosen

    def prompted(self, prompt: str, chosen: Sequence[WeightedAdapter]) -> str:
        """The prompt behind the triggers of its adapters."""
        triggers = [self.adapters[one.name].trigger for one in chosen]
        return ", ".join([*filter(None, triggers), prompt])

    def backdrop(self, chosen: Sequence[WeightedAdapter]) -> Backdrop:
        """What a picture of these adapters has behind the garment."""
        return "own" if any(self.adapters[one.name].backdrop == "own" for one in chosen) else "white"


def adapters_of(text: str) -> tuple[WeightedAdapter, ...]:
    """ "sketch", "sketch:0.6" or several joined by "+"; a text that `ADAPTERS` matches."""
    pairs = [one.partition(":") for one in text.split("+")]
    return tuple(WeightedAdapter(name, float(weight) if weight else 1.0) for name, _, weight in pairs)
