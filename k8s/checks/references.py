"""Whatever a manifest names is there, or is named in k8s/README.md as something that has to be."""

from collections.abc import Iterator

from k8s.checks.rendered import Node, Pod, Rendered, name_of

SECRETS = frozenset(
    {"vitrine-store", "vitrine-seal", "vitrine-redis", "vitrine-hub", "vitrine-tls", "vitrine-postgres"}
)  # made by the operator of the service; k8s/README.md says how
SERVICES = frozenset({"vitrine-serve-svc", "vitrine-gateway-istio"})  # made by KubeRay and Istio


def secrets_are_listed(rendered: Rendered) -> Iterator[str]:
    for name in sorted(_named_secrets(rendered) - SECRETS):
        yield f"the Secret {name!r} is listed neither in k8s/checks/references.py nor in k8s/README.md"


def configurations_are_there(rendered: Rendered) -> Iterator[str]:
    there = {name_of(one) for one in rendered.of("ConfigMap")}
    for pod in rendered.pods:
        named = {source["configMapRef"]["name"] for one in pod.containers for source in _sources(one, "configMapRef")}
        named |= {volume["configMap"]["name"] for volume in pod.spec.get("volumes", []) if "configMap" in volume}
        for name in sorted(named - there):
            yield f"{pod.owner}: the ConfigMap {name!r} is not in the overlay"


def volumes_are_there(rendered: Rendered) -> Iterator[str]:
    claims = {name_of(one) for one in rendered.of("PersistentVolumeClaim")}
    for pod in rendered.pods:
        volumes = {volume["name"]: volume for volume in pod.spec.get("volumes", [])}
        made = {claim["metadata"]["name"] for claim in _templates(rendered, pod)}
        mounted = {mount["name"] for one in pod.containers for mount in one.get("volumeMounts", [])}
        for name in sorted(mounted - set(volumes) - made):
            yield f"{pod.owner}: mounts {name!r}, which is no volume of the pod"
        for name in sorted(set(volumes) - mounted):
            yield f"{pod.owner}: the volume {name!r} is mounted nowhere"
        named = {
            one["persistentVolumeClaim"]["claimName"] for one in volumes.values() if "persistentVolumeClaim" in one
        }
        for name in sorted(named - claims):
            yield f"{pod.owner}: the claim {name!r} is not in the overlay"


def services_are_there(rendered: Rendered) -> Iterator[str]:
    there = SERVICES | {name_of(one) for one in rendered.of("Service")}
    for ingress in rendered.of("Ingress"):
        for rule in ingress["spec"]["rules"]:
            for path in rule["http"]["paths"]:
                if (name := path["backend"]["service"]["name"]) not in there:
                    yield f"the Ingress leads to the Service {name!r}, which nobody makes"


def accounts_are_there(rendered: Rendered) -> Iterator[str]:
    there = {"default", *(name_of(one) for one in rendered.of("ServiceAccount"))}
    for pod in rendered.pods:
        if (name := pod.spec.get("serviceAccountName", "default")) not in there:
            yield f"{pod.owner}: the ServiceAccount {name!r} is not in the overlay"


def _named_secrets(rendered: Rendered) -> set[str]:
    named = {secret for pod in rendered.pods for secret in _secrets(pod)}
    named |= {tls["secretName"] for one in rendered.of("Ingress") for tls in one["spec"].get("tls", [])}
    if password := rendered.cluster.get("gcsFaultToleranceOptions", {}).get("redisPassword"):
        named.add(password["valueFrom"]["secretKeyRef"]["name"])
    return named


def _secrets(pod: Pod) -> Iterator[str]:
    for container in pod.containers:
        yield from (source["secretRef"]["name"] for source in _sources(container, "secretRef"))
        for variable in container.get("env", []):
            if reference := variable.get("valueFrom", {}).get("secretKeyRef"):
                yield reference["name"]
    yield from (volume["secret"]["secretName"] for volume in pod.spec.get("volumes", []) if "secret" in volume)


def _sources(container: Node, kind: str) -> Iterator[Node]:
    return (source for source in container.get("envFrom", []) if kind in source)


def _templates(rendered: Rendered, pod: Pod) -> list[Node]:
    return [
        claim
        for found in rendered.of("StatefulSet")
        if pod.owner == f"StatefulSet/{name_of(found)}"
        for claim in found["spec"].get("volumeClaimTemplates", [])
    ]
