"""The tone of a garment's cloth, and how strange a pixel is to it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from skimage.color import deltaE_ciede2000, rgb2lab

from models.domain import Pixels, Refusal
from models.vocabulary import vocabulary
from serve_app.catalogue.recolouring.oklab import Field, to_oklab

LOOKED_AT = 4096  # pixels of the garment; more tell nothing new
CLUSTERS = 6  # base, second colour, print, trim, light and shadow
FOUND = 20.0  # CIEDE2000 from a tone to the swatch that it is to be; swatches lie 10-20 apart
LIT, SHADED = 0.2, 0.32  # OKLab lightness over and under the tone: highlights and washes; folds, seams and outlines
HUE = (0.05, 0.09)  # OKLab: least and most that cloth may stray from its tone's hue and saturation
OTHER = 0.6  # of the way to another colour of the garment: more than a fold or a highlight
SPREAD = 4.0  # times the median deviation of a cloth's own hue
DARKEST = 0.05  # OKLab lightness: one level of 255
PURE = 0.1  # of the garment: threads of one colour that lie beside each other
Tone = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Cloth:
    """`tone`: OKLab (3,) of the cloth in neutral light; `hue`: how far its pixels stray from that hue.

    `others`: colours of the garment that are known to be something else, OKLab (3,) each.
    """

    tone: Tone
    hue: float
    others: tuple[Tone, ...] = ()

    def beside(self, colours: Sequence[str]) -> "Cloth":
        """The cloth next to further colours of the vocabulary, those left out that it could not be told from."""
        others = [to_oklab(swatch(colour))[0] for colour in colours]
        return replace(self, others=tuple(one for one in others if np.linalg.norm(one - self.tone) > HUE[0]))

    def strangeness(self, lab: Field) -> Field:
        """Per pixel of (n, 3): up to 1 may be this cloth in light and shade, more is something else."""
        lifted = lab[:, 0] - self.tone[0]
        shade = np.minimum(1, lab[:, 0] / self.tone[0])[:, None]
        off = np.hypot(*(lab[:, 1:] - self.tone[1:] * shade).T) / self.hue
        away = [off, lifted / LIT, -lifted / SHADED]
        for other in self.others:
            across = other - self.tone
            away.append((lab - self.tone) @ across / (across @ across) / OTHER)
        return np.asarray(np.max(away, axis=0), np.float32)


def swatch(colour: str) -> Pixels:
    """The sRGB of a colour of the vocabulary, (1, 3)."""
    return np.array([vocabulary().rgb(colour)], np.uint8)


def found(pixels: Pixels, source: str | None, kept: Sequence[str]) -> Cloth | Refusal:
    """The cloth of the colour `source` among the garment's pixels (n, 3); None: the largest tone that none of `kept`
    names better."""
    looked = pixels[:: max(1, len(pixels) // LOOKED_AT)]
    tones, shares = _tones(looked)
    if source is None:
        named = (
            np.min([_distances(tones, colour) for colour in kept], axis=0) <= FOUND if kept else np.zeros(len(tones))
        )
        place = int(np.argmax(np.where(named, shares - 1, shares)))
    else:
        away = _distances(tones, source)
        place = int(np.argmin(away))
        if away[place] > FOUND:
            reason = f"no tone of the garment is {source} (nearest: CIEDE2000 {away[place]:.0f}); name what it shows"
            return Refusal("tone_not_found", reason)
    return _settled(to_oklab(looked), to_oklab(tones[place : place + 1])[0])


def purest(pixels: Pixels, source: str) -> Cloth:
    """The cloth of a colour that crosses with another one: what comes nearest to its swatch."""
    looked = pixels[:: max(1, len(pixels) // LOOKED_AT)]
    near = np.argsort(_distances(looked, source))[: max(1, round(PURE * len(looked)))]
    return Cloth(_middle(to_oklab(looked[near])), HUE[0])


def _tones(pixels: Pixels) -> tuple[Pixels, NDArray[np.float64]]:
    """Medians of the garment's clusters, and their shares."""
    image = Image.fromarray(pixels[None])
    labels = np.asarray(image.quantize(CLUSTERS, method=Image.Quantize.MEDIANCUT, kmeans=2))[0]
    own = [pixels[labels == one] for one in np.unique(labels)]
    return (
        np.array([np.median(some, axis=0) for some in own]).astype(np.uint8),
        np.array([len(some) / len(pixels) for some in own]),
    )


def _distances(tones: Pixels, colour: str) -> NDArray[np.float64]:
    lab = rgb2lab(tones[None])[0]
    return np.asarray(deltaE_ciede2000(lab, np.broadcast_to(rgb2lab(swatch(colour)[None])[0], lab.shape)))


def _settled(lab: Field, tone: Tone) -> Cloth:
    """The cloth around a first guess: the median of all that may be it."""
    cloth = Cloth(_middle(tone[None]), HUE[0])
    for _ in range(2):
        own = lab[cloth.strangeness(lab) <= 1]
        if not len(own):
            break
        middle = _middle(own)
        off = np.hypot(*(own[:, 1:] - middle[1:] * np.minimum(1, own[:, :1] / middle[0])).T)
        cloth = Cloth(middle, float(np.clip(SPREAD * np.median(off), *HUE)))
    return cloth


def _middle(lab: Field) -> Tone:
    """The median, never so dark that shade could not be told as a share of it."""
    tone = np.median(lab, axis=0).astype(np.float32)
    tone[0] = max(tone[0], DARKEST)
    return tone
