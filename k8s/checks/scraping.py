"""What Prometheus looks at."""

from collections.abc import Iterator

from k8s.checks.rendered import Rendered, selects


def a_clusters_pods_are_all_scraped(rendered: Rendered) -> Iterator[str]:
    endpoints = [
        (monitor["spec"]["selector"], endpoint["port"])
        for monitor in rendered.of("PodMonitor")
        for endpoint in monitor["spec"]["podMetricsEndpoints"]
    ]
    for pod in rendered.ray_pods if rendered.groups else []:
        ports = {port.get("name") for port in pod.ray.get("ports", [])}
        if not any(selects(selector, pod) and port in ports for selector, port in endpoints):
            yield f"{pod.owner}: no PodMonitor looks at one of its ports {sorted(filter(None, ports))}"
