"""Which engine serves: the first of TensorRT, ONNX Runtime, compiled and eager that can, with the reason in the log."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from models.engines.errors import EngineError

if TYPE_CHECKING:
    import torch

    from models.engines.graph import Engine

EngineName = Literal["tensorrt", "onnxruntime", "fp8", "compiled", "eager"]
EngineChoice = Literal["auto", "tensorrt", "onnxruntime", "fp8", "compiled", "eager"]
ORDER: tuple[EngineName, ...] = ("tensorrt", "onnxruntime", "fp8", "compiled", "eager")

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Runtime:
    """Where and in what precision the modules of a checkpoint run, and by which engine if it is there."""

    device: "torch.device"
    dtype: "torch.dtype"
    wanted: EngineChoice = "eager"


def choose(module: str, wanted: EngineChoice, offers: Mapping[EngineName, Callable[[], "Engine"]]) -> "Engine":
    """The wanted engine or the next that does not raise EngineError; `auto` begins with the fastest.

    Eager is always on offer. fp8 changes pictures, if by little: only who asks for it gets it.
    """
    first = 0 if wanted == "auto" else ORDER.index(wanted)
    for name in ORDER[first:-1]:
        if name not in offers or name == "fp8" != wanted:
            continue
        try:
            engine = offers[name]()
        except EngineError as reason:
            # Who asked for this one by name should hear that it is another.
            logger.log(logging.WARNING if name == wanted else logging.INFO, "%s: not %s: %s", module, name, reason)
        else:
            logger.info("%s: %s serves", module, name)
            return engine
    logger.info("%s: eager serves", module)
    return offers["eager"]()
