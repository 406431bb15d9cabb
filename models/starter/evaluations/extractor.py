"""Held-out figures of the extractor: fresh listings of seen templates, and listings of templates never trained on."""

import time
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

from models.domain import Attributes, ExtractionOrder
from models.phi3.recipe import Phi3Recipe
from models.phi3.schema import FIELDS
from models.starter.corpus.listings import Listing, listings

LISTINGS = 200  # of each kind
ALONE = 20  # listings that are timed one by one
SEED = 9001  # apart from every training seed


class Options(Protocol):
    """Which pack is judged."""

    pack: Path


def evaluate(options: Options) -> dict[str, Any]:
    """Share of valid answers, of articles right in every field, and of each field right, stated or not."""
    import torch

    extractor = Phi3Recipe(pack=options.pack, threads=torch.get_num_threads()).load()
    kinds = {"seen_templates": False, "unseen_templates": True}
    figures: dict[str, Any] = {
        name: _figures(extractor, list(islice(listings(SEED, unseen), LISTINGS))) for name, unseen in kinds.items()
    }
    return figures | {"seconds_alone": _alone(extractor)}


def _figures(extractor: Any, truth: list[Listing]) -> dict[str, Any]:
    started = time.perf_counter()
    found = extractor.extract([ExtractionOrder(listing.source, listing.english) for listing in truth])
    seconds = time.perf_counter() - started
    right = {
        field: round(sum(_same(field, one, listing) for one, listing in zip(found, truth, strict=True)) / len(truth), 3)
        for field in FIELDS
    }
    return {
        "n": len(truth),
        "valid": sum(isinstance(one, Attributes) for one in found) / len(truth),
        "all_fields": sum(one == listing.attributes for one, listing in zip(found, truth, strict=True)) / len(truth),
        "fields": right,
        "f1": _f1(found, truth),
        "seconds_per_listing": round(seconds / len(truth), 3),
    }


def _same(field: str, found: Any, listing: Listing) -> bool:
    return isinstance(found, Attributes) and _values(field, found) == _values(field, listing.attributes)


def _values(field: str, attributes: Attributes) -> frozenset[Any]:
    value = getattr(attributes, field)
    return frozenset(value) if isinstance(value, tuple) else frozenset([value] if value else [])


def _f1(found: list[Any], truth: list[Listing]) -> float:
    """Micro-averaged over all values of all fields."""
    right = said = wanted = 0
    for one, listing in zip(found, truth, strict=True):
        for field in FIELDS:
            values = _values(field, one) if isinstance(one, Attributes) else frozenset()
            labels = _values(field, listing.attributes)
            right, said, wanted = right + len(values & labels), said + len(values), wanted + len(labels)
    return round(2 * right / (said + wanted), 3)


def _alone(extractor: Any) -> float:
    started = time.perf_counter()
    for listing in islice(listings(SEED + 1), ALONE):
        extractor.extract([ExtractionOrder(listing.source, listing.english)])
    return round((time.perf_counter() - started) / ALONE, 3)
