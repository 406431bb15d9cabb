"""What a file says of itself: manifest, digital source type, mark, look. The file is a stranger's."""

import hashlib
from dataclasses import dataclass
from typing import Any

from serve_app.limited_child import running
from serve_app.provenance.identity import Identity
from serve_app.provenance.look import Look, look_of
from serve_app.provenance.manifest import Manifest
from serve_app.provenance.mark import Reading, SpreadSpectrum
from serve_app.uploads import limits, read

MODULE = "serve_app.provenance.child"
SAID_BYTES = 1 << 20  # a manifest of ours has some thousand
SIDE = 4096  # pixels to which a larger picture is shrunk; the cells of its mark are then of no known size


@dataclass(frozen=True, slots=True)
class Findings:
    """`size`: (width, height) in pixels as it was looked at; `source_type`: the address that XMP names."""

    sha256: str
    size: tuple[int, int]
    manifest: Manifest
    source_type: str | None
    mark: Reading | None
    look: Look


class Verifier:
    """Reads files with an operator's key and certificate; without them no mark is read and no signer is ours."""

    def __init__(self, identity: Identity | None) -> None:
        self._anchor = None if identity is None else identity.credential.anchor.decode()
        self._watermarker = None if identity is None else SpreadSpectrum(identity.mark_key)

    def examine(self, content: bytes) -> Findings:
        """Raises PictureError for what is no JPEG, PNG or WebP, or is damaged. Blocks: use a thread."""
        pixels = read(content, SIDE).pixels
        manifest, source_type = said_by(content, self._anchor)
        mark = None if self._watermarker is None else self._watermarker.read(pixels)
        size = pixels.shape[1], pixels.shape[0]
        return Findings(hashlib.sha256(content).hexdigest(), size, manifest, source_type, mark, look_of(pixels))


def said_by(content: bytes, anchor: str | None = None) -> tuple[Manifest, str | None]:
    """Manifest and source type as the child reads them; a file that ends it has no manifest that could be valid."""
    with running(MODULE, *([anchor] if anchor else []), within_s=limits.SECONDS) as child:
        child.send(content)
        said: Any = child.message(SAID_BYTES)
    if not isinstance(said, dict):
        return Manifest("invalid", faults=("vitrine.unreadable",)), None
    found = said["manifest"]
    return Manifest(**(found | {"faults": tuple(found["faults"])})), said["source_type"]
