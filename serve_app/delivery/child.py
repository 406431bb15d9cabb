"""The process that checks an untrusted file: limited memory and time, one line of JSON and the files on stdin.

The line is `{"profile", "name", "mask"}`, `mask` the length of the mask's file, which comes before the picture's; 0 for
none. It says one line: a report, or `{"code", "message"}`.
"""

import json
import os
import sys

from serve_app.limited_child import limit

MEMORY_BYTES = 2 << 30  # address space; 40 MP with their distances from the product stay below
CPU_SECONDS = 60  # 40 MP take about ten


def main() -> None:
    limit(MEMORY_BYTES, CPU_SECONDS)
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # a stack per core of a large machine would not fit
    line, _, content = sys.stdin.buffer.read().partition(b"\n")
    sys.stdout.write(checked(json.loads(line), content) + "\n")


def checked(asked: dict[str, object], content: bytes) -> str:
    """A report as JSON, or why there is none."""
    from PIL import Image

    from models.domain import Mask
    from serve_app.delivery.checks import check
    from serve_app.delivery.profile import profile
    from serve_app.delivery.subject import FileError, read
    from serve_app.uploads import limits

    Image.MAX_IMAGE_PIXELS = limits.PIXELS // 2  # Pillow refuses, by the header alone, what has twice as many
    length = int(str(asked["mask"]))
    try:
        mask = Mask(read(content[:length], "mask").pixels.max(axis=2), 1.0) if length else None
        subject = read(content[length:], str(asked["name"]), mask)
    except FileError as error:
        return json.dumps({"code": "broken", "message": str(error)})
    return check(subject, profile(str(asked["profile"]))).model_dump_json()


if __name__ == "__main__":
    main()
