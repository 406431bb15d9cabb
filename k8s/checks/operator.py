"""What KubeRay 1.7 refuses or silently does otherwise, and its custom resource's schema does not say."""

import re
from collections.abc import Iterator

from k8s.checks.rendered import Rendered

NAME = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")  # DNS-1035
LONGEST_NAME = 47  # characters; the operator appends to it
TOKENS_SINCE = (2, 52)  # the first Ray with tokens
UPGRADES = ("NewClusterWithIncrementalUpgrade", "NewCluster", "None")
DELETED_AFTER_S = 60  # the operator's default
SAID_BY_RESOURCES = ("num-cpus", "num-gpus", "memory", "resources", "labels")


def name_is_short(rendered: Rendered) -> Iterator[str]:
    name = rendered.service["metadata"]["name"]
    if len(name) > LONGEST_NAME or not NAME.fullmatch(name):
        yield f"the RayService's name {name!r} must be a DNS-1035 label of at most {LONGEST_NAME} characters"


def pods_are_not_restarted_in_place(rendered: Rendered) -> Iterator[str]:
    """Autoscaler v2 counts a pod that comes back as another node."""
    if not rendered.groups:
        return
    for pod in rendered.ray_pods:
        if pod.spec.get("restartPolicy", "Never") != "Never":
            yield f"{pod.owner}: restartPolicy {pod.spec['restartPolicy']} beside autoscaler v2; leave it away"


def minima_are_below_maxima(rendered: Rendered) -> Iterator[str]:
    for group in rendered.groups:
        least, most = group.get("minReplicas", 0), group["maxReplicas"]
        if not 0 <= least <= group.get("replicas", least) <= most:
            yield f"group {group['groupName']}: minReplicas {least}, maxReplicas {most}; it must be 0 <= min <= max"


def resources_are_said_once(rendered: Rendered) -> Iterator[str]:
    for pod in rendered.ray_pods:
        for param in SAID_BY_RESOURCES:
            if pod.group is not None and param in pod.group.get("rayStartParams", {}):
                yield f"{pod.owner}: rayStartParams.{param}; say it in the group's resources or labels"


def tokens_are_asked_for(rendered: Rendered) -> Iterator[str]:
    version = tuple(int(part) for part in rendered.cluster["rayVersion"].split(".")[:2])
    auth = rendered.cluster.get("authOptions", {})
    if auth.get("mode") != "token" or auth.get("enableK8sTokenAuth") or version < TOKENS_SINCE:
        yield f"authOptions {auth} with Ray {rendered.cluster['rayVersion']}: mode must be token, without k8s tokens"


def a_cluster_scales_itself(rendered: Rendered) -> Iterator[str]:
    scaling = rendered.cluster.get("enableInTreeAutoscaling", False)
    if bool(rendered.groups) != scaling:
        yield f"enableInTreeAutoscaling is {scaling} with {len(rendered.groups)} groups"
    if scaling and rendered.cluster.get("autoscalerOptions", {}).get("version") != "v2":
        yield "autoscalerOptions.version must be v2: version 1 knows no idle time per group"


def a_clusters_head_only_leads(rendered: Rendered) -> Iterator[str]:
    """Replicas on the head would die with it, and it needs its memory for the tables."""
    head = rendered.cluster["headGroupSpec"]
    if rendered.groups and head.get("resources", {}).get("CPU") != "0":
        yield f"the head of a cluster has resources {head.get('resources')}; CPU must be 0"


def a_clusters_tables_outlive_its_head(rendered: Rendered) -> Iterator[str]:
    options = rendered.cluster.get("gcsFaultToleranceOptions", {})
    if not rendered.groups:
        return
    if not options.get("redisAddress") or "valueFrom" not in options.get("redisPassword", {}):
        yield "gcsFaultToleranceOptions needs redisAddress and a redisPassword from a Secret"
    if "externalStorageNamespace" in options:
        yield "externalStorageNamespace would be shared by both clusters of an upgrade; leave it away"


def upgrades_are_possible(rendered: Rendered) -> Iterator[str]:
    strategy = rendered.service["spec"].get("upgradeStrategy", {})
    kind, options = strategy.get("type"), strategy.get("clusterUpgradeOptions", {})
    if kind not in UPGRADES:
        yield f"upgradeStrategy.type {kind!r} is none of {', '.join(UPGRADES)}"
    if not rendered.groups and kind != "None":
        yield f"upgradeStrategy.type {kind!r} on one machine: a second cluster has no place beside the first; take None"
    if kind == UPGRADES[0]:
        surge, step = options.get("maxSurgePercent", 100), options.get("stepSizePercent", 0)
        if (
            not 0 < step <= surge <= 100
            or options.get("intervalSeconds", 0) <= 0
            or not options.get("gatewayClassName")
        ):
            yield f"clusterUpgradeOptions {options}: it must be 0 < stepSizePercent <= maxSurgePercent <= 100"


def old_clusters_outlive_their_requests(rendered: Rendered) -> Iterator[str]:
    """The operator would delete one a minute after the last request was led elsewhere."""
    needed = rendered.serve["http_options"].get("request_timeout_s", 0)
    given = rendered.service["spec"].get("rayClusterDeletionDelaySeconds", DELETED_AFTER_S)
    if rendered.groups and given < needed:
        yield f"rayClusterDeletionDelaySeconds is {given}, a request may take {needed} s"


def nothing_else_scales_pods(rendered: Rendered) -> Iterator[str]:
    """Ray decides by the work that waits; a second hand on the same pods would undo it."""
    for found in rendered.of("HorizontalPodAutoscaler", "VerticalPodAutoscaler", "ScaledObject"):
        yield f"{found['kind']} {found['metadata']['name']!r} beside Ray's autoscaler"


def probes_are_the_operators(rendered: Rendered) -> Iterator[str]:
    """Its own ask Serve's proxy on workers; one of ours would take their place."""
    for pod in rendered.ray_pods:
        for probe in ("readinessProbe", "livenessProbe"):
            if probe in pod.ray:
                yield f"{pod.owner}: {probe} replaces the operator's, which asks raylet and proxy; remove it"
