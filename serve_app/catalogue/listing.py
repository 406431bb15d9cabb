"""What a seller has: four columns of text, and the names and seeds that follow from them."""

import hashlib
import json
import unicodedata
from collections.abc import Iterator
from dataclasses import astuple, dataclass, fields
from typing import Literal, get_args

Column = Literal["name", "description", "model_name", "model_descr"]
COLUMNS: tuple[Column, ...] = get_args(Column)
SHORTHAND: frozenset[str] = frozenset({"model_name", "model_descr"})  # the buyer's codes; the others are copy


@dataclass(frozen=True, slots=True)
class Listing:
    """One row of a sheet, NFC-normalised and trimmed; `name` and `description` are copy, the others shorthand."""

    name: str = ""
    description: str = ""
    model_name: str = ""
    model_descr: str = ""

    def __post_init__(self) -> None:
        for column in fields(self):
            text = unicodedata.normalize("NFC", getattr(self, column.name)).strip()
            object.__setattr__(self, column.name, text)

    def columns(self) -> Iterator[tuple[Column, str]]:
        """Column and its text, in the sheet's order."""
        return zip(COLUMNS, astuple(self), strict=True)

    @property
    def article_id(self) -> str:
        """First 16 hex digits of SHA-256 over the four columns as a JSON list in UTF-8; equal for duplicates."""
        return hashlib.sha256(json.dumps(astuple(self), ensure_ascii=False).encode()).hexdigest()[:16]


def seed_for(run_seed: int, article_id: str) -> int:
    """Seed of one article in one run, 64 bits: any picture can be remade alone."""
    return int.from_bytes(hashlib.sha256(f"{run_seed}:{article_id}".encode()).digest()[:8], "big")
