"""What the serving models bring with them: language, picture size, adapters, thresholds, facts for the record."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from serve_app.catalogue.verdict import Thresholds

RECORDED = ("kind", "pack", "version", "repository", "revision", "licence", "engine", "dtype", "digest")
SIDE = 256  # pixels, where a double announces no size
Backdrop = Literal["white", "own"]


@dataclass(frozen=True)
class Adapter:
    """A LoRA as the renderer announces it; `backdrop` "own" keeps what is behind the garment."""

    trigger: str = ""
    backdrop: Backdrop = "white"


@dataclass(frozen=True)
class House:
    """Facts of the deployments, read once per article."""

    language: str
    size: tuple[int, int]
    adapters: Mapping[str, Adapter]
    thresholds: Thresholds
    models: dict[str, dict[str, Any]]

    @classmethod
    def of(cls, facts: Mapping[str, Mapping[str, Any]]) -> "House":
        """From role -> facts as the deployments give them; a missing fact takes the starter pack's value."""
        options = {role: about.get("options", {}) for role, about in facts.items()}
        size = options.get("renderer", {})
        adapters = facts.get("renderer", {}).get("adapters", {})
        return cls(
            language=options.get("translator", {}).get("source_language", "de"),
            size=(size.get("width", SIDE), size.get("height", SIDE)),
            adapters={name: Adapter(**entry) for name, entry in adapters.items()},
            thresholds=Thresholds.model_validate(facts.get("scorer", {}).get("thresholds", {})),
            models={role: {key: about[key] for key in RECORDED if key in about} for role, about in facts.items()},
        )

    def backdrop(self, adapter: str | None) -> Backdrop:
        """What a picture of this adapter has behind the garment."""
        return self.adapters[adapter].backdrop if adapter is not None else "white"
