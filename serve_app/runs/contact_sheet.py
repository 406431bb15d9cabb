"""All pictures of a run on one sheet, a caption under each."""

import io
from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont

from serve_app.jobs.files import write_whole

SIDE = 224  # pixels of one picture
GAP = 16
CAPTION = 58  # pixels below a picture: two lines of name, one of figures
MOST = 400  # pictures on one sheet; more would pass what viewers open
INK, PALE, PAPER, FRAME = "#1d1f23", "#71767f", "#ffffff", "#e3e5e9"


def write(path: Path, root: Path, records: Sequence[dict[str, Any]]) -> None:
    """`records` that have a picture, in their order; `root` is the folder that `image_path` starts from."""
    shown = records[:MOST]
    columns = min(8, max(4, round(len(shown) ** 0.5))) if len(shown) > 3 else max(1, len(shown))
    rows = -(-len(shown) // columns) or 1
    size = (GAP + columns * (SIDE + GAP), GAP + rows * (SIDE + CAPTION + GAP))
    sheet = Image.new("RGB", size, PAPER)
    draw = ImageDraw.Draw(sheet)
    for place, record in enumerate(shown):
        x = GAP + place % columns * (SIDE + GAP)
        y = GAP + place // columns * (SIDE + CAPTION + GAP)
        _paste(sheet, root / record["image_path"], (x, y))
        draw.rectangle((x - 1, y - 1, x + SIDE, y + SIDE), outline=FRAME)
        _caption(draw, record, x, y + SIDE + 7)
    if not shown:
        draw.text((GAP, GAP), "no pictures", fill=PALE, font=_font(14))
    content = io.BytesIO()
    sheet.save(content, "PNG")
    write_whole(path, content.getvalue())


@cache
def _font(size: int) -> Any:
    """DejaVu Sans from matplotlib's own data (Pillow's built-in font has no umlauts); found without importing it."""
    found = find_spec("matplotlib")
    if found is None or found.origin is None:
        return ImageFont.load_default(size)
    return ImageFont.truetype(Path(found.origin).parent / "mpl-data" / "fonts" / "ttf" / "DejaVuSans.ttf", size)


def _paste(sheet: Image.Image, picture: Path, corner: tuple[int, int]) -> None:
    with Image.open(picture, formats=["PNG"]) as opened:
        small = opened.convert("RGB")
    small.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    sheet.paste(small, (corner[0] + (SIDE - small.width) // 2, corner[1] + (SIDE - small.height) // 2))


def _caption(draw: ImageDraw.ImageDraw, record: dict[str, Any], x: int, y: int) -> None:
    name, figures = _font(12), _font(11)
    for line in _wrapped(draw, str((record.get("source") or {}).get("name", "")), name):
        draw.text((x, y), line, fill=INK, font=name)
        y += 17
    score, clip = record.get("score_10"), record.get("clip_score")
    facts = [
        record["article_id"],
        f"{score:.1f}/10" if score is not None else "",
        f"CLIP {clip:.1f}" if clip is not None else "",
        "dyed" if record.get("derived_from") else "",
    ]
    draw.text((x, y), "  ".join(filter(None, facts)), fill=PALE, font=figures)


def _wrapped(draw: ImageDraw.ImageDraw, text: str, font: Any) -> list[str]:
    """At most two lines that fit the picture's width, the second cut with an ellipsis."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and draw.textlength(longer, font) <= SIDE:
            lines[-1] = longer
        else:
            lines.append(word)
    shown = [_cut(draw, line, font) for line in lines[:2]]
    if len(lines) > 2:
        shown[1] = _cut(draw, f"{lines[1]} {lines[2]}…", font)
    return shown


def _cut(draw: ImageDraw.ImageDraw, line: str, font: Any) -> str:
    if draw.textlength(line, font) <= SIDE:
        return line
    while line and draw.textlength(f"{line}…", font) > SIDE:
        line = line[:-1]
    return f"{line.rstrip()}…"
