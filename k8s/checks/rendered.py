"""An overlay as kustomize renders it, and the parts of it that rules ask for."""

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

Node = dict[str, Any]
RENDER_S = 60  # a render takes .2 s


class RenderError(Exception):
    """There is no kubectl, or it refuses the overlay; says why."""


@dataclass(frozen=True, slots=True)
class Pod:
    """A pod's template with the labels that its pods will have; `group`: of the Ray cluster, None for others."""

    owner: str
    labels: dict[str, str]
    spec: Node
    group: Node | None = None

    @property
    def containers(self) -> list[Node]:
        """With those that run before them."""
        return [*self.spec.get("initContainers", []), *self.spec["containers"]]

    @property
    def ray(self) -> Node:
        """The container that Ray runs in: the first."""
        found: Node = self.spec["containers"][0]
        return found


@dataclass(frozen=True)
class Rendered:
    """All objects of an overlay; exactly one of them is a RayService."""

    objects: list[Node]

    def of(self, *kinds: str) -> list[Node]:
        return [found for found in self.objects if found["kind"] in kinds]

    @cached_property
    def service(self) -> Node:
        (found,) = self.of("RayService")
        return found

    @property
    def cluster(self) -> Node:
        found: Node = self.service["spec"]["rayClusterConfig"]
        return found

    @property
    def groups(self) -> list[Node]:
        found: list[Node] = self.cluster.get("workerGroupSpecs", [])
        return found

    @property
    def serve(self) -> Node:
        """The Serve config inside the RayService."""
        found: Node = yaml.safe_load(self.service["spec"]["serveConfigV2"])
        return found

    @property
    def deployments(self) -> list[Node]:
        return [found for application in self.serve["applications"] for found in application["deployments"]]

    @property
    def pods(self) -> list[Pod]:
        return [*self.ray_pods, *self._other_pods()]

    @property
    def ray_pods(self) -> list[Pod]:
        """The head's first."""
        head = self.cluster["headGroupSpec"]
        return [
            _ray_pod(head, "head", "headgroup"),
            *(_ray_pod(one, "worker", one["groupName"]) for one in self.groups),
        ]

    def _other_pods(self) -> Iterator[Pod]:
        for found in self.of("Job", "StatefulSet", "Deployment", "DaemonSet"):
            template = found["spec"]["template"]
            yield Pod(f"{found['kind']}/{name_of(found)}", template["metadata"].get("labels", {}), template["spec"])


def _ray_pod(group: Node, kind: str, name: str) -> Pod:
    template = group["template"]
    # The operator's labels, which its pods get beside the template's.
    labels = {**template["metadata"].get("labels", {}), "ray.io/node-type": kind, "ray.io/group": name}
    return Pod(f"RayService/{name}", labels, template["spec"], group)


def name_of(found: Node) -> str:
    return str(found["metadata"]["name"])


def selects(selector: Node, pod: Pod) -> bool:
    """Whether a label selector takes a pod."""
    named = selector.get("matchLabels", {}).items() <= pod.labels.items()
    return named and all(
        one["operator"] == "In" and pod.labels.get(one["key"]) in one["values"]
        for one in selector.get("matchExpressions", [])
    )


def render(folder: Path) -> Rendered:
    """What `kubectl kustomize` prints for a folder; raises RenderError."""
    kubectl = shutil.which("kubectl")
    if kubectl is None:
        raise RenderError("kubectl is not installed; 1.27 or newer renders the overlays")
    made = subprocess.run(  # noqa: S603
        [kubectl, "kustomize", str(folder)], capture_output=True, text=True, timeout=RENDER_S, check=False
    )
    if made.returncode:
        raise RenderError(f"kubectl refuses {folder}: {made.stderr.strip()}")
    return Rendered([found for found in yaml.load_all(made.stdout, yaml.CSafeLoader) if found])
