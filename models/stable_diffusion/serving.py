"""The retoucher's modules behind their engines."""

from collections.abc import Mapping
from dataclasses import dataclass

from models.domain import ControlKind
from models.engines.choice import EngineChoice
from models.engines.graphs.autoencoder import vae_decoder
from models.engines.graphs.stable_diffusion import controlnet, denoising_profiles, unet
from models.engines.graphs.text import clip_text
from models.engines.served import Served
from models.stable_diffusion.modules import Folders, Modules
from models.stable_diffusion.numbers import StableDiffusionNumbers


@dataclass(frozen=True)
class Serving:
    """Each called by keywords, as diffusers and transformers call the module."""

    unet: Served
    controlnets: Mapping[ControlKind, Served]
    decoder: Served
    texts: Served

    @property
    def all(self) -> tuple[Served, ...]:
        return self.unet, *self.controlnets.values(), self.decoder, self.texts


def serving(modules: Modules, folders: Folders, numbers: StableDiffusionNumbers, wanted: EngineChoice) -> Serving:
    """The engine that is wanted for each module, or the next one that is there."""
    encoder, largest = modules.text_encoder, numbers.largest_side
    profiles = denoising_profiles(numbers, modules.factor, encoder.config.max_position_embeddings)
    denoiser = unet(modules.unet, control=bool(modules.controlnets)), profiles
    nets = {kind: controlnet(f"retoucher.controlnet.{kind}", net) for kind, net in modules.controlnets.items()}
    decoding = vae_decoder("retoucher.vae_decoder", modules.vae, (largest, largest), largest, numbers.batch)
    return Serving(
        unet=Served(denoiser, folders.base / "unet", wanted),
        controlnets={kind: Served((net, profiles), folders.controlnets[kind], wanted) for kind, net in nets.items()},
        decoder=Served(decoding, folders.autoencoder, wanted),
        texts=Served(
            clip_text("retoucher.text_encoder", encoder, numbers.batch), folders.base / "text_encoder", wanted
        ),
    )
