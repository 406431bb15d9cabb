"""A module as a graph: named tensors in, a tuple of tensors out, and how a call of the module becomes those tensors."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from models.engines.errors import EngineError
from models.engines.shapes import Profile, measured, which

Tensors = dict[str, Tensor]
Run = Callable[[nn.Module, Tensors], tuple[Tensor, ...]]


class Engine(Protocol):
    """One module, called by keywords as diffusers and transformers call it; the outputs as a tuple."""

    name: str

    def __call__(self, **call: Any) -> tuple[Tensor, ...]: ...


@dataclass(frozen=True)
class Input:
    """A tensor that the graph takes, in the module's precision where it has no type of its own.

    `below`: drawn evenly from 0 to this where an example is needed, 0: normally.
    """

    name: str
    shape: Sequence[int | str]
    below: float = 0.0
    dtype: torch.dtype | None = None

    def drawn(self, sizes: Mapping[str, int], dtype: torch.dtype, generator: torch.Generator) -> Tensor:
        shape = [measured(axis, sizes) for axis in self.shape]
        own = self.dtype or dtype
        if not own.is_floating_point:
            return torch.randint(int(self.below), shape, generator=generator, dtype=own)
        if self.below:
            return (self.below * torch.rand(shape, generator=generator)).to(own)
        return torch.randn(shape, generator=generator).to(own)


class Body(nn.Module):
    """What is exported: `run` over `module`, every input by its name."""

    def __init__(self, module: nn.Module, run: Run) -> None:
        super().__init__()
        self.module, self.run = module, run

    def forward(self, **inputs: Tensor) -> tuple[Tensor, ...]:
        return self.run(self.module, inputs)


@dataclass(frozen=True)
class Graph:
    """`body` computes what `eager` does, from the inputs that `bind` makes of a call.

    `bind` raises EngineError for a call that the graph was not made for.
    """

    name: str
    body: Body
    inputs: Sequence[Input]
    outputs: Sequence[str]
    bind: Callable[[dict[str, Any]], Tensors]
    eager: Callable[..., tuple[Tensor, ...]]
    regions: Sequence[nn.Module]  # what is compiled; several are blocks that repeat

    @property
    def weights(self) -> Tensor:
        return next(self.body.parameters())

    def example(self, sizes: Mapping[str, int], seed: int = 0) -> Tensors:
        """Inputs of these sizes, drawn from the seed, where the module lies."""
        generator = torch.Generator().manual_seed(seed)
        dtype, device = self.weights.dtype, self.weights.device
        return {one.name: one.drawn(sizes, dtype, generator).to(device) for one in self.inputs}

    def sizes(self, inputs: Mapping[str, Tensor]) -> dict[str, int]:
        """Sizes of the axes that vary; raises EngineError for a shape that the graph does not have."""
        found: dict[str, int] = {}
        for one in self.inputs:
            shape = tuple(inputs[one.name].shape)
            for axis, length in zip(one.shape, shape, strict=False):
                if isinstance(axis, str) and axis.isidentifier():
                    found.setdefault(axis, length)
            if len(shape) != len(one.shape) or shape != tuple(measured(axis, found) for axis in one.shape):
                raise EngineError(f"{self.name} takes {one.name} as {tuple(one.shape)}, not {shape} with {found}")
        return found

    def place(self, inputs: Mapping[str, Tensor], profiles: Sequence[Profile]) -> int:
        """Place of the first profile that holds these inputs; raises EngineError for shapes that none holds."""
        sizes = self.sizes(inputs)
        place = which(profiles, sizes)
        if place is None:
            raise EngineError(f"the engine of {self.name} has no profile for {sizes}; build one with wider spans")
        return place


Made = tuple[Graph, tuple[Profile, ...]]


def repeated(module: Any) -> list[nn.Module]:
    """The blocks that a diffusers model says it repeats: compiling them takes a fraction of compiling the whole."""
    names = getattr(module, "_repeated_blocks", None) or []
    return [one for one in module.modules() if type(one).__name__ in names] or [module]


def named(name: str, inputs: Sequence[Input]) -> Callable[[dict[str, Any]], Tensors]:
    """The binding of a module that is called by the graph's own names."""

    def bind(call: dict[str, Any]) -> Tensors:
        if set(call) != {one.name for one in inputs}:
            raise EngineError(f"the exported {name} takes {[one.name for one in inputs]}, not {list(call)}")
        return call

    return bind
