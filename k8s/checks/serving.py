"""The Serve config inside the RayService, and what it expects of the pods."""

from collections.abc import Iterator

from k8s.checks.rendered import Rendered


def serve_config_is_sound(rendered: Rendered) -> Iterator[str]:
    from serve_app.serve_config import faults

    yield from faults(rendered.serve)


def proxies_stand_where_pods_serve(rendered: Rendered) -> Iterator[str]:
    wanted, found = "EveryNode" if rendered.groups else "HeadOnly", rendered.serve.get("proxy_location")
    if found != wanted:
        yield f"proxy_location is {found!r}, with {len(rendered.groups)} groups it must be {wanted}"


def proxies_are_reachable(rendered: Rendered) -> Iterator[str]:
    options = rendered.serve["http_options"]
    if options.get("host") != "0.0.0.0":  # noqa: S104 - a pod's own address, behind its NetworkPolicy
        yield f"http_options.host {options.get('host')!r} answers the pod itself only; it must be 0.0.0.0"
    for pod in rendered.ray_pods:
        ports = {port.get("name"): port["containerPort"] for port in pod.ray.get("ports", [])}
        if ports.get("serve") != options.get("port"):
            yield f"{pod.owner}: the port `serve` is {ports.get('serve')}, the Serve config's is {options.get('port')}"


def replicas_may_finish_their_work(rendered: Rendered) -> Iterator[str]:
    """The code's grace covers the longest job; a config must not shorten it."""
    from serve_app.graph import build
    from serve_app.serve_config import deployments_of
    from serve_app.settings import Settings

    (application,) = rendered.serve["applications"]
    graph = deployments_of(build(Settings.model_validate(application.get("args") or {})))
    for deployment in rendered.deployments:
        if deployment["name"] not in graph:
            continue  # serve_config_is_sound says so
        needed = graph[deployment["name"]]._deployment_config.graceful_shutdown_timeout_s
        given = deployment.get("graceful_shutdown_timeout_s", needed)
        if given < needed:
            yield f"{deployment['name']}: graceful_shutdown_timeout_s {given} is below the longest job's {needed:g}"
