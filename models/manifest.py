"""A pack's manifest: where each checkpoint lies, what it is, and the numbers that go with it."""

import hashlib
import tomllib
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from models.errors import PackError


class Licence(BaseModel):
    """SPDX identifier of the weights and who is to be credited."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    spdx: str
    attribution: str = ""


class AdapterEntry(BaseModel):
    """One LoRA of a part, in diffusers' format."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    path: str
    licence: Licence
    base_model: str
    trigger: str = ""
    backdrop: Literal["white", "own"] = "white"
    revision: str | None = None
    sha256: str | None = None
    repository: str | None = None


class Part(BaseModel):
    """One checkpoint; `options` are the numbers of its recipe (steps, lengths, thresholds), validated there."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    kind: str
    path: str
    licence: Licence
    dtype: Literal["float32", "float16", "bfloat16"] = "float32"
    repository: str | None = None
    revision: str | None = None
    bytes: int | None = None
    sha256: dict[str, str] = Field(default_factory=dict)
    options: dict[str, object] = Field(default_factory=dict)
    adapters: dict[str, AdapterEntry] = Field(default_factory=dict)


class Manifest(BaseModel):
    """`parts`: role -> checkpoint; `thresholds`: limits of the verdict's checks on this pack."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    pack: str
    version: int
    parts: dict[str, Part]
    thresholds: dict[str, float] = Field(default_factory=dict)

    @classmethod
    def read(cls, file: Path) -> "Manifest":
        """Raises PackError when the file is missing or does not validate."""
        try:
            return cls.model_validate(tomllib.loads(file.read_text("utf-8")))
        except FileNotFoundError:
            raise PackError(f"no manifest at {file}; name a pack folder that holds manifest.toml") from None
        except (tomllib.TOMLDecodeError, ValidationError) as error:
            raise PackError(f"manifest {file} is not valid: {error}") from error


def sha256_of(file: Path) -> str:
    """SHA-256 of a file's bytes, hex."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
