"""Clients that send work all the time, as an SDK would: the same key again until somebody says that it was accepted."""

import csv
import itertools
import random
import threading
import time
from collections import Counter
from dataclasses import dataclass
from typing import Any

import httpx

from loadtests.processes import ROOT

POLL_S = 0.4  # how often a client looks after its job
PAUSE_S = (0.2, 1.2)  # between two jobs of a client, drawn evenly
AGAIN_S = 0.5  # after a connection error, a 429 or a 5xx
PATIENCE_S = 300.0  # for one job: twenty times the longest recovery that is expected
IMAGES = 0.25  # share of prompts; the others are articles
NO_ROUTES = "by a proxy that has no routes yet"  # Serve's own 404, for seconds after a start
SIDE = 256  # pixels; what the starter pack draws
REQUEST_S = 20.0  # a request that a dead replica holds is given up after this time and sent again


@dataclass(frozen=True, slots=True)
class Accepted:
    """A job that the service said yes to, and how a client saw it end; `pictures` are SHA-256."""

    job: str
    tenant: str
    kind: str
    state: str | None = None
    pictures: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Order:
    """A request under an idempotency key. Every text and seed is used once, so no two jobs share a stage."""

    key: str
    kind: str
    path: str
    body: dict[str, Any]


def listings() -> list[dict[str, str]]:
    """The example listings that can become a picture."""
    with (ROOT / "examples" / "articles.csv").open(encoding="utf-8", newline="") as sheet:
        return [row for row in csv.DictReader(sheet) if any(row.values())]


def article(row: dict[str, str], number: int) -> Order:
    """A listing that nobody has sent before."""
    text = row | {"description": f"{row['description']} Artikel {number}."}
    options = {"seed": number, "candidates": 1, "size": SIDE, "policy": "neutral"}
    return Order(f"article-{number}", "article", "/v1/jobs", {"input": text, "options": options})


def image(row: dict[str, str], number: int) -> Order:
    """A prompt that nobody has sent before."""
    prompt = f"a catalogue photo of {row['name']}, number {number}"
    wanted = {"prompt": prompt, "seed": number, "size": f"{SIDE}x{SIDE}", "response_format": "url"}
    return Order(f"image-{number}", "image", "/v1/images/generations", wanted)


class Client:
    """One caller with a tenant's key; its counts say what it met."""

    def __init__(self, base_url: str, tenant: str, secret: str) -> None:
        self.tenant = tenant
        self.met: Counter[str] = Counter()
        headers = {"Authorization": f"Bearer {secret}"}
        self._http = httpx.Client(base_url=base_url, headers=headers, timeout=REQUEST_S, trust_env=False)

    def done(self, order: Order) -> Accepted | None:
        """The job of an order as it ended; None when nobody accepted it. Raises ValueError for a refusal."""
        until = time.monotonic() + PATIENCE_S
        answer = self._until(until, "POST", order.path, json=order.body, headers={"Idempotency-Key": order.key})
        if answer is None:
            return None
        if order.kind == "image":
            pictures = tuple(_digest(image["url"]) for image in answer.json()["data"])
            return Accepted(answer.headers["Location"].rsplit("/", 1)[1], self.tenant, "image", "succeeded", pictures)
        return self._ended(answer.json()["id"], until)

    def _ended(self, job: str, until: float) -> Accepted:
        while (answer := self._until(until, "GET", f"/v1/jobs/{job}")) is not None:
            found = answer.json()
            if found["finished_at"]:
                records = (found["result"] or {}).get("records", ())
                pictures = tuple(record["sha256"] for record in records)
                return Accepted(job, self.tenant, "article", found["state"], pictures)
            time.sleep(POLL_S)
        return Accepted(job, self.tenant, "article")

    def _until(self, until: float, method: str, path: str, **request: Any) -> httpx.Response | None:
        """The first answer that is neither a fault nor a refusal of the moment."""
        while time.monotonic() < until:
            try:
                answer = self._http.request(method, path, **request)
            except httpx.TransportError as error:
                self.met[type(error).__name__] += 1
            else:
                if answer.is_success:
                    return answer
                says = _says(answer)
                self.met[f"{answer.status_code} {says}"] += 1
                if (
                    answer.status_code != httpx.codes.TOO_MANY_REQUESTS
                    and not answer.is_server_error
                    and says != NO_ROUTES
                ):
                    raise ValueError(f"{method} {path} was refused with {answer.status_code}: {answer.text[:300]}")
            time.sleep(AGAIN_S)
        return None


class Load:
    """Clients in threads until `stop`; `accepted` grows while they work."""

    def __init__(self, base_url: str, secrets: dict[str, str], clients: int, seed: int) -> None:
        self.accepted: list[Accepted] = []
        self.unanswered: list[str] = []
        self.refused: list[str] = []
        self._rows, self._numbers = listings(), itertools.count(1)
        self._stopping = threading.Event()
        tenants = itertools.cycle(secrets.items())
        self._prober = Client(base_url, *next(tenants))
        self._clients = [Client(base_url, *next(tenants)) for _ in range(clients)]
        self._threads = [
            threading.Thread(target=self._work, args=(client, random.Random(f"{seed}:{place}")), daemon=True)
            for place, client in enumerate(self._clients)
        ]

    @property
    def met(self) -> Counter[str]:
        """What clients met and tried again after: status or error -> times."""
        return sum((client.met for client in (self._prober, *self._clients)), Counter())

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """No new orders; those that were sent are waited for."""
        self._stopping.set()
        for thread in self._threads:
            thread.join()

    def probe(self) -> None:
        """One article from beginning to end, beside what the clients do."""
        self._send(self._prober, article(self._rows[0], next(self._numbers)))

    def _work(self, client: Client, rng: random.Random) -> None:
        while not self._stopping.is_set():
            make = image if rng.random() < IMAGES else article
            self._send(client, make(rng.choice(self._rows), next(self._numbers)))
            self._stopping.wait(rng.uniform(*PAUSE_S))

    def _send(self, client: Client, order: Order) -> None:
        try:
            done = client.done(order)
        except Exception as refused:  # noqa: BLE001 - a client that died in silence would be waited for
            self.refused.append(repr(refused))
            return
        if done is None:
            self.unanswered.append(order.key)
        else:
            self.accepted.append(done)


def _says(answer: httpx.Response) -> str:
    """The code of a problem, or who else answered."""
    if answer.headers.get("content-type") == "application/problem+json":
        return str(answer.json()["error"]["code"])
    return NO_ROUTES if "/-/routes" in answer.text else "by the proxy"


def _digest(url: str) -> str:
    return url.rsplit("/", 1)[1].removesuffix(".png")
