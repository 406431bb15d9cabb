"""Source-language vocabularies: which words of a listing stand for which canonical value."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict

Sections = Mapping[str, Mapping[str, tuple[str, ...]]]


class Lexicon(BaseModel):
    """Sections (attributes) of canonical values and their source forms, in the notation that the data file explains."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    language: str
    version: int
    sections: dict[str, dict[str, tuple[str, ...]]]

    def words(self, section: str) -> dict[str, tuple[str, ...]]:
        """Canonical value to plain words and phrases, without notation marks and without forms that have a gap."""
        return {
            value: tuple(form.strip("-").lstrip("=#") for form in forms if "…" not in form)
            for value, forms in self.sections.get(section, {}).items()
        }


@cache
def languages() -> tuple[str, ...]:
    """Languages that have a lexicon, by their two letters."""
    return tuple(sorted(file.stem for file in Path(__file__).parent.glob("[a-z][a-z].toml")))


@cache
def lexicon(language: str) -> Lexicon:
    """The lexicon of a source language; raises FileNotFoundError when no such data file exists."""
    raw = tomllib.loads((Path(__file__).parent / f"{language}.toml").read_text("utf-8"))
    head = {key: raw.pop(key) for key in ("language", "version")}
    return Lexicon.model_validate({**head, "sections": raw})
