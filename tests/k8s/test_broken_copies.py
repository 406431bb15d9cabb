"""A copy of an overlay that was broken on purpose fails the rule that it breaks, and says with what."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import yaml
from overlays import needs_kubectl, overlay

from k8s.checks.rendered import Node, Rendered
from k8s.checks.rules import RULES

pytestmark = needs_kubectl
Break = Callable[[Rendered], object]
REMOVED = object()
HASH = re.compile(r"(?<=^vitrine-environment)-\w+$")  # of a generated ConfigMap


def at(found: Any, *keys: str | int) -> Any:
    for key in keys:
        found = found[key]
    return found


def put(value: Any, *place: str | int) -> Break:
    """Sets a field of the RayService's spec, or removes it."""

    def change(copy: Rendered) -> None:
        parent = at(copy.service["spec"], *place[:-1])
        if value is REMOVED:
            del parent[place[-1]]
        elif isinstance(parent, list) and place[-1] == len(parent):
            parent.append(value)
        else:
            parent[place[-1]] = value

    return change


def served(value: Any, *place: str | int) -> Break:
    """Sets a field of the Serve config."""

    def change(copy: Rendered) -> None:
        document = copy.serve
        at(document, *place[:-1])[place[-1]] = value
        copy.service["spec"]["serveConfigV2"] = yaml.safe_dump(document)

    return change


def deployed(name: str, key: str, value: Any) -> Break:
    """Sets an option of one deployment; a mapping is added to what is there."""

    def change(copy: Rendered) -> None:
        document = copy.serve
        (found,) = [one for one in document["applications"][0]["deployments"] if one["name"] == name]
        found[key] = {**found.get(key, {}), **value} if isinstance(value, dict) else value
        copy.service["spec"]["serveConfigV2"] = yaml.safe_dump(document)

    return change


def of(kind: str, name: str, value: Any, *place: str | int) -> Break:
    """Sets a field of another object."""

    def change(copy: Rendered) -> None:
        (found,) = [one for one in copy.of(kind) if HASH.sub("", one["metadata"]["name"]) == name]
        at(found, *place[:-1])[place[-1]] = value

    return change


def without(kind: str, name: str) -> Break:
    def change(copy: Rendered) -> None:
        copy.objects[:] = [
            one for one in copy.objects if one["kind"] != kind or not one["metadata"]["name"].startswith(name)
        ]

    return change


def besides(found: Node) -> Break:
    return lambda copy: copy.objects.append(found)


CLUSTER = "rayClusterConfig"
HEAD = (CLUSTER, "headGroupSpec")
SMALL = (CLUSTER, "workerGroupSpecs", 1)
POD = ("template", "spec")
RAY = (*POD, "containers", 0)
DOOR = ("spec", "rules", 0)
ANYBODY = {"ports": [{"port": 8000}]}
DASHBOARD = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "open"}}
ENVIRONMENT = "vitrine-environment"
BODY = "nginx.ingress.kubernetes.io/proxy-body-size"
WAIT = "nginx.ingress.kubernetes.io/proxy-read-timeout"

