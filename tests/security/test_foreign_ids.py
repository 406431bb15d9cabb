"""What one tenant owns does not exist for another: every operation of the API's document, with the owner's ids."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from api_document import Operation, operations
from asking import problem
from bench import SHIRT, Bench
from hostile_pictures import corners
from in_process import serving

from serve_app.access.keys import Keys
from serve_app.api.app import create_app
from serve_app.outbound import Outbound

SHEET = b"name,description,model_name,model_descr\nHerren-Hemd,Freizeithemd,,rot kariert\n"
PUBLIC = "93.184.216.34"  # what every name means here; nothing connects to it
# What can be filled in and names nothing that somebody owns; a new name must be put here or get an owner's value.
HARMLESS = """idempotency-key prefer cancel-after last-event-id limit state format
name description model_name model_descr kind input options lane seed candidates cascade budget pictures device_seconds
size adapter policy profile answers
file columns dry_run source_url url events
prompt model n response_format output_format output_compression background quality user
stream partial_images image mask input_fidelity negative_prompt guidance control
decision checks note article_id
channel goal variants picture share visitor audience variant note count"""
# A body for every POST that makes something; the same body is sent by both tenants.
BODIES: dict[str, dict[str, Any]] = {
    "/v1/articles": {"json": SHIRT | {"options": {"candidates": 1, "size": 128}}},
    "/v1/jobs": {"json": {"input": SHIRT, "options": {"candidates": 1, "size": 128}}, "headers": {"Prefer": "wait=30"}},
    "/v1/batches": {"files": {"file": ("feed.csv", SHEET)}},
    "/v1/images/generations": {"json": {"prompt": "a red shirt", "size": "128x128", "response_format": "url"}},
    "/v1/images/edits": {"files": {"image": ("a.png", corners("PNG"))}, "data": {"prompt": "a red shirt"}},
    "/v1/webhooks": {"json": {"url": "https://shop.example/hook"}},
    "/v1/publications": {
        "json": {"article_id": "a1", "channel": "shop", "variants": [{"name": "a", "picture": "0" * 64}]}
    },
}
# A body for what is asked of something that is there.
ASKED: dict[str, dict[str, Any]] = {
    "/v1/jobs/{job_id}/answers": {"json": {"answers": {"colours": "rot"}}},
    "/v1/jobs/{job_id}/decisions": {"json": {"decision": "approved"}},
    "/v1/publications/{publication_id}/events": {"json": {"events": [{"variant": "a", "kind": "click"}]}},
}

QUERIES: dict[str, dict[str, Any]] = {"/v1/publications/{publication_id}/assignment": {"params": {"visitor": "v"}}}


class World:
    """A service with the keys of two tenants: `mine` owns one of everything, `theirs` owns nothing."""

    def __init__(self, client: httpx.AsyncClient, mine: str, theirs: str, document: dict[str, Any]) -> None:
        self.client, self.mine, self.theirs = client, mine, theirs
        self.operations = operations(document)
        self.owned: dict[str, str] = {}  # name of a path's parameter -> the owner's value

    async def call(self, operation: Operation, secret: str, **more: Any) -> httpx.Response:
        path = re.sub(r"{(\w+)}", lambda found: self.owned[found.group(1)], operation.path)
        sent = (
            (BODIES | ASKED).get(operation.path, {}) if operation.method == "post" else QUERIES.get(operation.path, {})
        )
        headers = {"Authorization": f"Bearer {secret}"} | sent.get("headers", {}) | more.pop("headers", {})
        return await self.client.request(operation.method, path, **{**sent, **more, "headers": headers})

    async def own_one_of_everything(self) -> None:
        """Fills `owned`, over HTTP as any client would."""
        made = {}
        for path in BODIES:
            answer = await self.call(Operation("post", path, ()), self.mine)
            assert answer.is_success, f"{path}: {answer.status_code} {answer.text}"
            made[path] = answer.json()
        self.owned = {
            "article_id": made["/v1/articles"]["article_id"],
            "sha256": made["/v1/articles"]["sha256"],
            "job_id": made["/v1/jobs"]["id"],
            "batch_id": made["/v1/batches"]["id"],
            "endpoint_id": made["/v1/webhooks"]["id"],
            "publication_id": made["/v1/publications"]["id"],
        }
        while not (await self.state())["batch_id"]["finished_at"]:
            await asyncio.sleep(0.02)

    async def state(self) -> dict[str, Any]:
        """What the owner reads of all that it owns and that has a document of its own."""
        reading = {
            "job_id": "/v1/jobs/{}",
            "batch_id": "/v1/batches/{}",
            "endpoint_id": "/v1/webhooks/{}",
            "publication_id": "/v1/publications/{}",
        }
        read = {name: Operation("get", path.format(f"{{{name}}}"), ()) for name, path in reading.items()}
        return {name: (await self.call(operation, self.mine)).json() for name, operation in read.items()}


@pytest.fixture
async def world(url: str, tmp_path: Path) -> AsyncIterator[World]:
    bench = Bench()
    async with serving(tmp_path, bench.steps(), bench.fleet(), url=url) as service:
        keys = Keys(service.store.database)
        (_, mine), (_, theirs) = [await keys.create(tenant, "all", ["admin"]) for tenant in ("owner", "stranger")]
        app = create_app(service, Outbound(resolve=lambda _: [PUBLIC]))
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://vitrine", timeout=60) as client:
            made = World(client, mine, theirs, app.openapi())
            await made.own_one_of_everything()
            yield made


async def test_whatever_names_something_of_another_tenant_is_a_404_and_changes_nothing(world: World) -> None:
    before = await world.state()
    with_ids = [operation for operation in world.operations if operation.named("path")]
    forgotten = {str(each): missing for each in with_ids if (missing := set(each.named("path")) - set(world.owned))}
    assert not forgotten, f"parameters without an owner's value; own one in own_one_of_everything: {forgotten}"
    for operation in with_ids:
        problem(await world.call(operation, world.theirs), 404, "not_found")
    assert await world.state() == before
    # The same calls of the owner find it, so the ids were right; what deletes comes last.
    for operation in sorted(with_ids, key=lambda each: each.method == "delete"):
        answer = await world.call(operation, world.mine)
        assert answer.is_success or answer.status_code == 409, f"{operation}: {answer.status_code} {answer.text}"


async def test_no_list_shows_anything_of_another_tenant_not_even_from_its_cursor_on(world: World) -> None:
    lists = [each for each in world.operations if each.method == "get" and not each.named("path")]
    listed = 0
    for operation in lists:
        cursors = [{}] + [{"cursor": owned} for owned in world.owned.values() if "cursor" in operation.named("query")]
        for query in cursors:
            answer = await world.call(operation, world.theirs, params=query)
            assert answer.status_code in (200, 422), f"{operation} {query}: {answer.status_code} {answer.text}"
            shown = [
                name for name, owned in world.owned.items() if owned in answer.text and owned not in query.values()
            ]
            assert not shown, f"{operation} {query} shows {shown}"
        mine = (await world.call(operation, world.mine)).text
        listed += any(owned in mine for owned in world.owned.values())
    assert listed >= 3, "the owner's lists of jobs, batches and webhooks show what it owns"


async def test_every_name_that_a_client_can_fill_in_is_known_to_these_tests(world: World) -> None:
    for operation in world.operations:
        given = {name for place, name in operation.parameters if place != "path"} | operation.fields
        unknown = given - set(HARMLESS.split()) - ({"cursor"} if operation.method == "get" else set())
        assert not unknown, f"{operation} takes {sorted(unknown)}: harmless, or an id that needs an owner's value?"


async def test_a_key_of_idempotency_belongs_to_its_tenant(world: World) -> None:
    keyed = [each for each in world.operations if "idempotency-key" in each.named("header")]
    taking = [each for each in keyed if "{" not in each.path]  # what is asked of an owner's thing is a 404 to others
    assert len(taking) >= 4, [str(each) for each in taking]
    for operation in taking:
        assert operation.path in BODIES, f"{operation} needs a body here"
        named = {"headers": {"Idempotency-Key": "order-17 of the owner" + operation.path}}
        first, again, theirs = [
            await world.call(operation, who, **named) for who in (world.mine, world.mine, world.theirs)
        ]
        assert made(first) == made(again), f"{operation}: the key does not hold"
        assert theirs.is_success, f"{operation}: {theirs.status_code} {theirs.text}"
        assert made(theirs) != made(first), f"{operation}: the stranger got what the owner made"
        mine = await world.client.get(made(theirs), headers={"Authorization": f"Bearer {world.theirs}"})
        assert mine.status_code == 200, f"{operation}: {made(theirs)} is not the stranger's own"


def made(answer: httpx.Response) -> str:
    """The address of what a request made: its job, its batch, its webhook or its publication."""
    if "location" in answer.headers:
        return answer.headers["location"]
    name = answer.json()["id"]
    kinds = {"we": "webhooks", "batch": "batches", "pub": "publications"}
    return f"/v1/{kinds[name.split('_')[0]]}/{name}"
