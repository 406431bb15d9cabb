"""The families of a run: do the colourways of an article share frame and light, and what did dyeing them save?"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from serve_app.catalogue.family import FRAMING, LIGHT
from serve_app.stories.colourways import DRAWN, KEPT

Records = Mapping[str, Sequence[Mapping[str, Any]]]


def evaluate(records: Records) -> dict[str, Any]:
    """Figures of all families with two pictures and more; `records` by article, as a run's folder gives them."""
    groups = [group for group in records.values() if any(record.get("family") for record in group)]
    families = [next(record["family"] for record in group if record.get("family")) for group in groups]
    shown = [record for group in groups for record in group if record.get("image_path")]
    dyed = [record for record in shown if record.get("derived_from")]
    drawn = sum((record.get("cost") or {}).get("pictures", 0) for record in shown)
    return {
        "families": len(families),
        "pictures": len(shown),
        "dyed": len(dyed),
        "drawn instead": _noted(shown, DRAWN),
        "drawn in vain": _noted(shown, KEPT),
        "consistent": _rounded(np.mean([family["consistent"] for family in families])) if families else None,
        "framing IoU": _spread([family["framing_iou"] for family in families])
        | {"limit": FRAMING, "kept by": sum(family["framing_iou"] >= FRAMING for family in families)},
        "light distance": {
            "families that the limit was set on": _light([family for family in families if not _judged(family)]),
            "families judged by it": _light([family for family in families if _judged(family)]),
            "limit": LIGHT,
        },
        "colours": {"dyed": _passed(dyed), "drawn": _passed([record for record in shown if record not in dyed])},
        "pictures drawn per picture shown": _rounded(drawn / len(shown)) if shown else None,
    }


def _noted(records: Sequence[Mapping[str, Any]], beginning: str) -> dict[str, int]:
    return dict(Counter(note for record in records for note in record["notes"] if note.startswith(beginning)))


def _judged(family: Mapping[str, Any]) -> bool:
    """The light limit was set on families whose article id is even."""
    return int(family["base"].partition("-")[0], 16) % 2 == 1


def _light(families: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    found = [family["light_distance"] for family in families]
    return _spread(found) | {"families": len(found), "kept by": sum(value <= LIGHT for value in found)}


def _passed(records: Sequence[Mapping[str, Any]]) -> float | None:
    """Share of the pictures whose colours the verdict passes; None without pictures."""
    return (
        _rounded(np.mean([record["verdict"]["colours"]["state"] == "pass" for record in records])) if records else None
    )


def _spread(values: Sequence[float]) -> dict[str, float | None]:
    if not values:
        return {"least": None, "mean": None, "most": None}
    return {"least": min(values), "mean": _rounded(np.mean(values)), "most": max(values)}


def _rounded(value: Any) -> float:
    return round(float(value), 4)
