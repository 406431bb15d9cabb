"""Checks a stranger's file through a child process, so that a hostile one costs that process and not this."""

import json

from serve_app.delivery.child import MEMORY_BYTES
from serve_app.delivery.ruling import Report
from serve_app.limited_child import running
from serve_app.uploads import PictureError, limits

MODULE = "serve_app.delivery.child"
SAID_BYTES = 1 << 16  # a report has some four thousand


def checked(content: bytes, name: str, profile: str, mask: bytes | None = None) -> Report:
    """By a profile that there is; `mask`: a picture file, white where the product is.

    Raises PictureError. Blocks: use a thread.
    """
    for sent in (content, mask or b""):
        if len(sent) > limits.FILE_BYTES:
            raise PictureError("too_large", f"{len(sent)} bytes, at most {limits.FILE_BYTES >> 20} MB are read")
    asked = json.dumps({"profile": profile, "name": name, "mask": len(mask or b"")}).encode()
    with running(MODULE, within_s=limits.SECONDS) as child:
        child.send(asked + b"\n" + (mask or b"") + content)
        said = child.message(SAID_BYTES)
        if isinstance(said, dict) and "code" in said:
            raise PictureError(said["code"], said["message"])
        if isinstance(said, dict):
            return Report.model_validate(said)
        if child.was_slow():
            raise PictureError("too_slow", "the picture takes too long to check; save it anew")
    memory = MEMORY_BYTES >> 20
    raise PictureError("broken", f"the picture is damaged, or needs more than {memory} MB to check; save it anew")
