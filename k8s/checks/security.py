"""What a process in a pod may do to the pod, the node and the cluster."""

import re
from collections.abc import Iterator

from k8s.checks.rendered import Node, Rendered

SECRET = re.compile(r"(KEY|TOKEN|PASSWORD|SECRET|DATABASE_URL)$")
OWN_PORTS = frozenset({6379, 8265, 10001, 52365})  # Ray's tables, dashboard, client and agents


def pods_are_not_root(rendered: Rendered) -> Iterator[str]:
    for pod in rendered.pods:
        given = pod.spec.get("securityContext", {})
        seccomp = given.get("seccompProfile", {}).get("type")
        if not given.get("runAsNonRoot") or given.get("runAsUser", 0) == 0 or seccomp != "RuntimeDefault":
            yield f"{pod.owner}: securityContext {given}; it must be a user other than root with seccomp RuntimeDefault"


def containers_are_closed(rendered: Rendered) -> Iterator[str]:
    given = [(pod.owner, one["name"], one) for pod in rendered.pods for one in pod.containers]
    if rendered.groups:
        given.append(("RayService/headgroup", "autoscaler", rendered.cluster.get("autoscalerOptions", {})))
    for owner, name, container in given:
        if not _closed(container.get("securityContext", {})):
            yield f"{owner}: container {name} must have a read-only root, no capability and no way to more rights"


def _closed(context: Node) -> bool:
    return (
        context.get("readOnlyRootFilesystem") is True
        and context.get("allowPrivilegeEscalation") is False
        and context.get("capabilities", {}).get("drop") == ["ALL"]
        and not context["capabilities"].get("add")
        and not context.get("privileged")
        and context.get("runAsUser", 1) != 0
    )


def pods_keep_off_the_node(rendered: Rendered) -> Iterator[str]:
    for pod in rendered.pods:
        for key in ("hostNetwork", "hostPID", "hostIPC"):
            if pod.spec.get(key):
                yield f"{pod.owner}: {key}"
        for volume in pod.spec.get("volumes", []):
            if "hostPath" in volume:
                yield f"{pod.owner}: the volume {volume['name']!r} is a path of the node"


def only_the_autoscaler_talks_to_kubernetes(rendered: Rendered) -> Iterator[str]:
    for pod in rendered.pods:
        needed = bool(rendered.groups) and pod.labels.get("ray.io/node-type") == "head"
        if pod.spec.get("automountServiceAccountToken", True) != needed:
            yield f"{pod.owner}: automountServiceAccountToken must be {str(needed).lower()}"


def secrets_are_named_only(rendered: Rendered) -> Iterator[str]:
    for found in rendered.of("Secret"):
        yield f"the Secret {found['metadata']['name']!r} lies in the repository; make it in the cluster"
    pairs = [(pod.owner, one["name"], one.get("value")) for pod in rendered.pods for one in _variables(pod.containers)]
    pairs += [("ConfigMap", name, value) for one in rendered.of("ConfigMap") for name, value in one["data"].items()]
    for owner, name, value in pairs:
        if value and SECRET.search(name) and not value.startswith("/"):
            yield f"{owner}: {name} has its value in the manifest; name a Secret"


def _variables(containers: list[Node]) -> Iterator[Node]:
    return (variable for container in containers for variable in container.get("env", []))


def databases_keys_reach_the_front_only(rendered: Rendered) -> Iterator[str]:
    """A model's replica reads what strangers wrote and needs neither database nor keys."""
    for pod in rendered.ray_pods:
        named = str(pod.spec)
        front = pod.labels["ray.io/group"] == "front"
        for secret in ("vitrine-store", "vitrine-seal"):
            if rendered.groups and (secret in named) != front:
                yield f"{pod.owner}: {'lacks' if front else 'has'} the Secret {secret}"


def packs_are_read_only_where_models_run(rendered: Rendered) -> Iterator[str]:
    """An engine is code; only the Jobs that fetch and build may write it."""
    for pod in rendered.ray_pods:
        for container in pod.containers:
            for mount in container.get("volumeMounts", []):
                if mount["mountPath"].startswith("/packs") and not mount.get("readOnly"):
                    yield f"{pod.owner}: container {container['name']} could write {mount['mountPath']}"


def memory_is_bounded(rendered: Rendered) -> Iterator[str]:
    for pod in rendered.pods:
        for container in pod.containers:
            given = container.get("resources", {})
            if "memory" not in given.get("limits", {}) or not {"cpu", "memory"} <= given.get("requests", {}).keys():
                yield f"{pod.owner}: container {container['name']} needs requests of cpu and memory, a limit of memory"


def rays_own_ports_stay_inside(rendered: Rendered) -> Iterator[str]:
    """Who reaches the dashboard runs code in the cluster."""
    head = rendered.cluster["headGroupSpec"]
    if head.get("enableIngress") or head.get("serviceType", "ClusterIP") != "ClusterIP":
        yield "headGroupSpec: enableIngress or a serviceType beyond the cluster opens the dashboard"
    for service in rendered.of("Service"):
        if open_ports := sorted(OWN_PORTS & {port["port"] for port in service["spec"]["ports"]} - _stores(service)):
            yield f"the Service {service['metadata']['name']!r} opens {open_ports}"
    for ingress in rendered.of("Ingress"):
        for path in (path for rule in ingress["spec"]["rules"] for path in rule["http"]["paths"]):
            if path["backend"]["service"].get("port", {}).get("number") in OWN_PORTS:
                yield f"the Ingress {ingress['metadata']['name']!r} leads to {path['backend']['service']}"


def _stores(service: Node) -> set[int]:
    """A Redis of our own listens where Ray's tables do."""
    return {6379} if service["spec"]["selector"].get("app.kubernetes.io/component") == "redis" else set()
