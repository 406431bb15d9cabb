"""What an engine's file depends on, as the name of its folder."""

import hashlib
import importlib.metadata
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import torch

from models.domain import WeightedAdapter
from models.engines.shapes import Profile
from models.manifest import sha256_of

Kind = Literal["onnxruntime", "tensorrt"]
Adapters = tuple[tuple[str, float], ...]
"""The adapter set merged into the weights: SHA-256 of each file and its weight, sorted."""
# What writes or reads the file; another version of one of them makes another file.
WRITERS: dict[Kind, tuple[str, ...]] = {
    "onnxruntime": ("onnxruntime", "onnxruntime-gpu", "onnx", "onnxscript", "torch", "diffusers", "transformers"),
    "tensorrt": ("tensorrt-cu13", "onnx", "onnxscript", "torch", "diffusers", "transformers"),
}


@dataclass(frozen=True)
class EngineKey:
    """Everything that makes another engine. `gpu` is `cpu` without one."""

    module: str
    engine: Kind
    version: str
    profiles: tuple[Profile, ...]
    precision: str
    gpu: str
    weights: str
    adapters: Adapters = ()

    @property
    def digest(self) -> str:
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()

    @property
    def name(self) -> str:
        return f"{self.module}-{self.engine}-{self.precision}-{self.digest[:32]}"


@dataclass(frozen=True)
class Identity:
    """One module in one place: what its engines' keys have in common."""

    module: str
    profiles: tuple[Profile, ...]
    precision: str
    gpu: str
    weights: str

    def key(self, engine: Kind, adapters: Adapters = ()) -> EngineKey:
        return EngineKey(
            self.module, engine, version(engine), self.profiles, self.precision, self.gpu, self.weights,
            tuple(sorted(adapters)),
        )  # fmt: skip


def version(engine: Kind) -> str:
    """Versions of all that is installed of an engine's writers."""
    found = []
    for name in WRITERS[engine]:
        try:
            found.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            continue
    return ", ".join(found)


def gpu_of(device: torch.device) -> str:
    if device.type == "cpu":
        return "cpu"
    major, minor = torch.cuda.get_device_capability(device)
    return f"{torch.cuda.get_device_name(device)} sm_{major}{minor}"


def digests(files: Mapping[str, Path], adapters: Sequence[WeightedAdapter]) -> Adapters:
    """What a key says of an adapter set."""
    return tuple((sha256_of(files[one.name]), one.weight) for one in adapters)


def weights_of(folder: Path) -> str:
    """SHA-256 over a checkpoint's weights and configuration, whatever its folder is called."""
    files = sorted(file for end in ("*.safetensors", "*.json") for file in folder.glob(end))
    return _digest(tuple((file, file.stat().st_size, file.stat().st_mtime_ns) for file in files))


@cache
def _digest(files: Sequence[tuple[Path, int, int]]) -> str:
    """Read once per process while size and time of change stay: a large checkpoint takes seconds."""
    rows = [[file.name, sha256_of(file)] for file, _, _ in files]
    return hashlib.sha256(json.dumps(rows).encode()).hexdigest()
