"""The OpenAPI document as clients read it: problems under their own media type, and which methods an address takes."""

import re
from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI

PROBLEM = "application/problem+json"
REFERENCE = "#/components/schemas/ProblemDocument"
METHODS = frozenset({"get", "put", "post", "delete", "patch"})


class Api(FastAPI):
    """FastAPI writes every response of a route under the route's own media type; a problem has another one."""

    def openapi(self) -> dict[str, Any]:
        if self.openapi_schema is None:
            for operation in _operations(super().openapi()):
                for parameter in operation.get("parameters", ()):
                    parameter["schema"] = _not_null(parameter["schema"])
                form = (
                    operation.get("requestBody", {}).get("content", {}).get("multipart/form-data", {}).get("schema", {})
                )
                for name, schema in form.get("properties", {}).items():
                    form["properties"][name] = _not_null(schema)
                for response in operation["responses"].values():
                    content = response.get("content", {})
                    if any(media["schema"].get("$ref") == REFERENCE for media in content.values() if "schema" in media):
                        response["content"] = {PROBLEM: {"schema": {"$ref": REFERENCE}}}
        return super().openapi()

    def queries(self, method: str, template: str) -> set[str]:
        """Names of the query parameters that an operation takes."""
        operation = self.openapi()["paths"].get(template, {}).get(method.lower(), {})
        return {each["name"] for each in operation.get("parameters", ()) if each["in"] == "query"}

    def methods(self, path: str) -> list[str]:
        """What the document says of an address, in capitals; empty for one that it does not name."""
        found = []
        for template, item in self.openapi()["paths"].items():
            fixed = re.split(r"{\w+}", template)
            if re.fullmatch("[^/]+".join(map(re.escape, fixed)), path):
                found += [method.upper() for method in item if method in METHODS]
        return sorted(found)


def _not_null(schema: dict[str, Any]) -> dict[str, Any]:
    """A parameter or a field of a form is left out; no spelling of it is null."""
    kinds = [kind for kind in schema.get("anyOf", ()) if kind != {"type": "null"}]
    if len(kinds) != 1:
        return schema
    rest = {name: value for name, value in schema.items() if name != "anyOf"}
    return {**rest, **kinds[0]}


def _operations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for item in document["paths"].values():
        yield from (operation for method, operation in item.items() if method in METHODS)
