"""Whether every replica of the Serve config finds a node, and no replica keeps another one's node from it."""

from collections.abc import Iterator

from k8s.checks.packing import Load, Share, fits, nodes_for
from k8s.checks.rendered import Node, Rendered

GPU = "nvidia.com/gpu"
KNOWN = ("CPU", "GPU")  # Ray's own; every other resource is a pool's
CPUS = 1.0  # of a deployment that does not say it


def groups_say_what_they_have(rendered: Rendered) -> Iterator[str]:
    """Ray's count of GPUs is what the container gets, and a worker group's pool bears its name."""
    for pod in rendered.ray_pods:
        group = pod.group or {}
        resources = group.get("resources", {})
        limit = pod.ray.get("resources", {}).get("limits", {}).get(GPU, "0")
        if "CPU" not in resources or resources.get("GPU", "0") != limit:
            yield f"{pod.owner}: resources {resources} with {limit} of {GPU}; CPU must be there and GPU equal"
        if "groupName" in group and group["groupName"] not in resources:
            yield f"{pod.owner}: resources {resources} lack the pool {group['groupName']!r}"


def gpus_are_asked_for_by_name(rendered: Rendered) -> Iterator[str]:
    """Pods of a GPU pool stand on its nodes, and other pods never do."""
    for pod in rendered.pods:
        wants = any(GPU in one.get("resources", {}).get("limits", {}) for one in pod.containers)
        tolerates = any(one.get("key") == GPU for one in pod.spec.get("tolerations", []))
        if wants != tolerates:
            yield f"{pod.owner}: asks for a GPU: {wants}, tolerates its taint: {tolerates}"
    for pod in rendered.ray_pods[1:]:
        if pod.spec.get("nodeSelector", {}).get("vitrine-pool") != (pod.group or {})["groupName"]:
            yield f"{pod.owner}: nodeSelector {pod.spec.get('nodeSelector')} does not name its own pool"


def deployments_name_one_pool(rendered: Rendered) -> Iterator[str]:
    """Without one, a replica of the door could stand on a GPU and keep its node alive."""
    names = {group["groupName"] for group in rendered.groups}
    for load in _loads(rendered, "least"):
        pools = set(load.share) - set(KNOWN)
        if len(pools & names) != min(1, len(names)) or pools - names:
            yield f"{load.name}: names the pools {sorted(pools)}; it must be one of {sorted(names)}"


def shares_keep_off_whole_gpus(rendered: Rendered) -> Iterator[str]:
    """A replica with a share of a GPU beside ones that need a whole one would keep it from them."""
    for group in rendered.groups:
        wanted = {load.name: load.share.get("GPU", 0.0) for load in _of(_loads(rendered, "least"), group)}
        whole = sorted(name for name, gpus in wanted.items() if gpus >= 1)
        if shares := sorted(name for name, gpus in wanted.items() if whole and gpus < 1):
            yield f"group {group['groupName']}: {shares} with shares of a GPU beside {whole}"


def replicas_fit_a_node(rendered: Rendered) -> Iterator[str]:
    for group in _places(rendered):
        node = _node(group)
        for load in _of(_loads(rendered, "least"), group):
            if not fits(load.share, node):
                yield f"{load.name}: a replica takes {load.share}, a node of {_name(group)} has {node}"


def least_replicas_fit_least_nodes(rendered: Rendered) -> Iterator[str]:
    """So that a start waits for no autoscaler."""
    yield from _too_few(rendered, "least", "minReplicas")


def most_replicas_fit_most_nodes(rendered: Rendered) -> Iterator[str]:
    """Otherwise Serve would wait for replicas that never come. A single machine gives what it has."""
    if rendered.groups:
        yield from _too_few(rendered, "most", "maxReplicas")


def _too_few(rendered: Rendered, count: str, bound: str) -> Iterator[str]:
    for group in _places(rendered):
        node, there = _node(group), group.get(bound, 1 if group is rendered.cluster["headGroupSpec"] else 0)
        loads = [load for load in _of(_loads(rendered, count), group) if fits(load.share, node)]
        if (needed := nodes_for(loads, node)) > there:
            yield f"{_name(group)}: the {count} replicas need {needed} nodes, {bound} is {there}"


def _loads(rendered: Rendered, count: str) -> list[Load]:
    return [_load(deployment, count) for deployment in rendered.deployments]


def _load(deployment: Node, count: str) -> Load:
    options, scaling = deployment.get("ray_actor_options", {}), deployment.get("autoscaling_config")
    share = {"CPU": options.get("num_cpus", CPUS), "GPU": options.get("num_gpus", 0.0), **options.get("resources", {})}
    fixed = deployment.get("num_replicas", 1)
    bounds = {"least": fixed, "most": fixed}
    if scaling is not None:
        bounds = {"least": scaling.get("min_replicas", 1), "most": scaling.get("max_replicas", 1)}
    return Load(deployment["name"], {kind: float(amount) for kind, amount in share.items() if amount}, bounds[count])


def _places(rendered: Rendered) -> list[Node]:
    """Where replicas can be: the groups, or the head that has none."""
    return rendered.groups or [rendered.cluster["headGroupSpec"]]


def _of(loads: list[Load], group: Node) -> list[Load]:
    """Of a group: those that name its pool; of a lone head: all."""
    return [load for load in loads if "groupName" not in group or group["groupName"] in load.share]


def _node(group: Node) -> Share:
    return {kind: float(amount) for kind, amount in group.get("resources", {}).items()}


def _name(group: Node) -> str:
    return f"group {group['groupName']}" if "groupName" in group else "the head"
