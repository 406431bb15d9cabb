"""A garment in another colour: its cloth's tone is moved to a swatch, its light, texture, prints and edges stay."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.domain import Attributes, Mask, Picture, Pixels, Refusal
from serve_app.catalogue.recolouring.cloth import Cloth, found, purest, swatch
from serve_app.catalogue.recolouring.coverage import Coverage, Weave, covered
from serve_app.catalogue.recolouring.light import Relit
from serve_app.catalogue.recolouring.oklab import to_oklab, to_srgb
from serve_app.catalogue.recolouring.region import Region

__all__ = ["Dye", "base_colours", "best_source", "recolour"]
TEXTURED = frozenset({"melange", "acid wash", "jacquard", "burn-out", "space-dye"})
LEAST = 0.15  # of the garment: a tone on less of it is no cloth that could be recoloured
VANISHED = 0.45  # of the contrast that the other tone's light allows; measured where patterns can no longer be seen
SOURCE = 0.55  # OKLab lightness of a colour from which both ends can be reached
STEP = 16  # every so-manieth pixel is looked at for contrast


@dataclass(frozen=True)
class Dye:
    """From the cloth's colour to another one of the vocabulary; `source` None: the garment's largest tone that none of
    `kept` names."""

    target: str
    source: str | None = None
    kept: tuple[str, ...] = ()
    weave: Weave = "printed"

    @classmethod
    def of(cls, wanted: Attributes, source: str | None) -> "Dye | Refusal":
        """What brings the cloth of a picture to what a listing states; the other stated colours are kept."""
        bases = base_colours(wanted)
        if len(bases) != 1:
            return Refusal("no_single_base", f"one base colour can be dyed, not {', '.join(bases) or 'none'}")
        others = [colour for colour in wanted.colours if colour.value != bases[0]]
        kept = tuple(one.value for one in others if one.role != "unknown" or not wanted.multi_colour_offer)
        return cls(bases[0], source, kept, _weave(wanted, bool(kept)))


def base_colours(stated: Attributes) -> list[str]:
    """The garment's own colours: those that are said to be, else those of which it is not said what they are."""
    bases = [colour.value for colour in stated.colours if colour.role == "base"]
    return bases or [colour.value for colour in stated.colours if colour.role == "unknown"]


def best_source(colours: Sequence[str]) -> int:
    """Place of the colour from which the others are best dyed: outlines stand out from white, folds from black."""
    lightness = [float(to_oklab(swatch(colour))[0, 0]) for colour in colours]
    return min(range(len(colours)), key=lambda place: abs(lightness[place] - SOURCE))


def recolour(picture: Picture, mask: Mask, dye: Dye) -> Picture | Refusal:
    """The picture with its cloth dyed; outside the mask not a bit of it changes."""
    if not (mask.alpha > 127).any():
        return Refusal("no_garment", "the mask is empty; segment the picture again")
    region = Region.of(picture, mask)
    cloth = _cloth(region.pixels[region.inside], dye)
    if isinstance(cloth, Refusal):
        return cloth
    lab = to_oklab(region.pixels.reshape(-1, 3))
    strange = cloth.strangeness(lab).reshape(region.alpha.shape)
    share = float(np.mean(strange[region.inside] <= 1))
    if share < LEAST:
        return Refusal("tone_too_mixed", f"the tone covers {share:.0%} of the garment; draw the colour instead")
    relit = Relit(cloth.tone, to_oklab(swatch(dye.target))[0])
    pixels = _dyed(region.pixels, covered(region, strange, dye.weave), relit)
    left = _contrast(pixels, region) / (_contrast(region.pixels, region) * min(1.0, relit.gain))
    if left < VANISHED:
        reason = f"in {dye.target} {left:.0%} of the pattern's contrast are left; draw the colour instead"
        return Refusal("pattern_would_vanish", reason)
    return region.laid(picture, pixels)


def _cloth(pixels: Pixels, dye: Dye) -> Cloth | Refusal:
    cloth = found(pixels, dye.source, dye.kept)
    if isinstance(cloth, Refusal):
        return cloth
    if dye.weave == "woven" and dye.source is not None:
        return purest(pixels, dye.source)
    return cloth.beside(dye.kept)


def _dyed(pixels: Pixels, coverage: Coverage, relit: Relit) -> Pixels:
    at = np.flatnonzero(coverage.share > 0)
    own = coverage.own[at]
    moved = to_srgb(relit(to_oklab(np.rint(own).astype(np.uint8))))
    flat = pixels.reshape(-1, 3).copy()
    flat[at] = np.clip(np.rint(flat[at] + coverage.share[at, None] * (moved - own)), 0, 255).astype(np.uint8)
    return flat.reshape(pixels.shape)


def _contrast(pixels: Pixels, region: Region) -> float:
    """Spread of the garment's colours in OKLab."""
    return max(1e-3, float(np.sqrt(to_oklab(pixels[region.inside][::STEP]).var(axis=0).sum())))


def _weave(stated: Attributes, several: bool) -> Weave:
    if "checked" in stated.pattern:
        return "woven"
    plain = not several and stated.motif is None and stated.motif_text is None
    weaves = set(stated.pattern) - {"solid"}
    return "even" if plain and weaves and weaves <= TEXTURED else "printed"
