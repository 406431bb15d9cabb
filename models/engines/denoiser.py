"""One module behind one call, by adapter set: an exported engine holds the set merged into it, the module any set."""

import logging
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from torch import Tensor

from models.domain import WeightedAdapter
from models.engines.build import identity_of, opened
from models.engines.cache import EngineCache
from models.engines.choice import EngineChoice, choose
from models.engines.errors import EngineError
from models.engines.graph import Engine, Graph
from models.engines.keys import Identity, Kind, digests
from models.engines.shapes import Profile
from models.engines.tensorrt_plan import tensorrt
from models.engines.torch_engines import Compiled, Eager, EightBits

EXPORTED: dict[str, Kind] = {"onnxruntime": "onnxruntime", "tensorrt": "tensorrt"}

logger = logging.getLogger(__name__)


class Denoiser:
    """The engine that was chosen serves the base; a set of adapters is served by a file that holds it, or the module.

    Of files with adapters one is in memory at a time: each has weights of its own. Nothing is refitted.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - what a key is made of
        self,
        graph: Graph,
        profiles: tuple[Profile, ...],
        weights: Path,
        adapters: Mapping[str, Path],
        wanted: EngineChoice,
        probe: Callable[[], dict[str, Any]],
    ) -> None:
        """`weights`: the module's folder, read when a file could serve; `adapters`: files by name; `probe`: a call."""
        self._graph, self._profiles, self._weights, self._adapters = graph, profiles, weights, dict(adapters)
        self._cache, self._module = EngineCache(), Eager(graph)
        self._base = choose(
            graph.name, wanted,
            {
                "tensorrt": self._plan,
                "onnxruntime": partial(self._loaded, "onnxruntime", ()),
                "fp8": lambda: EightBits(graph, probe(), self._cache.folder),
                "compiled": partial(self._compiled, wanted),
                "eager": lambda: self._module,
            },
        )  # fmt: skip
        self._merged: tuple[tuple[WeightedAdapter, ...], Engine] | None = None

    @property
    def name(self) -> str:
        """The engine that serves the base."""
        return self._base.name

    def __call__(self, adapters: tuple[WeightedAdapter, ...], **call: Any) -> tuple[Tensor, ...]:
        """`adapters` are in place on the module, in case that it is the module which serves."""
        engine = self.serving(adapters)
        try:
            return engine(**call)
        except EngineError as reason:
            logger.warning("%s: the module serves this call: %s", self._graph.name, reason)
            return self._module(**call)

    def serving(self, adapters: tuple[WeightedAdapter, ...]) -> Engine:
        """The engine for a set of adapters."""
        if not adapters or isinstance(self._base, Eager):
            return self._base
        if self._base.name not in EXPORTED:
            return self._module
        if self._merged is None or self._merged[0] != adapters:
            try:
                self._merged = adapters, self._loaded(EXPORTED[self._base.name], adapters)
            except EngineError as reason:
                logger.debug("%s: the module serves %s: %s", self._graph.name, adapters, reason)
                return self._module
        return self._merged[1]

    def _plan(self) -> Engine:
        tensorrt()  # before the weights are hashed
        return self._loaded("tensorrt", ())

    def _compiled(self, wanted: EngineChoice) -> Engine:
        if wanted == "auto" and self._graph.weights.device.type == "cpu":
            raise EngineError("on a CPU it lengthens a start by a minute; ask for it by name")
        return Compiled(self._graph, self._profiles[0], self._cache.folder)

    def _loaded(self, engine: Kind, adapters: tuple[WeightedAdapter, ...]) -> Engine:
        module = self._graph.name
        entry = None
        if any(folder.name.startswith(f"{module}-{engine}-") for folder, _ in self._cache.entries()):
            key = self._identity().key(engine, digests(self._adapters, adapters))
            entry = self._cache.find(key)
        if entry is None:
            said = "with these adapters" if adapters else "of these weights"
            raise EngineError(f"none {said} is in {self._cache.folder}; see `vitrine engines build --help`")
        return opened(self._graph, key, entry.folder)

    def _identity(self) -> Identity:
        return identity_of(self._graph, self._profiles, self._weights)
