"""The real deployments on a real local Ray over HTTP."""

import asyncio
import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from bench import SHIRT

from models.telemetry.metrics import METRICS
from serve_app import embedded

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(240)]


@pytest.fixture(scope="session")
def base_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    config = Path(__file__).parent / "doubles.yaml"
    with embedded.running(config, port=0, home=tmp_path_factory.mktemp("home")) as url:
        yield url


@pytest.fixture
def client(base_url: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=base_url, timeout=60, trust_env=False) as client:
        yield client


def shirt(**options: Any) -> dict[str, Any]:
    return SHIRT | {"options": options}


def replicas(role: str) -> list[str]:
    import ray

    named = ray.util.list_named_actors(all_namespaces=True)
    return [actor["name"] for actor in named if f"#{role}#" in actor["name"]]


def test_a_listing_becomes_a_picture_over_http(client: httpx.Client) -> None:
    answer = client.post("/v1/articles", json=shirt(seed=1))
    assert answer.status_code == 200, answer.text
    record = answer.json()
    assert record["status"] == "succeeded"
    picture = client.get(record["picture_url"])
    assert picture.content.startswith(b"\x89PNG")
    assert client.get(f"/v1/articles/{record['article_id']}").json()["sha256"] == record["sha256"]


def test_identical_requests_at_once_are_rendered_once(client: httpx.Client) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: client.post("/v1/articles", json=shirt(seed=2)), range(8)))
    assert {answer.status_code for answer in answers} == {200}
    # Seconds to the tenth of a millisecond are equal only when they were measured once.
    assert len({str(answer.json()["timings"]["render"]) for answer in answers}) == 1


def test_a_replica_killed_at_work_costs_no_request(client: httpx.Client) -> None:
    import ray

    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(client.post, "/v1/articles", json=shirt(seed=3))
        time.sleep(0.6)  # the renderer takes a second per batch
        (renderer,) = replicas("renderer")
        ray.kill(ray.get_actor(renderer, namespace="serve"))
        answer = waiting.result(timeout=60)
    assert answer.status_code == 200, answer.text
    assert answer.json()["status"] == "succeeded"
    assert replicas("renderer") != [renderer]


def test_a_crash_in_one_listing_of_a_batch_leaves_the_others_alone(client: httpx.Client) -> None:
    unlucky = SHIRT | {"description": "Freizeithemd Zirkon aus Baumwolle, langarm"}
    orders = [shirt(seed=10), unlucky, shirt(seed=11), shirt(seed=12)]
    with ThreadPoolExecutor(4) as pool:
        statuses = [
            answer.status_code for answer in pool.map(lambda order: client.post("/v1/articles", json=order), orders)
        ]
    assert statuses == [200, 500, 200, 200]


def test_a_failure_behind_a_handle_is_a_problem_without_traceback(client: httpx.Client) -> None:
    answer = client.post("/v1/articles", json=SHIRT | {"description": "Freizeithemd Zirkon aus Baumwolle, langarm"})
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["error"]["code"] == "model_fault"
    assert not {"Traceback", "actor", "RuntimeError:"} & set(answer.text.split())


