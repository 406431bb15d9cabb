"""What Ray's own check of a Serve config lets pass: misspelt keys, impossible numbers, unknown deployments."""

from collections.abc import Iterator
from typing import Any, get_args

import yaml
from pydantic import BaseModel, ValidationError

from models.errors import VitrineError

WITHOUT_MODEL = ("ingress", "conductor")


class ServeConfigError(VitrineError):
    """A Serve config that would not do what it says; lists every fault."""


def checked(text: str) -> dict[str, Any]:
    """The document of a Serve config; raises ServeConfigError with all that is wrong in it."""
    try:
        document = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ServeConfigError(f"not valid YAML: {error}") from None
    found = list(faults(document))
    if found:
        raise ServeConfigError("; ".join(found))
    whole: dict[str, Any] = document
    return whole


def faults(document: Any) -> Iterator[str]:
    """One sentence per fault."""
    from ray.serve.schema import ServeDeploySchema

    if not isinstance(document, dict):
        yield "the config is not a mapping"
        return
    try:
        ServeDeploySchema.model_validate(document)
    except (ValidationError, ValueError) as error:
        yield f"Ray refuses it: {error}"
        return
    yield from _unknown(ServeDeploySchema, document, "")
    for application in document["applications"]:
        yield from _application(application)


def _unknown(model: type[BaseModel], data: dict[str, Any], place: str) -> Iterator[str]:
    """Keys that no field of the schema has, at every level that has a schema."""
    for key, value in data.items():
        here = f"{place}.{key}".lstrip(".")
        if key not in model.model_fields:
            yield f"unknown key {here!r}"
            continue
        inner = next((kind for kind in _kinds(model.model_fields[key].annotation) if _is_model(kind)), None)
        for index, item in enumerate(value if isinstance(value, list) else [value]):
            if inner is not None and isinstance(item, dict):
                yield from _unknown(inner, item, f"{here}.{index}" if isinstance(value, list) else here)


def _kinds(annotation: Any) -> Iterator[Any]:
    yield annotation
    for inner in get_args(annotation):
        yield from _kinds(inner)


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _application(application: dict[str, Any]) -> Iterator[str]:
    from serve_app.autoscaling import targets
    from serve_app.graph import build
    from serve_app.settings import Settings

    try:
        graph = deployments_of(build(Settings.model_validate(application.get("args") or {})))
    except ValidationError as error:
        yield f"args: {error}"
        return
    named = {found["name"]: found for found in application.get("deployments", [])}
    for name in graph.keys() - named.keys():
        yield f"deployment {name!r} is not configured"
    for name, options in named.items():
        if name not in graph:
            yield f"there is no deployment {name!r}; the graph has {', '.join(sorted(graph))}"
            continue
        yield from _deployment(name, options, graph[name].max_ongoing_requests)
        if name not in WITHOUT_MODEL:
            yield from _recipe(name, options.get("user_config") or {})
    yield from targets.faults(application.get("autoscaling_policy") or {}, named)


def _deployment(name: str, options: dict[str, Any], max_ongoing: int) -> Iterator[str]:
    from ray.serve.config import AutoscalingConfig

    known = AutoscalingConfig.model_fields
    scaling = options.get("autoscaling_config")
    if scaling is None:
        return
    for key in scaling.keys() - known.keys():
        yield f"{name}: unknown key {key!r} in autoscaling_config"
    try:
        config = AutoscalingConfig(**scaling)
    except ValidationError as error:
        yield f"{name}: {error}"
        return
    target, allowed = config.target_ongoing_requests, options.get("max_ongoing_requests", max_ongoing)
    if target > allowed:
        yield f"{name}: target_ongoing_requests {target:g} can never be reached with max_ongoing_requests {allowed}"


def _recipe(role: Any, chosen: dict[str, Any]) -> Iterator[str]:
    from models.recipes import recipe_of

    try:
        recipe_of(role, chosen, gate=False)
    except VitrineError as error:
        yield str(error)


def deployments_of(application: Any) -> dict[str, Any]:
    """Name -> bound deployment of a Serve application."""
    from ray.serve._private.build_app import build_app

    return {found.name: found for found in build_app(application, name="vitrine").deployments}
