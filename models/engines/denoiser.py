"""One module behind one call, by adapter set: an exported engine holds the set merged into it, the module any set."""

import logging
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from torch import Tensor

from models.domain import WeightedAdapter
from models.engines.errors import EngineError
from models.engines.graph import Engine
from models.engines.keys import Kind, digests
from models.engines.served import Served
from models.engines.torch_engines import Eager

EXPORTED: dict[str, Kind] = {"onnxruntime": "onnxruntime", "tensorrt": "tensorrt"}

logger = logging.getLogger(__name__)


class Denoiser:
    """The engine that was chosen serves the base; a set of adapters is served by a file that holds it, or the module.

    Of files with adapters one is in memory at a time: each has weights of its own. Nothing is refitted.
    """

    def __init__(self, base: Served, adapters: Mapping[str, Path]) -> None:
        """`adapters`: files by name."""
        self.base, self._adapters = base, dict(adapters)
        self._merged: tuple[tuple[WeightedAdapter, ...], Engine] | None = None

    def __call__(self, adapters: tuple[WeightedAdapter, ...], **call: Any) -> tuple[Tensor, ...]:
        """`adapters` are in place on the module, in case that it is the module which serves."""
        return self.base.through(self.serving(adapters), call)

    def serving(self, adapters: tuple[WeightedAdapter, ...]) -> Engine:
        """The engine for a set of adapters."""
        engine = self.base.engine
        if not adapters or isinstance(engine, Eager):
            return engine
        if engine.name not in EXPORTED:
            return self.base.module
        if self._merged is None or self._merged[0] != adapters:
            try:
                merged = partial(digests, self._adapters, adapters)
                self._merged = adapters, self.base.loaded(EXPORTED[engine.name], merged)
            except EngineError as reason:
                logger.debug("the module serves %s: %s", adapters, reason)
                return self.base.module
        return self._merged[1]
