"""From finished pixels to the file that is delivered: marked, encoded, tagged and signed, in this order."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from models.domain import Picture, Pixels
from serve_app.catalogue.finishing import png
from serve_app.catalogue.record import Record
from serve_app.provenance.codebook import BITS
from serve_app.provenance.identity import Identity
from serve_app.provenance.look import Look, look_of
from serve_app.provenance.manifest import Origin, signed
from serve_app.provenance.mark import SpreadSpectrum, Watermarker
from serve_app.provenance.metadata import tagged
from serve_app.stories.house import adapters_of

UNMARKED = "mark: none; the product is too small, too light or too busy to carry one"


@dataclass(frozen=True)
class Sealed:
    """A delivered file; `mark`: the payload that its pixels carry, None where the product cannot carry one."""

    shown: Picture
    content: bytes
    mark: int | None
    look: Look


class Seal:
    """Says in every delivered file what it is."""

    def __init__(self, identity: Identity) -> None:
        self._credential = identity.credential
        self._watermarker: Watermarker = SpreadSpectrum(identity.mark_key)

    def article(self, pixels: Pixels, reference: str, origin: Origin) -> Sealed:
        """A PNG that carries `payload_of(reference)`; the same reference and pixels give the same pixels."""
        payload = payload_of(reference)
        marked = self._watermarker.write(pixels, payload)
        shown = pixels if marked is None else marked
        content = self.labelled(png(shown), origin)
        return Sealed(Picture(shown), content, None if marked is None else payload, look_of(shown))

    def labelled(self, content: bytes, origin: Origin) -> bytes:
        """An encoded file, tagged and signed; not to be changed afterwards."""
        return signed(tagged(content, origin.source_type), origin, self._credential)


def origin_of(record: Record, models: Mapping[str, Any]) -> Origin:
    """What an article's manifest says: all is generated, by these models and adapters. `models`: role -> facts."""
    known = models.get("renderer", {}).get("adapters", {})
    adapters = {
        one.name: {"weight": one.weight} | {fact: known[one.name].get(fact) for fact in ("sha256", "licence")}
        for one in (adapters_of(record.adapter) if record.adapter else ())
    }
    about = {"article": record.article_id, "models": record.models, "adapters": adapters}
    return Origin("trainedAlgorithmicMedia", about)


def payload_of(reference: str) -> int:
    """42 bits that stand for a reference; among a million, two share theirs with a chance of one in nine."""
    return int.from_bytes(hashlib.sha256(reference.encode()).digest()[:8], "big") >> (64 - BITS)
