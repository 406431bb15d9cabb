"""Who may talk to whom."""

from collections.abc import Iterator

from k8s.checks.rendered import Node, Pod, Rendered, name_of, selects

EVERYBODY = ("0.0.0.0/0", "::/0")
PRIVATE = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16")  # the last: the cloud's metadata
DASHBOARD = 8265
OPERATOR = "kuberay-system"


def everything_is_denied_first(rendered: Rendered) -> Iterator[str]:
    for policy in _policies(rendered):
        spec = policy["spec"]
        if not spec["podSelector"] and set(spec["policyTypes"]) == {"Ingress", "Egress"} and _empty(spec):
            return
    yield "no NetworkPolicy denies all pods everything first"


def _empty(spec: Node) -> bool:
    return not spec.get("ingress") and not spec.get("egress")


def every_pod_has_a_policy(rendered: Rendered) -> Iterator[str]:
    """Beside the ones for all pods; without one of its own a pod could look up names and do nothing else."""
    own = [policy for policy in _policies(rendered) if policy["spec"]["podSelector"]]
    for pod in rendered.pods:
        if not any(selects(policy["spec"]["podSelector"], pod) for policy in own):
            yield f"{pod.owner}: no NetworkPolicy selects its labels {pod.labels}"


def every_rule_names_its_peers(rendered: Rendered) -> Iterator[str]:
    for policy in _policies(rendered):
        for key, peers in (("ingress", "from"), ("egress", "to")):
            for rule in policy["spec"].get(key, []):
                if not rule.get(peers):
                    yield f"NetworkPolicy {name_of(policy)}: a rule of {key} without {peers!r} is open to everybody"


def private_addresses_are_closed(rendered: Rendered) -> Iterator[str]:
    """A webhook of a tenant must not reach what is in here, nor the cloud's metadata."""
    serving = [policy for policy in _policies(rendered) if any(_selected(policy, rendered.ray_pods))]
    for policy in serving:
        for block in _blocks(policy):
            if block["cidr"] == EVERYBODY[0] and (left := set(PRIVATE) - set(block.get("except", []))):
                yield f"NetworkPolicy {name_of(policy)}: {block['cidr']} without except {sorted(left)}"


def only_the_operator_reaches_the_dashboard(rendered: Rendered) -> Iterator[str]:
    for policy in (policy for policy in _policies(rendered) if any(_selected(policy, rendered.ray_pods))):
        for rule in policy["spec"].get("ingress", []):
            ports = {port["port"] for port in rule.get("ports", [])}
            if ports and DASHBOARD not in ports:
                continue
            for peer in rule.get("from", []):
                if not _of_the_operator(peer) and not _of_ray(peer, rendered):
                    yield f"NetworkPolicy {name_of(policy)}: {peer} reaches port {DASHBOARD}"


def _of_the_operator(peer: Node) -> bool:
    labels = peer.get("namespaceSelector", {}).get("matchLabels", {})
    return bool(labels.get("kubernetes.io/metadata.name") == OPERATOR)


def _of_ray(peer: Node, rendered: Rendered) -> bool:
    selector = peer.get("podSelector", {})
    others = [pod for pod in rendered.pods if pod.group is None]
    return "namespaceSelector" not in peer and bool(selector) and not any(selects(selector, pod) for pod in others)


def _policies(rendered: Rendered) -> list[Node]:
    return rendered.of("NetworkPolicy")


def _selected(policy: Node, pods: list[Pod]) -> Iterator[bool]:
    return (selects(policy["spec"]["podSelector"], pod) for pod in pods)


def _blocks(policy: Node) -> Iterator[Node]:
    for rule in policy["spec"].get("egress", []):
        yield from (peer["ipBlock"] for peer in rule.get("to", []) if "ipBlock" in peer)