def test_wrong_use_is_a_problem_over_http(client: httpx.Client) -> None:
    answer = client.post("/v1/articles", json=SHIRT | {"colour": "red"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "unknown_field")
    assert answer.headers["x-request-id"] == answer.json()["request_id"]


def test_health_and_docs_answer(client: httpx.Client) -> None:
    assert client.get("/healthz").status_code == 200
    assert client.get("/docs").status_code == 200


def test_the_proxy_listens_on_loopback_only_and_says_who_asks(client: httpx.Client) -> None:
    proxies = [found for found in psutil.process_iter(["name"]) if found.info["name"] == "haproxy"]
    heard = {at.laddr.ip for found in proxies for at in found.net_connections("inet") if at.status == "LISTEN"}
    assert heard == {"127.0.0.1"}
    answer = client.get("/v1/jobs", headers={"X-Forwarded-For": "203.0.113.7"})
    assert answer.status_code == 401, answer.text


async def test_pictures_do_not_wait_for_the_models(base_url: str) -> None:
    async with httpx.AsyncClient(base_url=base_url, timeout=60, trust_env=False) as client:
        first = (await client.post("/v1/articles", json=shirt(seed=1))).json()
        busy = asyncio.create_task(client.post("/v1/articles", json=shirt(seed=30, candidates=8, cascade=False)))
        await asyncio.sleep(0.3)
        began = time.monotonic()
        assert (await client.get(first["picture_url"])).status_code == 200
        assert time.monotonic() - began < 1.0
        assert (await busy).status_code == 200


def test_a_conductor_killed_at_work_loses_no_accepted_job_and_doubles_none(client: httpx.Client) -> None:
    import ray

    orders = [{"input": SHIRT, "options": {"seed": 100 + number, "candidates": 1}} for number in range(6)]
    jobs = [client.post("/v1/jobs", json=order).json()["id"] for order in orders]
    time.sleep(0.8)
    (conductor,) = replicas("conductor")
    ray.kill(ray.get_actor(conductor, namespace="serve"))
    until = time.monotonic() + 120
    ended: list[dict[str, Any]] = []
    while len(ended) < len(jobs) and time.monotonic() < until:
        found = [client.get(f"/v1/jobs/{job}").json() for job in jobs]
        ended = [job for job in found if job["finished_at"]]
        time.sleep(0.5)
    assert [job["state"] for job in ended] == ["succeeded"] * len(jobs)
    assert any(job["attempts"] == 2 for job in ended), "nothing was in work when the conductor died"
    for job in jobs:
        told = client.get(f"/v1/jobs/{job}/events").text
        assert told.count("event: succeeded") == 1


def test_cancelled_jobs_free_the_renderer_within_one_step(client: httpx.Client) -> None:
    """24 pictures are 6 s of the double, four at a time; another size would wait for 16 steps of them, 4 s."""
    orders = [
        {"input": SHIRT, "options": {"seed": seed, "candidates": 8, "cascade": False}} for seed in (201, 202, 203)
    ]
    jobs = [client.post("/v1/jobs", json=order).json()["id"] for order in orders]
    with client.stream("GET", f"/v1/jobs/{jobs[0]}/events") as told:
        assert any(line == "event: step" for line in told.iter_lines()), "the renderer never came to it"
    for job in jobs:
        client.post(f"/v1/jobs/{job}/cancel")
    began = time.monotonic()
    other = client.post("/v1/articles", json=shirt(seed=204, size=128, candidates=1))
    seconds = time.monotonic() - began
    assert other.status_code == 200, other.text
    states = [client.get(f"/v1/jobs/{job}").json()["state"] for job in jobs]
    assert states[1:] == ["canceled"] * 2, f"{states}; the first one may have ended before it was asked to"
    assert seconds < 4.0, seconds


def shown_metrics() -> dict[str, str]:
    """Name -> kind of every metric that the node shows to Prometheus."""
    import ray

    (node,) = ray.nodes()
    text = httpx.get(f"http://127.0.0.1:{node['MetricsExportPort']}/metrics", timeout=60, trust_env=False).text
    return dict(line.split()[2:4] for line in text.splitlines() if line.startswith("# TYPE "))


def test_metrics_are_exported_as_they_are_declared(client: httpx.Client) -> None:
    assert client.post("/v1/articles", json=shirt(seed=300, candidates=1)).status_code == 200
    wanted = {"http_requests", "queue_jobs", "jobs_ended", "stage_seconds", "batch_fill", "verdicts", "pictures_drawn"}
    declared = {metric.exported: metric.kind for metric in METRICS}
    until, ours = time.monotonic() + 60, dict[str, str]()  # Ray hands metrics on every ten seconds
    while not {f"vitrine_{name}" for name in wanted} <= {name[4:].removesuffix("_total") for name in ours}:
        assert time.monotonic() < until, f"{sorted(wanted)} are not all among {sorted(ours)}"
        time.sleep(1.0)
        shown = shown_metrics()
        ours = {name: kind for name, kind in shown.items() if name.startswith("ray_vitrine_")}
    assert ours.items() <= declared.items()
    known = (Path(__file__).parents[1] / "telemetry" / "ray_metrics.txt").read_text("utf-8").splitlines()
    named = {line for line in known if line.startswith(("ray_serve_deployment_replica_healthy", "ray_node_disk"))}
    assert named <= {f"{name} {kind}" for name, kind in shown.items()}


def test_log_lines_are_json_that_names_the_job_and_no_text(client: httpx.Client) -> None:
    import ray

    marked = SHIRT | {"description": "Freizeithemd Xanthippe aus Baumwolle, langarm"}
    answer = client.post("/v1/articles", json=marked | {"options": {"seed": 301, "candidates": 1}})
    assert answer.status_code == 200, answer.text
    job = answer.headers["location"].removeprefix("/v1/jobs/")
    folder = Path(ray._private.worker._global_node.get_logs_dir_path())
    told = {
        file: file.read_text("utf-8", "replace")
        for file in folder.rglob("*")
        if file.suffix in (".log", ".err", ".out")
    }
    assert not [file.name for file, text in told.items() if "Xanthippe" in text]
    lines = [line for file, text in told.items() if "conductor" in file.name for line in text.splitlines()]
    (ended,) = [json.loads(line) for line in lines if f"job {job} succeeded" in line]
    assert (ended["job"], ended["tenant"], ended["levelname"]) == (job, "local", "INFO")
    assert ended["request_id"] == answer.headers["x-request-id"]


def test_operations_name_every_deployment(client: httpx.Client) -> None:
    found = client.get("/v1/operations").json()
    assert found["replicas"].keys() >= {"ingress", "conductor", "renderer", "scorer"}
    assert found["replicas"]["scorer"] == {"running": 1, "target": 1}
