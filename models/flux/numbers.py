"""The numbers that a manifest gives with a checkpoint of this family."""

from pydantic import BaseModel, ConfigDict, Field

from models.roles import ADAPTERS_KEPT


class FluxNumbers(BaseModel):
    """The manifest's options of a renderer; FLUX's own defaults are those of the large model and fit no other."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    width: int = Field(gt=0)
    height: int = Field(gt=0)
    steps: int = Field(gt=0)
    guidance: float = Field(ge=0)
    max_sequence_length: int = Field(gt=0, le=512)  # FluxPipeline's own limit
    largest_side: int = Field(2048, gt=0)  # pixels
    most_steps: int = Field(50, gt=0)
    draft: int | None = Field(None, gt=0)  # longer side of a picture that tells what a large one will show
    finish: float = Field(0.5, gt=0, le=1)  # strength with which a draft is drawn large
    stress: float = Field(2.0, gt=0)  # what the embeds of stressed words are multiplied by
    decode_in_float32: bool = False  # for an autoencoder whose activations exceed 16 bits
    batch: int = Field(4, gt=0)  # orders denoised together
    adapters_at_once: int = Field(3, gt=0)  # that act on one picture; each costs buffers of the highest rank
    adapters_kept: int = Field(ADAPTERS_KEPT, gt=0)  # on the device, of all that the manifest lists
    adapter_bytes: int = Field(4 << 30, gt=0)  # that they take together: six of rank 128 over all of FLUX
