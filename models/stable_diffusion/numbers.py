"""The numbers that a manifest gives with a checkpoint of this family."""

from pydantic import BaseModel, ConfigDict, Field


class StableDiffusionNumbers(BaseModel):
    """The manifest's options of a retoucher; `autoencoder`: a folder of the pack that stands in for the part's own."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    steps: int = Field(gt=0)
    guidance: float = Field(ge=0)  # 1 and below samples without a negative prompt
    autoencoder: str | None = None
    variant: str | None = None  # of the files' names, "fp16" in model.fp16.safetensors
    largest_side: int = Field(1024, gt=0)  # pixels; 512 is what SD 1.5 was trained on
    most_steps: int = Field(50, gt=0)
    most_guidance: float = Field(20.0, gt=0)
    most_control: float = Field(2.0, gt=0)  # above it residuals drown what the UNet sees
    decode_in_float32: bool = False  # for an autoencoder whose activations exceed 16 bits
    batch: int = Field(4, gt=0)  # orders denoised together
