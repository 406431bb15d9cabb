"""The one environment of all Ray processes."""

from collections.abc import Iterator

from k8s.checks.rendered import Rendered, name_of

NAMED = "vitrine-environment"
HAPROXY = "/opt/vitrine/bin/haproxy"  # where the image has the script of serve_app/haproxy.py


def ray_pods_share_one_environment(rendered: Rendered) -> Iterator[str]:
    names = {name_of(found) for found in rendered.of("ConfigMap") if name_of(found).startswith(NAMED)}
    for pod in rendered.ray_pods:
        sources = {source.get("configMapRef", {}).get("name") for source in pod.ray.get("envFrom", [])}
        if len(names) != 1 or not names <= sources:
            yield f"{pod.owner}: envFrom {sorted(filter(None, sources))} without the one environment {sorted(names)}"


def the_environment_is_the_measured_one(rendered: Rendered) -> Iterator[str]:
    """What the embedded service runs with is what the project's figures were measured with."""
    from serve_app.embedded import FOR_RAY

    given = _environment(rendered)
    for name, value in FOR_RAY.items():
        if given.get(name) != value:
            yield f"{name} is {given.get(name)!r}; the embedded service has {value!r}"


def requests_enter_through_our_haproxy(rendered: Rendered) -> Iterator[str]:
    """Ray's own start of it opens statistics and tells nobody who asked, and the door believes what it tells."""
    given = _environment(rendered)
    if given.get("RAY_SERVE_ENABLE_HA_PROXY") != "1" or given.get("RAY_SERVE_HAPROXY_BINARY_PATH") != HAPROXY:
        yield f"HAProxy must be on and started by {HAPROXY}"
    if given.get("RAY_SERVE_THROUGHPUT_OPTIMIZED", "0") != "0":
        yield "RAY_SERVE_THROUGHPUT_OPTIMIZED sends pictures by gRPC, which refuses 4 MiB"


def temporary_files_have_a_place(rendered: Rendered) -> Iterator[str]:
    """Ray, HAProxy and compilers write below /tmp and the home, and the rest is read-only."""
    if (home := _environment(rendered).get("HOME")) != "/tmp":  # noqa: S108 - the container's own
        yield f"HOME is {home!r}; it must be /tmp, the only place that every pod can write"
    for pod in rendered.ray_pods:
        if "/tmp" not in {mount["mountPath"] for mount in pod.ray.get("volumeMounts", [])}:  # noqa: S108
            yield f"{pod.owner}: no volume at /tmp"


def _environment(rendered: Rendered) -> dict[str, str]:
    found = [one for one in rendered.of("ConfigMap") if name_of(one).startswith(NAMED)]
    return dict(found[0]["data"]) if found else {}
