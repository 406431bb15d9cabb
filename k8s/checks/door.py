"""The way in."""

from collections.abc import Iterator

from k8s.checks.rendered import Rendered, name_of

WAITS = "nginx.ingress.kubernetes.io/proxy-read-timeout"
TAKES = "nginx.ingress.kubernetes.io/proxy-body-size"
MIB = 1024**2


def the_door_has_tls(rendered: Rendered) -> Iterator[str]:
    for ingress in rendered.of("Ingress"):
        covered = {host for tls in ingress["spec"].get("tls", []) if tls.get("secretName") for host in tls["hosts"]}
        for rule in ingress["spec"]["rules"]:
            if rule.get("host") not in covered:
                yield f"Ingress {name_of(ingress)}: no certificate for the host {rule.get('host')!r}"


def the_door_waits_as_long_as_serve(rendered: Rendered) -> Iterator[str]:
    needed = rendered.serve["http_options"].get("request_timeout_s", 0)
    for ingress in rendered.of("Ingress"):
        given = int(ingress["metadata"].get("annotations", {}).get(WAITS, "60"))
        if given < needed:
            yield f"Ingress {name_of(ingress)}: {WAITS} {given} s, Serve's request_timeout_s is {needed}"


def the_door_takes_the_longest_body(rendered: Rendered) -> Iterator[str]:
    from serve_app.api.limits import LONGER

    needed = max(LONGER.values()) // MIB
    for ingress in rendered.of("Ingress"):
        given = ingress["metadata"].get("annotations", {}).get(TAKES, "1m")
        if int(given.removesuffix("m")) < needed:
            yield f"Ingress {name_of(ingress)}: {TAKES} {given}, the service takes {needed}m"
