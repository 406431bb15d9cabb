"""FLUX's transformer in several engines: one step's inputs, and how long it takes."""

import functools
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from loadtests.gpu_suite.kept import Kept
from loadtests.gpu_suite.sizes import Sizes
from loadtests.gpu_suite.timing import milliseconds
from loadtests.gpu_suite.weights import built, shaped
from models.engines.fp8 import MULTIPLE, RowwiseLinear

ENGINES = ("eager", "compiled", "fp8")
PER_TOKEN = 16  # pixels of one image token's side
BF16 = torch.bfloat16


def transformer(config: dict[str, Any]) -> Any:
    from diffusers import FluxTransformer2DModel

    return FluxTransformer2DModel(**config)


class Denoisers:
    """One transformer per engine, built when it is first asked for; they share nothing, so that none disturbs another.

    `attention`: diffusers' name of a backend, for a GPU.
    """

    def __init__(self, sizes: Sizes, device: torch.device, attention: str) -> None:
        self._sizes, self.device, self._attention = sizes, device, attention
        # Inductor's C++ for a CPU takes minutes per block; without it the tracing is still that of a GPU.
        self._backend = "inductor" if device.type == "cuda" else "eager"
        self._made: dict[tuple[str, bool], nn.Module] = {}

    def of(self, engine: str, guided: bool = False) -> nn.Module:
        """`guided`: with the embedding of FLUX.1-dev's guidance."""
        if (engine, guided) not in self._made:
            config = self._sizes.flux | {"guidance_embeds": guided}
            module = built(functools.partial(transformer, config), self.device, BF16)
            if self.device.type == "cuda":
                module.set_attention_backend(self._attention)
            if engine == "fp8":
                in_8_bits(module)
            if engine != "eager":
                module.compile_repeated_blocks(fullgraph=True, dynamic=False, backend=self._backend)
            self._made[engine, guided] = module
        return self._made[engine, guided]

    def forget(self, guided: bool) -> None:
        """Gives back the memory of those."""
        self._made = {key: module for key, module in self._made.items() if key[1] != guided}
        if self.device.type == "cuda":
            torch.cuda.empty_cache()


def in_8_bits(module: nn.Module) -> None:
    """Linear maps of the blocks as the fp8 engine has them; norms' own maps stay, as they do there.

    Without its gate: random weights have no picture to be held to.
    """
    for name, map_ in list(module.named_modules()):
        inside, *deeper = name.split(".")
        if not isinstance(map_, nn.Linear) or not deeper or any(part.startswith("norm") for part in deeper):
            continue
        if inside.endswith("transformer_blocks") and not (map_.in_features % MULTIPLE or map_.out_features % MULTIPLE):
            setattr(module.get_submodule(name.rpartition(".")[0]), deeper[-1], RowwiseLinear(map_))


def inputs(config: dict[str, Any], side: int, batch: int, tokens: int, device: torch.device) -> dict[str, Any]:
    """Of one step; random, on the device. `guidance` only where the config has it."""
    rows = side // PER_TOKEN
    positions = torch.zeros(rows, rows, 3, device=device, dtype=BF16)
    positions[..., 1] += torch.arange(rows, device=device)[:, None]
    positions[..., 2] += torch.arange(rows, device=device)[None, :]

    def drawn(*shape: int) -> Tensor:
        return torch.randn(shape, device=device, dtype=BF16)

    return {
        "hidden_states": drawn(batch, rows * rows, config["in_channels"]),
        "encoder_hidden_states": drawn(batch, tokens, config["joint_attention_dim"]),
        "pooled_projections": drawn(batch, config["pooled_projection_dim"]),
        "timestep": torch.full((batch,), 0.5, device=device, dtype=BF16),
        "guidance": torch.full((batch,), 3.5, device=device) if config["guidance_embeds"] else None,
        "img_ids": positions.reshape(rows * rows, 3),
        "txt_ids": torch.zeros(tokens, 3, device=device, dtype=BF16),
        "return_dict": False,
    }


def tflop(config: dict[str, Any], side: int, batch: int, tokens: int) -> float:
    """Of one step, counted operation by operation on tensors without numbers."""
    meta = torch.device("meta")
    module = shaped(functools.partial(transformer, config), meta, BF16)
    with FlopCounterMode(display=False) as counted, torch.inference_mode():
        module(**inputs(config, side, batch, tokens, meta))
    return float(counted.get_total_flops()) / 1e12


def measure(kept: Kept, sizes: Sizes, made: Denoisers, engine: str) -> None:
    """Cells SIDExBATCH of part step_ENGINE: a step's time, its operations and, on a GPU, the memory it needed."""
    shapes = [(side, batch) for side in sizes.sides for batch in sizes.batches]
    for side, batch in shapes if engine == "eager" else sizes.compiled:
        kept.measure(f"step_{engine}", f"{side}x{batch}", functools.partial(_step, sizes, made, (engine, side, batch)))


def _step(sizes: Sizes, made: Denoisers, cell: tuple[str, int, int]) -> dict[str, Any]:
    (engine, side, batch), device = cell, made.device
    module, given = made.of(engine), inputs(sizes.flux, side, batch, sizes.tokens, device)
    held = _held(device)
    with torch.inference_mode():
        found = milliseconds(lambda: module(**given), device)
        (out,) = module(**given)
    if not bool(out.isfinite().all()) or not float(out.float().std()) > 0:
        raise ValueError("the step gave numbers that are not finite, or all the same")
    operations = tflop(sizes.flux, side, batch, sizes.tokens)
    found |= {
        "tflop": operations,
        "tflop_per_s": operations / found["ms"] * 1000,
        "ms_per_picture": found["ms"] / batch,
    }
    return found | ({"working_gib": (torch.cuda.max_memory_allocated() - held) / 2**30} if held else {})


def _held(device: torch.device) -> int:
    """Bytes of all weights on a GPU; what a call takes beside them is counted from here."""
    if device.type != "cuda":
        return 0
    torch.cuda.reset_peak_memory_stats()
    return torch.cuda.memory_allocated()
