"""Pictures of a drawn garment on a background, made to keep or to break a rule; nothing here calls what is tested."""

import io
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from PIL import Image, ImageCms, ImageDraw, ImageFilter

from models.starter.drawing.draw import STRAIGHT, draw
from models.starter.drawing.garment import Garment

XMP = '<x:xmpmeta xmlns:x="adobe:ns:meta/"><r DigitalSourceType="http://cv.iptc.org/newscodes/digitalsourcetype/{}"/></x:xmpmeta>'
GARMENTS = (
    Garment(audience="men", type="t-shirt", base="dark blue", sleeve="short", neckline="crew"),
    Garment(audience="women", type="dress", base="red", pattern="dots"),
    Garment(audience="men", type="shirt", base="green", pattern="checked", second="beige", second_role="check"),
    Garment(audience="women", type="trousers", base="black"),
    Garment(audience="boys", type="hoodie", base="light grey", pattern="melange"),
    Garment(audience="women", type="skirt", base="orange", pattern="striped", second="brown", second_role="stripe"),
)
Paint = Callable[[Image.Image], None]


@cache
def product(garment: Garment, side: int = 640) -> Image.Image:
    """The garment alone, RGBA, cut to its box."""
    drawing = draw(garment, np.random.default_rng(7), side, pose=STRAIGHT)
    whole = Image.fromarray(np.dstack([drawing.picture.pixels, drawing.mask.alpha]), "RGBA")
    box = drawing.mask.alpha > 127
    rows, columns = np.flatnonzero(box.any(axis=1)), np.flatnonzero(box.any(axis=0))
    return whole.crop((int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1))


@dataclass(frozen=True)
class Scene:
    """`box`: width and height of the product over the picture's; `shift`: of its middle, as a share of the picture."""

    garment: Garment
    size: tuple[int, int]
    box: tuple[float, float]
    ground: tuple[int, int, int] = (255, 255, 255)
    shift: tuple[float, float] = (0.0, 0.0)
    blur: float = 0.0  # of the product's longer side
    paint: Paint | None = None
    form: str = "jpeg"
    mode: str = "RGB"
    profile: bytes | None = None
    source_type: str | None = None
    moving: bool = False
    bytes: int | None = None
    name: str = "bluse.jpg"

    def image(self) -> Image.Image:
        width, height = self.size
        laid = product(self.garment).resize((round(self.box[0] * width), round(self.box[1] * height)))
        if self.blur:
            pad = round(3 * self.blur * max(laid.size))
            spread = Image.new("RGBA", (laid.width + 2 * pad, laid.height + 2 * pad), (*self.ground, 0))
            spread.paste(laid, (pad, pad))
            laid = spread
        left = round((0.5 + self.shift[0]) * width - laid.width / 2)
        top = round((0.5 + self.shift[1]) * height - laid.height / 2)
        picture = Image.new("RGB", self.size, self.ground)
        picture.paste(laid, (left, top), laid)
        if self.blur:
            picture = picture.filter(
                ImageFilter.GaussianBlur(self.blur * max(self.box[0] * width, self.box[1] * height))
            )
        if self.paint is not None:
            self.paint(picture)
        return picture

    def file(self) -> bytes:
        picture = self.image().convert(self.mode)
        how: dict[str, object] = {
            "jpeg": {"quality": 95, "subsampling": 0},
            "webp": {"lossless": True, "method": 0},
            "png": {"compress_level": 1},
        }.get(self.form, {})
        if self.profile is not None:
            how |= {"icc_profile": self.profile}
        if self.source_type is not None:
            how |= {"xmp": XMP.format(self.source_type).encode()}
        if self.moving:
            how |= {"save_all": True, "append_images": [picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)]}
        buffer = io.BytesIO()
        picture.save(buffer, format=self.form.upper(), **how)
        return buffer.getvalue().ljust(self.bytes or 0, b"\0")

    def at(self, width: int, height: int) -> "Scene":
        return replace(self, size=(width, height))


def foreign_profile() -> bytes:
    """A colour profile that calls itself something else than sRGB."""
    plain = bytes(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    return plain.replace("sRGB".encode("utf-16-be"), "wide".encode("utf-16-be"))


def lettering(picture: Image.Image) -> None:
    """A price in the upper left corner."""
    ImageDraw.Draw(picture).text((6, 4), "SALE", fill=(200, 30, 30), font_size=max(10, picture.width // 40))


def watermark(picture: Image.Image) -> None:
    """Pale letters in the lower right corner."""
    pale = tuple(level - 18 for level in picture.getpixel((1, 1)))
    at, size = (picture.width - 6, picture.height - 4), max(10, picture.width // 40)
    ImageDraw.Draw(picture).text(at, "shop", fill=pale, anchor="rs", font_size=size)


def logo(picture: Image.Image) -> None:
    """A disc in the upper right corner."""
    side = max(8, picture.width // 50)
    ImageDraw.Draw(picture).ellipse((picture.width - side - 4, 4, picture.width - 4, 4 + side), fill=(20, 120, 60))


def border(picture: Image.Image) -> None:
    """A dark line around the picture."""
    width, height = picture.size
    ImageDraw.Draw(picture).rectangle((0, 0, width - 1, height - 1), outline=(40, 40, 40), width=3)
