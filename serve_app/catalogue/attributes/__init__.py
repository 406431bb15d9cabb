"""Everything that a listing states, attribute by attribute, each value with its evidence."""

from serve_app.catalogue.attributes import colours as colour_reader
from serve_app.catalogue.attributes.decoration import features, materials, pattern, unseen, variants
from serve_app.catalogue.attributes.garment import Said, audience, neckline, product_type, single, sleeve
from serve_app.catalogue.attributes.identity import brand, characters
from serve_app.catalogue.attributes.motif import motif, motif_text
from serve_app.catalogue.reading import Reading


def stated(reading: Reading) -> Said:
    """All claims of the lexicon and the shorthand decoder, and what they decided against."""
    kind, kind_dropped = product_type(reading)
    parts: list[Said] = [
        audience(reading),
        (kind, kind_dropped),
        colour_reader.colours(reading),
        sleeve(reading, kind[0].value if kind else None),
        neckline(reading),
        *(single(reading, attribute) for attribute in ("fit", "closure", "length")),
        *((claims, []) for claims in (
            variants(reading), pattern(reading), motif(reading), motif_text(reading), features(reading),
            materials(reading), unseen(reading), characters(reading), brand(reading),
        )),
    ]  # fmt: skip
    return [c for claims, _ in parts for c in claims], [d for _, dropped in parts for d in dropped]


__all__ = ["stated"]
