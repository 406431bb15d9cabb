"""Core kinds keep Kubernetes' schemas; the RayService keeps ours, and the operator's where it is at hand."""

import copy
import os
from functools import cache
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml
from jsonschema import Draft202012Validator
from overlays import FOLDERS, ROOT, needs_kubectl, overlay

from k8s.checks.rendered import Node

KUBERNETES = "1.32"  # what clusters run; every field that is used is older
OURS = ROOT / "k8s" / "checks" / "rayservice.yaml"
CUSTOM = ("ray.io", "monitoring.coreos.com")  # resources that operators bring
OPERATORS = "kuberay/ray.io_rayservices.yaml"

pytestmark = needs_kubectl


@pytest.mark.parametrize("name", FOLDERS)
def test_core_objects_keep_their_schemas(name: str) -> None:
    core = [one for one in overlay(name).objects if one["apiVersion"].partition("/")[0] not in CUSTOM]
    for found in core:
        kubernetes_validate.validate(found, KUBERNETES, strict=True)
    assert len(core) >= 8


@pytest.mark.parametrize("name", FOLDERS)
def test_rays_pods_keep_the_schema_of_pods(name: str) -> None:
    for pod in overlay(name).ray_pods:
        whole = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "pod", "labels": pod.labels}, "spec": pod.spec}
        kubernetes_validate.validate(whole, KUBERNETES, strict=True)


def test_a_misspelt_field_of_a_pod_is_found() -> None:
    pod = overlay("laptop").ray_pods[0]
    whole = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "pod"},
        "spec": {**pod.spec, "securityContexts": {}},
    }
    with pytest.raises(kubernetes_validate.ValidationError, match="securityContexts"):
        kubernetes_validate.validate(whole, KUBERNETES, strict=True)


@pytest.mark.parametrize("name", FOLDERS)
def test_the_ray_service_keeps_our_schema(name: str) -> None:
    assert _faults(_ours(), overlay(name).service) == []


@pytest.mark.data
@pytest.mark.parametrize("name", FOLDERS)
def test_the_ray_service_keeps_the_operators_schema(name: str) -> None:
    assert _faults(_operators(), overlay(name).service) == []


BROKEN: dict[str, tuple[list[str | int], Any]] = {
    "a misspelt field": (["rayClusterConfig", "headGroupSpecs"], {}),
    "a number for a parameter": (["rayClusterConfig", "headGroupSpec", "rayStartParams", "object-store-memory"], 1),
    "a number for a resource": (["rayClusterConfig", "headGroupSpec", "resources", "CPU"], 0),
    "a third autoscaler": (["rayClusterConfig", "autoscalerOptions", "version"], "v3"),
    "a text for a count": (["rayClusterConfig", "workerGroupSpecs", 0, "maxReplicas"], "many"),
    "another way in": (["rayClusterConfig", "authOptions", "mode"], "password"),
}


@pytest.mark.parametrize("fault", BROKEN)
def test_our_schema_finds(fault: str) -> None:
    assert _faults(_ours(), _broken(*BROKEN[fault]))


@pytest.mark.data
@pytest.mark.parametrize("fault", BROKEN)
def test_the_operators_schema_finds(fault: str) -> None:
    """So ours is no stricter than the operator's where it refuses these."""
    assert _faults(_operators(), _broken(*BROKEN[fault]))


def _broken(place: list[str | int], value: Any) -> Node:
    service = overlay("production").service
    found: Any = service["spec"]
    for key in place[:-1]:
        found = found[key]
    found[place[-1]] = value
    return service


def _faults(schema: Node, service: Node) -> list[str]:
    validator = Draft202012Validator(schema)
    return [
        f"{'.'.join(map(str, error.absolute_path))}: {error.message[:200]}" for error in validator.iter_errors(service)
    ]


@cache
def _ours() -> Node:
    schema: Node = yaml.safe_load(OURS.read_text("utf-8"))
    return schema


@cache
def _operators() -> Node:
    file = Path(os.environ.get("VITRINE_DATA", ROOT.parent / "shared" / "data")) / OPERATORS
    if not file.is_file():
        pytest.skip(f"the operator's custom resource is not at {file}; VITRINE_DATA names the folder of data")
    definition = yaml.load(file.read_text("utf-8"), yaml.CSafeLoader)
    (version,) = [one for one in definition["spec"]["versions"] if one["name"] == "v1"]
    schema: Node = _strict(copy.deepcopy(version["schema"]["openAPIV3Schema"]))
    return schema


def _strict(node: Any) -> Any:
    """A structural schema as JSON Schema that takes no unknown field: the API server would drop it without a word."""
    if isinstance(node, list):
        return [_strict(one) for one in node]
    if not isinstance(node, dict):
        return node
    whole = {key: _strict(value) for key, value in node.items() if not key.startswith("x-kubernetes-")}
    if node.get("x-kubernetes-int-or-string"):
        whole.pop("type", None)
    if "properties" in node and "additionalProperties" not in node:
        whole["additionalProperties"] = bool(node.get("x-kubernetes-preserve-unknown-fields"))
    return whole
