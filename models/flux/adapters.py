"""LoRAs of a FLUX transformer: read once, the latest kept, put in place by copying into buffers that are always there.

Several act together as one: their matrices stand side by side, so a set costs one product more than no adapter, and a
change of set changes numbers and no shape. That keeps a compiled transformer as it is and leaves nothing of the set
that was there before.
"""

import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from peft.utils.other import get_pattern_key
from safetensors import safe_open
from torch import Tensor, nn
from torch.nn import functional

from models.adapter_files import SETTINGS, ranks
from models.domain import Refusal, WeightedAdapter
from models.errors import PackError
from models.flux.numbers import FluxNumbers
from models.lru import Lru

ALPHA = 8  # peft's own, where a file's settings name none

Checked = tuple[Path, Callable[[], None]]
"""A LoRA's file, and what raises PackError when it is not to be loaded."""


@dataclass(frozen=True, eq=False)
class Adapter:
    """One LoRA on the device; `pairs`: module -> down (rank, in) and up (out, rank), its scale in the latter."""

    pairs: dict[str, tuple[Tensor, Tensor]]

    @property
    def bytes(self) -> int:
        return sum(each.nbytes for pair in self.pairs.values() for each in pair)


class AdaptedLinear(nn.Linear):
    """A linear map, and what the adapters in place add to it: the first `rank` of its `down` and `up`."""

    down: Tensor
    up: Tensor

    @classmethod
    def of(cls, linear: nn.Linear, most: int) -> "AdaptedLinear":
        """The same map with room for ranks that sum up to `most`."""
        weight = linear.weight
        adapted = cls(1, 1, bias=linear.bias is not None, device="meta")
        adapted.in_features, adapted.out_features = linear.in_features, linear.out_features
        adapted.weight, adapted.bias = weight, linear.bias
        adapted.register_buffer("down", weight.new_zeros(most, linear.in_features), persistent=False)
        adapted.register_buffer("up", weight.new_zeros(linear.out_features, most), persistent=False)
        adapted.rank = 0
        return adapted

    def put(self, parts: Iterable[tuple[Tensor, Tensor, float]], whole: bool) -> None:
        """Down, up and weight of each; `whole` keeps all of the buffers in use, the rest of them zero."""
        at = 0
        for down, up, weight in parts:
            self.down[at : at + len(down)] = down
            self.up[:, at : at + len(down)] = weight * up
            at += len(down)
        if whole:
            self.down[at:], self.up[:, at:] = 0, 0
        self.rank = len(self.down) if whole else at

    def forward(self, features: Tensor) -> Tensor:
        plain = functional.linear(features, self.weight, self.bias)
        if not self.rank:
            return plain
        narrow = functional.linear(features, self.down[: self.rank])
        return plain + functional.linear(narrow, self.up[:, : self.rank])


class Adapters:
    """What may be put on a transformer, by name. `load` and `put` may run in two threads, each of them in one only."""

    def __init__(self, transformer: Any, files: Mapping[str, Checked], numbers: FluxNumbers, compiled: bool) -> None:
        self._files, self._compiled = dict(files), compiled
        self._place, self._at_once = next(transformer.parameters()), numbers.adapters_at_once
        # Both bounds in one: an adapter weighs at least its share of the bytes.
        share, most = numbers.adapter_bytes // numbers.adapters_kept, numbers.adapter_bytes
        self._kept = Lru[Adapter]("adapters", most, lambda adapter: max(adapter.bytes, share))
        self._linears: dict[str, AdaptedLinear] = {}
        for module, rank in _highest(ranks(file) for file, _ in files.values()).items():
            adapted = AdaptedLinear.of(transformer.get_submodule(module), rank * self._at_once)
            transformer.set_submodule(module, adapted)
            self._linears[module] = adapted
        self._in_place: Sequence[WeightedAdapter] | None = None
        self.put((), ())

    def refusal(self, chosen: Sequence[WeightedAdapter]) -> Refusal | None:
        """Why these cannot act on a picture, if they cannot."""
        for one in chosen:
            if one.name not in self._files:
                known = ", ".join(sorted(self._files)) or "none"
                return Refusal("unknown_adapter", f"the renderer holds no adapter {one.name!r}; it holds: {known}")
        if len({one.name for one in chosen}) < len(chosen) or len(chosen) > self._at_once:
            said = ", ".join(one.name for one in chosen)
            return Refusal("bad_adapters", f"at most {self._at_once} different adapters act together, not {said}")
        return None

    def load(self, name: str) -> Adapter:
        """From memory, or anew from its file, which is checked again. Raises PackError."""
        if (kept := self._kept.get(name)) is not None:
            return kept
        file, check = self._files[name]
        check()  # it may have changed since the start
        adapter = _read(file, self._place)
        for module, (down, _) in adapter.pairs.items():
            linear = self._linears.get(module)
            if linear is None or len(down) * self._at_once > len(linear.down):
                raise PackError(f"{file} has another rank at {module!r} than at the start; reload the renderer")
        self._kept.put(name, adapter)
        return adapter

    def put(self, chosen: Sequence[WeightedAdapter], loaded: Sequence[Adapter]) -> None:
        """These act from now on, and nothing else."""
        if chosen == self._in_place:
            return
        self._in_place = None  # until it is done: half a set must not pass for a set
        weights = [one.weight for one in chosen]
        for module, linear in self._linears.items():
            parts = zip(loaded, weights, strict=True)
            linear.put([(*one.pairs[module], weight) for one, weight in parts if module in one.pairs], self._compiled)
        self._in_place = chosen


def _highest(files: Iterable[Mapping[str, int]]) -> dict[str, int]:
    highest: dict[str, int] = {}
    for found in files:
        highest |= {module: max(rank, highest.get(module, 0)) for module, rank in found.items()}
    return highest


def _read(file: Path, place: Tensor) -> Adapter:
    with safe_open(file, "pt") as opened:
        given = json.loads((opened.metadata() or {}).get(SETTINGS, "{}"))
        settings = {name.removeprefix("transformer."): value for name, value in given.items()}
        pairs = {}
        for module in ranks(file):
            down, up = (opened.get_tensor(f"transformer.{module}.lora_{side}.weight").to(place) for side in "AB")
            pairs[module] = down, up * _scale(module, len(down), settings)
    return Adapter(pairs)


def _scale(module: str, rank: int, settings: Mapping[str, Any]) -> float:
    """As peft computes it; a file without settings has none."""
    if not settings:
        return 1.0
    patterns = settings.get("alpha_pattern") or {}
    alpha = patterns.get(get_pattern_key(patterns, module), settings.get("lora_alpha", ALPHA))
    return float(alpha) / (math.sqrt(rank) if settings.get("use_rslora") else rank)
