"""One module behind one call: the engine that was chosen serves, the module itself whatever that cannot take."""

import logging
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from torch import Tensor

from models.engines.build import LIMITS, identity_of, opened
from models.engines.cache import EngineCache
from models.engines.choice import EngineChoice, EngineName, choose
from models.engines.errors import EngineError
from models.engines.graph import Engine, Made
from models.engines.keys import Adapters, Kind
from models.engines.tensorrt_plan import tensorrt
from models.engines.torch_engines import Compiled, Eager, EightBits

logger = logging.getLogger(__name__)


class Served:
    """Called by keywords as diffusers and transformers call the module; the outputs as a tuple."""

    def __init__(
        self, made: Made, weights: Path, wanted: EngineChoice, probe: Callable[[], dict[str, Any]] | None = None
    ) -> None:
        """`weights`: the module's folder, read when a file could serve; `probe`: a real call, for 8 bits alone."""
        self._graph, self._profiles = made
        self._weights, self._cache = weights, EngineCache()
        self.module, self._refused = Eager(self._graph), set[str]()
        offers: dict[EngineName, Callable[[], Engine]] = {
            "tensorrt": self._plan,
            "onnxruntime": partial(self.loaded, "onnxruntime"),
            "compiled": partial(self._compiled, wanted),
            "eager": lambda: self.module,
        }
        if probe is not None:
            offers["fp8"] = lambda: EightBits(self._graph, probe(), self._cache.folder)
        self.engine = choose(self._graph.name, wanted, offers)

    def __call__(self, **call: Any) -> tuple[Tensor, ...]:
        return self.through(self.engine, call)

    def through(self, engine: Engine, call: dict[str, Any]) -> tuple[Tensor, ...]:
        """What an engine makes of a call, or the module where it refuses; each reason is logged once."""
        try:
            return engine(**call)
        except EngineError as error:
            if (reason := str(error)) not in self._refused:
                self._refused.add(reason)
                logger.warning("%s: the module serves such a call: %s", self._graph.name, reason)
            return self.module(**call)

    def loaded(self, engine: Kind, adapters: Callable[[], Adapters] = lambda: ()) -> Engine:
        """The exported engine of these weights; `adapters` is asked for what is merged into it if a file is there."""
        entry = None
        if any(folder.name.startswith(f"{self._graph.name}-{engine}-") for folder, _ in self._cache.entries()):
            key = identity_of(self._graph, self._profiles, self._weights).key(engine, adapters())
            entry = self._cache.find(key)
        if entry is None:
            raise EngineError(f"none of these weights is in {self._cache.folder}; see `vitrine engines build --help`")
        error, limit = entry.measured["error"], LIMITS[self._graph.weights.dtype]
        if error > limit:  # where the module's own float32 is no better: pictures would differ by more than rounding
            raise EngineError(f"it was off by {error:.1e} of its largest output when it was built, not {limit:.0e}")
        return opened(self._graph, key, entry.folder)

    @property
    def said(self) -> tuple[str, str]:
        """The module's name and the engine's."""
        return self._graph.name, self.engine.name

    def _plan(self) -> Engine:
        tensorrt()  # before the weights are hashed
        return self.loaded("tensorrt")

    def _compiled(self, wanted: EngineChoice) -> Engine:
        blocks = len(self._graph.regions) > 1 and self._graph.weights.device.type != "cpu"
        if wanted != "compiled" and not blocks:
            raise EngineError("on a CPU, or of one piece, it lengthens a start by a minute; ask for it by name")
        return Compiled(self._graph, self._profiles[0], self._cache.folder)


def engines(*served: Served) -> dict[str, str]:
    """Which engine serves each module."""
    return dict(one.said for one in served)
