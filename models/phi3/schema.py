"""The JSON that an extraction is: its schema from the vocabulary, and the way to and from `Attributes`."""

import json
from typing import Any

from models.domain import Attributes, Colour
from models.vocabulary import Vocabulary

# Letters that a printed text or a brand may hold; no quotes, backslashes or control characters, so any match is JSON.
_FREE = "[ A-Za-zÀ-ÖØ-öø-ÿ0-9&'+,./()!?%:-]"
_WORDS = {"motif": 40, "motif_text": 60, "style": 40, "licensed_character": 40, "brand": 40}  # most characters of each
_LISTS = {"features": (48, 8), "materials": (40, 5), "non_visual_claims": (40, 8)}  # most characters, most items
FIELDS = (
    "audience", "product_type", "colours", "multi_colour_offer", "pattern", "sleeve", "neckline", "closure", "length",
    "fit", "style", "motif", "motif_text", "features", "materials", "non_visual_claims", "licensed_character", "brand",
)  # fmt: skip


def schema(words: Vocabulary) -> dict[str, Any]:
    """JSON schema (2020-12) of what an extraction may say: closed enumerations, bounded texts, nothing required."""
    colour = _object({"value": _one_of(words.colours), "role": _one_of(words.colour_roles)})
    closed = {
        "audience": _one_of(words.audiences),
        "product_type": _one_of(words.types),
        "colours": _list(colour | {"required": ["value", "role"]}, 4),
        "multi_colour_offer": {"const": True},
        "pattern": _list(_one_of(words.patterns), 6),
        "sleeve": _one_of(words.sleeves),
        "neckline": _one_of(words.necklines),
        "closure": _one_of(words.closures),
        "length": _one_of(words.lengths),
        "fit": _one_of(words.fits),
    }
    texts = {name: _text(most) for name, most in _WORDS.items()}
    lists = {name: _list(_text(most), items) for name, (most, items) in _LISTS.items()}
    everything = closed | texts | lists
    return _object({name: everything[name] for name in FIELDS})


def to_json(attributes: Attributes) -> str:
    """Compact JSON of the stated fields in the schema's order."""
    said: dict[str, Any] = {name: getattr(attributes, name) for name in FIELDS}
    said["colours"] = [{"value": colour.value, "role": colour.role} for colour in attributes.colours]
    return json.dumps({name: value for name, value in said.items() if value}, ensure_ascii=False, separators=(",", ":"))


def from_json(text: str) -> Attributes:
    """Attributes of one JSON object; raises ValueError when it is not one or names a field that does not exist."""
    said = json.loads(text)
    if not isinstance(said, dict) or not set(said) <= set(FIELDS):
        raise ValueError(f"not an object of known fields: {text[:80]!r}")
    colours = dict.fromkeys(Colour(item["value"], item["role"]) for item in said.pop("colours", ()))
    values = {name: _tidy(value) for name, value in said.items()}
    return Attributes(colours=tuple(colours), **{name: value for name, value in values.items() if value})


def _tidy(value: Any) -> Any:
    if isinstance(value, str):
        return value.strip()
    return tuple(dict.fromkeys(item.strip() for item in value if item.strip())) if isinstance(value, list) else value


def _one_of(values: Any) -> dict[str, Any]:
    return {"enum": list(values)}


def _text(most: int) -> dict[str, Any]:
    return {"type": "string", "pattern": f"^{_FREE}{{1,{most}}}$"}


def _list(items: dict[str, Any], most: int) -> dict[str, Any]:
    return {"type": "array", "items": items, "minItems": 1, "maxItems": most}


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "additionalProperties": False}
