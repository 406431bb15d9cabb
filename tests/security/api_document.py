"""The OpenAPI document as a list of operations with the names of all that a client can fill in."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

METHODS = ("get", "put", "post", "delete", "patch", "head", "options")


@dataclass(frozen=True, slots=True)
class Operation:
    """`parameters`: (in, name) of each; `fields`: names of the body's properties at any depth."""

    method: str
    path: str
    parameters: tuple[tuple[str, str], ...]
    fields: frozenset[str] = field(default_factory=frozenset)

    def __str__(self) -> str:
        return f"{self.method.upper()} {self.path}"

    def named(self, place: str) -> list[str]:
        return [name for where, name in self.parameters if where == place]


def operations(document: dict[str, Any]) -> list[Operation]:
    """In the order of the document."""
    found = []
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                given = [*item.get("parameters", ()), *item[method].get("parameters", ())]
                parameters = tuple((each["in"], each["name"]) for each in given)
                content = item[method].get("requestBody", {}).get("content", {})
                fields = {name for media in content.values() for name in _fields(document, media.get("schema", {}), ())}
                found.append(Operation(method, path, parameters, frozenset(fields)))
    return found


def _fields(document: dict[str, Any], schema: Any, seen: tuple[str, ...]) -> Iterator[str]:
    """Names of properties, through references, alternatives and lists."""
    if isinstance(schema, list):
        for each in schema:
            yield from _fields(document, each, seen)
    elif isinstance(schema, dict):
        if (target := schema.get("$ref")) and target not in seen:
            yield from _fields(document, document["components"]["schemas"][target.rpartition("/")[2]], (*seen, target))
        for name, inner in schema.get("properties", {}).items():
            yield name
            yield from _fields(document, inner, seen)
        for key in ("allOf", "anyOf", "oneOf", "items", "prefixItems", "additionalProperties"):
            yield from _fields(document, schema.get(key), seen)
