"""Small pictures inside the page."""

import base64
import io
from pathlib import Path

from PIL import Image, UnidentifiedImageError

SIDE = 320  # pixels; shown at 280 and below
BYTES = 20_000  # of one thumbnail; 116 of them make a page of about 2 MB


def data_uri(path: Path, most: int = BYTES) -> str | None:
    """WebP of a picture as a data URI of at most `most` bytes before encoding; None when it cannot be read."""
    try:
        with Image.open(path, formats=["PNG"]) as opened:
            picture = opened.convert("RGB")
    except (OSError, UnidentifiedImageError):
        return None
    for side, quality in ((SIDE, 84), (SIDE, 70), (256, 60), (192, 50), (128, 40), (96, 30)):
        small = picture.copy()
        small.thumbnail((side, side), Image.Resampling.LANCZOS)
        content = io.BytesIO()
        small.save(content, "WEBP", quality=quality, method=4)
        if content.tell() <= most:
            break
    return webp_uri(content.getvalue())


def webp_uri(content: bytes) -> str:
    return f"data:image/webp;base64,{base64.b64encode(content).decode()}"
