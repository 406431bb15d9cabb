"""The prompt of one listing: its columns and translation, cut to size, in the template of the model's size."""

import re
import tomllib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from models.domain import ExtractionOrder
from models.phi3.schema import FIELDS, schema
from models.vocabulary import Vocabulary

# Order of the claims on the token limit: what is too long is cut from the description's end.
COLUMNS = ("model_descr", "name", "model_name", "description")
_LABEL = re.compile(rf"^({'|'.join(COLUMNS)}):[ \t]*", re.MULTILINE)

Cut = Callable[[str, int], tuple[str, int]]
"""The longest beginning of a text within a number of tokens, and how many it has."""


def columns(source: str) -> dict[str, str]:
    """A listing's labelled lines by column; a source without labels is all description."""
    marks = list(_LABEL.finditer(source))
    found = dict.fromkeys(COLUMNS, "")
    if not marks:
        return found | {"description": _plain(source)}
    ends = [mark.start() for mark in marks[1:]] + [len(source)]
    for mark, end in zip(marks, ends, strict=True):
        found[mark.group(1)] = found[mark.group(1)] or _plain(source[mark.end() : end])
    return found


def prompt(order: ExtractionOrder, template: str, words: Vocabulary, limits: tuple[int, int], cut: Cut) -> str:
    """What the model reads; `limits`: tokens of the source and of its translation."""
    left, of_english = limits
    parts = columns(order.source)
    for column in COLUMNS:
        parts[column], used = cut(parts[column], left)
        left -= used
    english, _ = cut(_plain(order.english), of_english)
    return templates()[template].format(**parts, english=english, fields=_fields(words))


@cache
def templates() -> dict[str, str]:
    """Template texts by name, from the data file beside this module."""
    raw = tomllib.loads((Path(__file__).parent / "prompt.toml").read_text("utf-8"))
    return {name: entry["template"] for name, entry in raw.items()}


def _fields(words: Vocabulary) -> str:
    def values(rule: dict[str, Any]) -> str:
        return ", ".join(rule["enum"]) if "enum" in rule else str(rule.get("type", "true"))

    rules = schema(words)["properties"]
    lines = {name: values(rules[name].get("items", rules[name])) for name in FIELDS}
    parts = rules["colours"]["items"]["properties"]
    lines["colours"] = f"list of {{value, role}}; value: {values(parts['value'])}; role: {values(parts['role'])}"
    return "\n".join(f"- {name}: {line}" for name, line in lines.items())


def _plain(text: str) -> str:
    """One line; lines become sentences, control characters and the chat's own marks lose their meaning."""
    lines = (" ".join(_printable(line).split()) for line in text.splitlines())
    return " | ".join(line for line in lines if line).replace("<|", "< |")


def _printable(line: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in line)
