"""What a file says of itself that was made from a picture which somebody sent."""

from collections.abc import Callable, Mapping
from typing import Any, get_args

from models.domain import Pixels
from serve_app.catalogue.finishing import png
from serve_app.provenance.manifest import Origin
from serve_app.provenance.metadata import SourceType, signed_by_somebody, source_type_of, tagged
from serve_app.provenance.seal import Seal
from serve_app.provenance.verify import said_by


def own_label(
    source: bytes, seal: Seal | None, about: Mapping[str, Any], pixels: Pixels | None = None
) -> Callable[[bytes], bytes]:
    """A picture that said that it is generated goes on saying so; the new manifest names it, and keeps a valid one of
    its own. In the place of a file with a broken one stand its `pixels`.

    Without a seal files are tagged and not signed. Blocks: use a thread.
    """
    named = (source_type_of(source) or "").rpartition("/")[2]
    kept: SourceType | None = next((term for term in get_args(SourceType) if term == named), None)
    sources: tuple[bytes, ...] = (source,)
    if signed_by_somebody(source) and said_by(source)[0].state != "valid":
        sources = () if pixels is None else (png(pixels),)
    origin = Origin(kept, about, sources)

    def label(content: bytes) -> bytes:
        if seal is not None:
            return seal.labelled(content, origin)
        return content if kept is None else tagged(content, kept)

    return label
