"""Pictures with exact masks for the segmenter: drawings as they are, on clutter, and real cut-outs over photographs."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

Pixels = NDArray[np.uint8]
Fields = NDArray[np.float32]

HELD_OUT = 4  # one file in so many is kept for the evaluation
FOLDERS = {"cutouts": "alpha_products", "photos": "seller_photos"}


@dataclass(frozen=True)
class Scene:
    """`picture`: uint8 (side, side, 3); `mask`: uint8 (side, side), the garment's coverage."""

    picture: Pixels
    mask: Pixels


def files(data: Path, kind: str, held_out: bool) -> list[Path]:
    """The pictures of `cutouts` or `photos` on one side of a split by name; none when the folder is absent."""
    folder = data / FOLDERS[kind]
    found = sorted(path for path in folder.rglob("*") if path.suffix.lower() in (".png", ".jpg", ".jpeg"))
    return [path for path in found if _kept_apart(path.name) == held_out]


def _kept_apart(name: str) -> bool:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "big") % HELD_OUT == 0


def read_cutout(file: Path, side: int) -> Scene | None:
    """A cut-out scaled into a square, transparent around; None for a file without transparency."""
    with Image.open(file) as opened:
        whole = opened.convert("RGBA")
    box = whole.getchannel("A").point([0] * 13 + [255] * 243).getbbox()
    transparent = np.asarray(whole.getchannel("A")).min() == 0
    if box is None or not transparent:
        return None
    whole = whole.crop(box)
    whole.thumbnail((side, side), Image.Resampling.LANCZOS)
    square = Image.new("RGBA", (side, side))
    square.paste(whole, ((side - whole.width) // 2, (side - whole.height) // 2))
    pixels = np.asarray(square)
    return Scene(np.ascontiguousarray(pixels[..., :3]), np.ascontiguousarray(pixels[..., 3]))


def read_photo(file: Path, side: int) -> Pixels:
    """The middle square of a photograph."""
    with Image.open(file) as opened:
        opened.draft("RGB", (2 * side, 2 * side))
        whole = opened.convert("RGB")
    short = min(whole.size)
    left, top = (whole.width - short) // 2, (whole.height - short) // 2
    square = whole.crop((left, top, left + short, top + short))
    return np.asarray(square.resize((side, side), Image.Resampling.BICUBIC))


def placed(garment: Scene, background: Pixels, rng: np.random.Generator, least: float = 0.6) -> Scene:
    """The garment without its own white, scaled, turned a little and moved, over a background, with a soft shadow."""
    side = background.shape[0]
    colour, cover = _without_white(garment)
    scale, angle = rng.uniform(least, 1.0), rng.uniform(-8, 8)
    room = max(0.0, 1.0 - scale) * side / 2
    offset = rng.uniform(-room, room, 2) * 0.8
    image = Image.fromarray(np.dstack([colour, cover]), "RGBA")
    if rng.random() < 0.5:
        image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    size = max(8, round(side * scale))
    image = image.resize((size, size), Image.Resampling.BICUBIC).rotate(angle, Image.Resampling.BICUBIC)
    layer = Image.new("RGBA", (side, side))
    left, top = np.rint(offset + (side - size) / 2)
    layer.paste(image, (int(left), int(top)))
    pixels = np.asarray(layer)
    alpha = pixels[..., 3:].astype(np.float32) / 255
    below = background.astype(np.float32) * _shadow(layer, side, rng)
    mixed = below * (1 - alpha) + pixels[..., :3] * alpha
    return Scene(np.clip(np.rint(mixed), 0, 255).astype(np.uint8), np.ascontiguousarray(pixels[..., 3]))


def _without_white(garment: Scene) -> tuple[Pixels, Pixels]:
    """Colour and coverage; at the edge the white that was mixed in is taken out again."""
    cover = garment.mask[..., None].astype(np.float32) / 255
    mixed = garment.picture.astype(np.float32)
    own = np.where(cover > 0.1, (mixed - 255 * (1 - cover)) / np.maximum(cover, 0.1), mixed)
    return np.clip(own, 0, 255).astype(np.uint8), garment.mask


def _shadow(layer: Image.Image, side: int, rng: np.random.Generator) -> Fields:
    """What is left of the light beside the garment, (side, side, 1)."""
    if rng.random() < 0.4:
        return np.ones((side, side, 1), np.float32)
    blurred = layer.getchannel("A").filter(ImageFilter.GaussianBlur(side * rng.uniform(0.01, 0.04)))
    shifted = np.roll(np.asarray(blurred), rng.integers(0, max(2, side // 24), 2), axis=(0, 1))
    return np.asarray(1 - shifted[..., None] / 255 * rng.uniform(0.1, 0.5), np.float32)


def clutter(
    pieces: Sequence[Pixels] | Pixels, near: NDArray[np.floating] | None, side: int, rng: np.random.Generator
) -> Pixels:
    """A background of gradients, texture, figures and crops of other drawings; `near` pulls it towards a colour."""
    field: NDArray[np.floating] = _gradient(side, rng) + _texture(side, rng)
    if near is not None:
        field = field * 0.25 + (near + rng.normal(0, 12, 3)) * 0.75
    image = Image.fromarray(np.clip(field, 0, 255).astype(np.uint8))
    for _ in range(int(rng.integers(0, 7))):
        piece = _piece(pieces, side, rng)
        left, top = rng.integers(-side // 4, side, 2)
        image.paste(piece, (int(left), int(top)), piece.getchannel("A"))
    if rng.random() < 0.3:
        image = image.filter(ImageFilter.GaussianBlur(rng.uniform(0.3, 2.0)))
    return np.asarray(image)


def _gradient(side: int, rng: np.random.Generator) -> Fields:
    corners = rng.uniform(0, 255, (2, 2, 3)) if rng.random() < 0.6 else np.tile(rng.uniform(0, 255, 3), (2, 2, 1))
    across = np.linspace(0, 1, side, dtype=np.float32)
    top = corners[0, 0] + (corners[0, 1] - corners[0, 0]) * across[:, None]
    bottom = corners[1, 0] + (corners[1, 1] - corners[1, 0]) * across[:, None]
    return np.asarray(top[None] + (bottom - top)[None] * across[:, None, None], np.float32)


def _texture(side: int, rng: np.random.Generator) -> Fields:
    """Grain of one size in all directions, boards, or nothing."""
    cells = int(rng.choice([4, 12, 32, 96]))
    strength = rng.uniform(0, 40)
    shape = (cells, int(rng.choice([cells, 4])))
    noise = Image.fromarray(rng.normal(0, strength, shape).astype(np.float32))
    return np.asarray(noise.resize((side, side), Image.Resampling.BICUBIC))[..., None]


def _piece(pieces: Sequence[Pixels] | Pixels, side: int, rng: np.random.Generator) -> Image.Image:
    """A rectangle or an ellipse of plain colour or of another drawing."""
    width, height = (int(v) for v in rng.integers(side // 10, side * 3 // 4, 2))
    if rng.random() < 0.6:
        source = Image.fromarray(pieces[int(rng.integers(len(pieces)))])
        span = rng.uniform(0.2, 0.6) * source.width
        x, y = rng.uniform(0, source.width - span, 2)
        body = source.crop((int(x), int(y), int(x + span), int(y + span))).resize((width, height))
    else:
        body = Image.new("RGB", (width, height), tuple(int(v) for v in rng.integers(0, 256, 3)))
    cover = Image.new("L", (width, height), 255)
    if rng.random() < 0.4:
        y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
        cover = Image.fromarray(((x**2 + y**2) < 1).astype(np.uint8) * 255)
    body = body.convert("RGBA")
    body.putalpha(cover)
    return body.rotate(rng.uniform(0, 90), Image.Resampling.BILINEAR, expand=True)
