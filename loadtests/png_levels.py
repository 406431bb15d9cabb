"""What a PNG costs by compression level: seconds of CPU and bytes of one delivered picture, upscaled to 1024 px.

Prints a table and, as the last line, one JSON document. `python loadtests/png_levels.py DIR/pictures`
"""

import json
import sys
import time
from io import BytesIO
from pathlib import Path
from statistics import median

from PIL import Image

LEVELS = (0, 1, 3, 6, 9)
ROUNDS = 5
SIDE = 1024


def main(folder: Path) -> None:
    """Interleaves the levels over the first pictures of a folder."""
    files = sorted(folder.glob("*.png"))[:8]
    if not files:
        sys.exit(f"{folder} holds no PNG; give the pictures folder of a run")
    pictures = [Image.open(file).convert("RGB").resize((SIDE, SIDE), Image.Resampling.LANCZOS) for file in files]
    seconds: dict[int, list[float]] = {level: [] for level in LEVELS}
    sizes: dict[int, list[int]] = {level: [] for level in LEVELS}
    for _ in range(ROUNDS):
        for picture in pictures:
            for level in LEVELS:
                buffer, began = BytesIO(), time.process_time()
                picture.save(buffer, format="PNG", compress_level=level)
                seconds[level].append(time.process_time() - began)
                sizes[level].append(buffer.tell())
    print("level  ms median  ms min-max        KiB median")
    for level in LEVELS:
        ms = [1000 * s for s in seconds[level]]
        print(f"{level:>5}  {median(ms):>9.1f}  {min(ms):>6.1f}-{max(ms):<8.1f}  {median(sizes[level]) / 1024:>10.0f}")
    rows = {level: {"ms": 1000 * median(seconds[level]), "bytes": median(sizes[level])} for level in LEVELS}
    print(json.dumps({"benchmark": "png_levels", "side": SIDE, "pictures": len(files), "levels": rows}))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path("out/demo/pictures"))