# Rule -> how a copy of the production overlay is broken, and what the rule says of it.
BROKEN: dict[str, tuple[Break, str]] = {
    "name_is_short": (lambda copy: copy.service["metadata"].update(name="v" * 48), "at most 47"),
    "pods_are_not_restarted_in_place": (put("Always", *SMALL, *POD, "restartPolicy"), "restartPolicy Always"),
    "minima_are_below_maxima": (put(99, *SMALL, "minReplicas"), "minReplicas 99"),
    "resources_are_said_once": (put("8", *SMALL, "rayStartParams", "num-cpus"), "rayStartParams.num-cpus"),
    "tokens_are_asked_for": (put("disabled", CLUSTER, "authOptions", "mode"), "must be token"),
    "a_cluster_scales_itself": (put("v1", CLUSTER, "autoscalerOptions", "version"), "must be v2"),
    "a_clusters_head_only_leads": (put({"CPU": "4"}, *HEAD, "resources"), "CPU must be 0"),
    "a_clusters_tables_outlive_its_head": (
        put("one", CLUSTER, "gcsFaultToleranceOptions", "externalStorageNamespace"),
        "shared by both clusters",
    ),
    "upgrades_are_possible": (
        put(5, "upgradeStrategy", "clusterUpgradeOptions", "maxSurgePercent"),
        "stepSizePercent <= maxSurgePercent",
    ),
    "old_clusters_outlive_their_requests": (
        put(REMOVED, "rayClusterDeletionDelaySeconds"),
        "is 60, a request may take",
    ),
    "nothing_else_scales_pods": (
        besides({"kind": "HorizontalPodAutoscaler", "metadata": {"name": "more"}}),
        "'more' beside Ray's autoscaler",
    ),
    "probes_are_the_operators": (put({}, *SMALL, *RAY, "readinessProbe"), "replaces the operator's"),
    "serve_config_is_sound": (deployed("scorer", "num_replica", 2), "num_replica"),
    "proxies_stand_where_pods_serve": (served("HeadOnly", "proxy_location"), "must be EveryNode"),
    "proxies_are_reachable": (served("127.0.0.1", "http_options", "host"), "answers the pod itself only"),
    "replicas_may_finish_their_work": (deployed("renderer", "graceful_shutdown_timeout_s", 3), "below the longest job"),
    "groups_say_what_they_have": (put("2", *SMALL, "resources", "GPU"), "GPU equal"),
    "gpus_are_asked_for_by_name": (put([], *SMALL, *POD, "tolerations"), "tolerates its taint: False"),
    "deployments_name_one_pool": (
        deployed("ingress", "ray_actor_options", {"resources": {}}),
        "ingress: names the pools []",
    ),
    "shares_keep_off_whole_gpus": (
        deployed("scorer", "ray_actor_options", {"resources": {"large": 0.001}}),
        "['scorer'] with shares of a GPU beside ['renderer']",
    ),
    "replicas_fit_a_node": (deployed("renderer", "ray_actor_options", {"num_cpus": 64}), "a replica takes"),
    "least_replicas_fit_least_nodes": (
        deployed("renderer", "autoscaling_config", {"min_replicas": 5}),
        "need 5 nodes, minReplicas is 1",
    ),
    "most_replicas_fit_most_nodes": (
        deployed("renderer", "autoscaling_config", {"max_replicas": 64}),
        "need 64 nodes, maxReplicas is 32",
    ),
    "ray_pods_share_one_environment": (put([], *SMALL, *RAY, "envFrom"), "without the one environment"),
    "the_environment_is_the_measured_one": (
        of("ConfigMap", ENVIRONMENT, "15", "data", "RAY_worker_niceness"),
        "niceness",
    ),
    "requests_enter_through_our_haproxy": (
        of("ConfigMap", ENVIRONMENT, "/usr/sbin/haproxy", "data", "RAY_SERVE_HAPROXY_BINARY_PATH"),
        "started by /opt/vitrine",
    ),
    "temporary_files_have_a_place": (of("ConfigMap", ENVIRONMENT, "/root", "data", "HOME"), "must be /tmp"),
    "our_image_has_one_tag": (put("vitrine:0.0.9-gpu", *SMALL, *RAY, "image"), "2 images of the service"),
    "no_image_changes_by_itself": (put("vitrine:latest", *SMALL, *RAY, "image"), "no fixed tag"),
    "ray_is_the_images": (put("2.59.0", CLUSTER, "rayVersion"), "rayVersion is 2.59.0"),
    "secrets_are_listed": (
        put("vitrine-stoer", *(CLUSTER, "workerGroupSpecs", 0), *RAY, "envFrom", 1, "secretRef", "name"),
        "'vitrine-stoer'",
    ),
    "configurations_are_there": (without("ConfigMap", "vitrine-environment"), "is not in the overlay"),
    "volumes_are_there": (without("PersistentVolumeClaim", "vitrine-packs"), "the claim 'vitrine-packs'"),
    "services_are_there": (
        of("Ingress", "vitrine", "elsewhere", *DOOR, "http", "paths", 0, "backend", "service", "name"),
        "'elsewhere', which nobody makes",
    ),
    "accounts_are_there": (put("vitrin", *SMALL, *POD, "serviceAccountName"), "the ServiceAccount 'vitrin'"),
    "pods_are_not_root": (put(0, *SMALL, *POD, "securityContext", "runAsUser"), "a user other than root"),
    "containers_are_closed": (
        put(REMOVED, CLUSTER, "autoscalerOptions", "securityContext", "readOnlyRootFilesystem"),
        "container autoscaler",
    ),
    "pods_keep_off_the_node": (put(True, *SMALL, *POD, "hostNetwork"), "hostNetwork"),
    "only_the_autoscaler_talks_to_kubernetes": (
        put(REMOVED, *SMALL, *POD, "automountServiceAccountToken"),
        "RayService/small: automountServiceAccountToken must be false",
    ),
    "secrets_are_named_only": (
        put([{"name": "AWS_SECRET_ACCESS_KEY", "value": "plain"}], *SMALL, *RAY, "env"),
        "AWS_SECRET_ACCESS_KEY has its value",
    ),
    "databases_keys_reach_the_front_only": (
        put({"secretRef": {"name": "vitrine-store"}}, *SMALL, *RAY, "envFrom", 1),
        "RayService/small: has the Secret vitrine-store",
    ),
    "packs_are_read_only_where_models_run": (
        put([{"name": "packs", "mountPath": "/packs"}], *SMALL, *RAY, "volumeMounts"),
        "could write /packs",
    ),
    "memory_is_bounded": (put({}, *SMALL, *RAY, "resources"), "a limit of memory"),
    "rays_own_ports_stay_inside": (
        besides({**DASHBOARD, "spec": {"selector": {}, "ports": [{"port": 8265}]}}),
        "opens [8265]",
    ),
    "everything_is_denied_first": (without("NetworkPolicy", "default-deny"), "denies all pods"),
    "every_pod_has_a_policy": (without("NetworkPolicy", "engines"), "Job/vitrine-engines-large: no NetworkPolicy"),
    "every_rule_names_its_peers": (of("NetworkPolicy", "packs", [ANYBODY], "spec", "ingress"), "open to everybody"),
    "private_addresses_are_closed": (
        of("NetworkPolicy", "ray", ["10.0.0.0/8"], "spec", "egress", 2, "to", 0, "ipBlock", "except"),
        "without except ['169.254.0.0/16'",
    ),
    "only_the_operator_reaches_the_dashboard": (
        of("NetworkPolicy", "ray-head", [{"from": [{"namespaceSelector": {}}]}], "spec", "ingress"),
        "reaches port 8265",
    ),
    "budgets_fit_their_pods": (of("PodDisruptionBudget", "small", "50%", "spec", "minAvailable"), "with a number"),
    "every_standing_group_has_a_budget": (without("PodDisruptionBudget", "large"), "group large: 0"),
    "the_door_has_tls": (of("Ingress", "vitrine", "other.example", *DOOR, "host"), "no certificate"),
    "the_door_waits_as_long_as_serve": (of("Ingress", "vitrine", "30", "metadata", "annotations", WAIT), "30 s"),
    "the_door_takes_the_longest_body": (of("Ingress", "vitrine", "1m", "metadata", "annotations", BODY), "takes 201m"),
    "a_clusters_pods_are_all_scraped": (
        put([{"name": "serve", "containerPort": 8000}], *SMALL, *RAY, "ports"),
        "RayService/small: no PodMonitor",
    ),
}

