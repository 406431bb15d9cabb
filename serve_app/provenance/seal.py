"""From finished pixels to the file that is delivered: marked, encoded, tagged and signed, in this order."""

import hashlib
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image

from models.domain import Mask, Picture, Pixels, WeightedAdapter
from models.telemetry import traces
from serve_app.catalogue.finishing import png
from serve_app.catalogue.record import Record
from serve_app.delivery.encoding import QUALITY, encode
from serve_app.delivery.profile import Format
from serve_app.provenance.codebook import BITS
from serve_app.provenance.errors import ProvenanceError
from serve_app.provenance.identity import Identity
from serve_app.provenance.look import Look, look_of
from serve_app.provenance.manifest import Origin, signed
from serve_app.provenance.mark import SpreadSpectrum, Watermarker
from serve_app.provenance.metadata import tagged
from serve_app.stories.house import adapters_of

REST_S = 60.0  # for a time stamp service that failed: a silent one holds up each file for half a minute
UNMARKED = "mark: none; the product is too small, too light or too busy to carry one"

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Marked:
    """A picture as it is shown; `mark`: the payload that its pixels carry, None where they cannot carry one."""

    picture: Picture
    mark: int | None
    look: Look


@dataclass(frozen=True)
class Sealed(Marked):
    """A delivered file of a picture."""

    content: bytes


class Seal:
    """Says in every delivered file what it is."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity
        self._watermarker: Watermarker = SpreadSpectrum(identity.mark_key)
        self._unstamped_until = 0.0

    def marked(self, pixels: Pixels, reference: str, within: Mask | None = None) -> Marked:
        """With `payload_of(reference)`, where `within` allows it; the same of both gives the same pixels."""
        payload = payload_of(reference)
        with traces.span("mark"):
            written = self._watermarker.write(pixels, payload, None if within is None else within.alpha > 127)
            shown = pixels if written is None else written
            return Marked(Picture(shown), None if written is None else payload, look_of(shown))

    def article(self, pixels: Pixels, reference: str, origin: Origin) -> Sealed:
        """The PNG of a picture that is generated as a whole."""
        return self.picture(self.marked(pixels, reference), origin)

    def picture(self, found: Marked, origin: Origin, form: Format = "png", quality: int = QUALITY) -> Sealed:
        """The file of a picture that is marked already."""
        with traces.span("encode"):
            plain = png(found.picture.pixels) if form == "png" else encode(_image(found.picture.pixels), form, quality)
        return Sealed(found.picture, found.mark, found.look, self.labelled(plain, origin))

    def labelled(self, content: bytes, origin: Origin) -> bytes:
        """An encoded file, tagged and signed; not to be changed afterwards."""
        with traces.span("sign"):
            return self._labelled(content, origin)

    def _labelled(self, content: bytes, origin: Origin) -> bytes:
        content = content if origin.source_type is None else tagged(content, origin.source_type)
        credential, stamps = self._identity.credential, self._identity.stamps
        if stamps is None or time.monotonic() < self._unstamped_until:
            return signed(content, origin, credential)
        try:
            return signed(content, origin, credential, stamps)
        except ProvenanceError as error:
            self._unstamped_until = time.monotonic() + REST_S
            log.warning("for %g s files are delivered without a time stamp of %s: %s", REST_S, stamps, error)
            return signed(content, origin, credential)


class Touch:
    """Marks a picture that is drawn for a marketplace, as often as it is drawn; `last` is the one that counts."""

    def __init__(self, seal: Seal, reference: str) -> None:
        self._seal, self._reference = seal, reference
        self.last: Marked | None = None

    def __call__(self, image: Image.Image, product: Mask) -> Image.Image:
        self.last = self._seal.marked(np.asarray(image), self._reference, product)
        return _image(self.last.picture.pixels)


def _image(pixels: Pixels) -> Image.Image:
    return Image.fromarray(pixels)


def origin_of(record: Record, models: Mapping[str, Any]) -> Origin:
    """What an article's manifest says: all is generated, by these models and adapters. `models`: role -> facts."""
    chosen = adapters_of(record.adapter) if record.adapter else ()
    about = {"article": record.article_id, "models": record.models, "adapters": adapters_in(chosen, models)}
    return Origin("trainedAlgorithmicMedia", about)


def adapters_in(chosen: tuple[WeightedAdapter, ...], models: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Name -> weight, hash and licence."""
    known = models.get("renderer", {}).get("adapters", {})
    return {
        one.name: {"weight": one.weight} | {fact: known[one.name].get(fact) for fact in ("sha256", "licence")}
        for one in chosen
    }


def payload_of(reference: str) -> int:
    """42 bits that stand for a reference; among a million, two share theirs with a chance of one in nine."""
    return int.from_bytes(hashlib.sha256(reference.encode()).digest()[:8], "big") >> (64 - BITS)
