"""What every recipe says that reads a part of a pack."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from models.checkpoint import STARTER_PACK
from models.hardware import Device


class FromPack(BaseModel):
    """`pack`: a folder with its manifest.toml; `threads` None leaves torch's own choice."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    pack: Path = STARTER_PACK
    device: Device = "auto"
    threads: int | None = Field(default=None, ge=1)
