"""Where a checkpoint runs and in which precision."""

from typing import TYPE_CHECKING, Literal

from models.manifest import Part

if TYPE_CHECKING:
    import torch

Device = Literal["auto", "cpu", "cuda"]


def hardware(device: Device, threads: int | None, part: Part) -> "tuple[torch.device, torch.dtype]":
    """Device and dtype for a checkpoint; `threads` None leaves torch's own choice."""
    import torch

    if threads:
        torch.set_num_threads(threads)
    name = ("cuda" if torch.cuda.is_available() else "cpu") if device == "auto" else device
    # A CPU multiplies float32 faster than the 16 bits a checkpoint is stored in.
    return torch.device(name), torch.float32 if name == "cpu" else getattr(torch, part.dtype)