# Ways to break the same rules that the production overlay cannot show.
ELSEWHERE: list[tuple[str, str, Break, str]] = [
    ("single-gpu", "upgrades_are_possible", put("NewCluster", "upgradeStrategy", "type"), "take None"),
    (
        "single-gpu",
        "least_replicas_fit_least_nodes",
        deployed("scorer", "autoscaling_config", {"min_replicas": 9}),
        "head",
    ),
    ("single-gpu", "a_cluster_scales_itself", put(True, CLUSTER, "enableInTreeAutoscaling"), "with 0 groups"),
    (
        "laptop",
        "only_the_autoscaler_talks_to_kubernetes",
        put(True, *HEAD, *POD, "automountServiceAccountToken"),
        "false",
    ),
    ("laptop", "proxies_stand_where_pods_serve", served("EveryNode", "proxy_location"), "must be HeadOnly"),
    ("production", "budgets_fit_their_pods", put(0, *SMALL, "minReplicas"), "minAvailable 1 of at least 0"),
    ("production", "containers_are_closed", put({}, *SMALL, *POD, "initContainers", 0, "securityContext"), "pack"),
    ("production", "proxies_are_reachable", put([], *SMALL, *RAY, "ports"), "port `serve` is None"),
    ("production", "volumes_are_there", put([], *SMALL, *POD, "volumes"), "which is no volume of the pod"),
    ("production", "rays_own_ports_stay_inside", put("NodePort", *HEAD, "serviceType"), "opens the dashboard"),
    (
        "laptop",
        "secrets_are_named_only",
        of("ConfigMap", ENVIRONMENT, "plain", "data", "HF_TOKEN"),
        "HF_TOKEN has its value",
    ),
    ("examples", "secrets_are_named_only", besides({"kind": "Secret", "metadata": {"name": "keys"}}), "lies in the"),
]


def cases() -> Iterator[Any]:
    for rule, (change, says) in BROKEN.items():
        yield pytest.param("production", rule, change, says, id=rule)
    for name, rule, change, says in ELSEWHERE:
        yield pytest.param(name, rule, change, says, id=f"{name}-{rule}")


@pytest.mark.parametrize(("name", "rule", "change", "says"), cases())
def test_a_broken_copy_fails_its_rule(name: str, rule: str, change: Break, says: str) -> None:
    copy = overlay(name)
    assert list(RULES[rule](copy)) == [], "the overlay breaks the rule already"
    change(copy)
    found = list(RULES[rule](copy))
    assert any(says in fault for fault in found), found


def test_every_rule_has_a_broken_copy() -> None:
    assert set(BROKEN) == set(RULES)
