"""Published pictures over HTTP: variants, assignment, events, what they show."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from asking import problem
from bench import SHIRT

from serve_app.api.app import create_app
from serve_app.api.service import Service

PHOTO = "0" * 64  # a photograph of the seller's, which the service does not have


class Desk:
    """A client of the service, and what the service counted."""

    def __init__(self, service: Service) -> None:
        self.heard: list[tuple[str, int]] = []
        app = create_app(service, happened=lambda kind, count: self.heard.append((kind, count)))
        self.client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://vitrine")

    async def drawn(self) -> dict[str, Any]:
        made = await self.client.post("/v1/articles", json=SHIRT | {"options": {"candidates": 1, "size": 128}})
        record: dict[str, Any] = made.json()
        return record

    async def published(self, *variants: dict[str, Any], **more: Any) -> dict[str, Any]:
        order = {"article_id": "a1", "channel": "shop", "variants": list(variants), **more}
        answer = await self.client.post("/v1/publications", json=order)
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()
        return made

    async def happened(self, name: str, *events: dict[str, Any], **headers: str) -> httpx.Response:
        path = f"/v1/publications/{name}/events"
        return await self.client.post(path, json={"events": list(events)}, headers=headers)


@pytest.fixture
async def desk(service: Service) -> AsyncIterator[Desk]:
    desk = Desk(service)
    async with desk.client:
        yield desk


def of(variant: str, kind: str, count: int = 1, **more: Any) -> dict[str, Any]:
    return {"variant": variant, "kind": kind, "count": count, **more}


async def test_a_photograph_against_a_drawn_picture_is_a_trial_that_stops_when_it_is_decided(desk: Desk) -> None:
    record = await desk.drawn()
    made = await desk.published(
        {"name": "photo", "picture": PHOTO}, {"name": "drawn", "picture": record["sha256"]}, goal="conversion"
    )
    assert [variant["picture_url"] for variant in made["variants"]] == [None, record["picture_url"]]
    assert (made["stop"], made["best"], made["comparisons"][0]["state"]) == (False, {}, "open")
    shown = [of("photo", "impression", 20_000), of("drawn", "impression", 20_000)]
    await desk.happened(made["id"], *shown, of("photo", "conversion", 200), of("drawn", "conversion", 400))
    found = (await desk.client.get(f"/v1/publications/{made['id']}")).json()
    (comparison,) = found["comparisons"]
    assert (comparison["variant"], comparison["against"], comparison["state"]) == ("drawn", "photo", "better")
    assert 1 < comparison["low"] < comparison["ratio"] == 2.0 < comparison["high"]
    assert (found["stop"], found["best"]) == (True, {"all": "drawn"})
    photo = found["variants"][0]
    assert (
        photo["conversion_rate"]["low"] < photo["conversion_rate"]["value"] == 0.01 < photo["conversion_rate"]["high"]
    )


async def test_what_shoppers_report_is_counted_shown_and_told_to_the_metrics(desk: Desk) -> None:
    made = await desk.published({"name": "a", "picture": PHOTO})
    report = of("a", "report", note="the collar is another one")
    answer = await desk.happened(made["id"], of("a", "conversion", 3), report)
    found = answer.json()
    assert found["variants"][0]["counts"] == {
        "impression": 0, "click": 0, "conversion": 3, "return": 0, "report": 1,
    }  # fmt: skip
    assert [(each["variant"], each["note"]) for each in found["reports"]] == [("a", "the collar is another one")]
    assert desk.heard == [("conversion", 3), ("report", 1)]


async def test_the_same_post_under_the_same_key_counts_once(desk: Desk) -> None:
    made = await desk.published({"name": "a", "picture": PHOTO})
    answers = [await desk.happened(made["id"], of("a", "click"), **{"Idempotency-Key": "post 1"}) for _ in range(2)]
    assert [answer.json()["variants"][0]["counts"]["click"] for answer in answers] == [1, 1]


async def test_a_visitor_sees_one_variant_of_their_audience(desk: Desk) -> None:
    made = await desk.published({"name": "a", "picture": PHOTO}, {"name": "m", "picture": PHOTO, "audience": "men"})
    path = f"/v1/publications/{made['id']}/assignment"
    seen = [
        (await desk.client.get(path, params=query)).json()["variant"]
        for query in ({"visitor": "v"}, {"visitor": "v", "audience": "men"}, {"visitor": "v", "audience": "women"})
    ]
    assert seen == ["a", "m", "a"]
    only = await desk.published({"name": "m", "picture": PHOTO, "audience": "men"})
    answer = await desk.client.get(f"/v1/publications/{only['id']}/assignment", params={"visitor": "v"})
    problem(answer, 422, "invalid_request")


@pytest.mark.parametrize(
    ("events", "param"),
    [
        ([of("b", "click")], "events.0.variant"),
        ([of("a", "click"), of("a", "view")], "events.1.kind"),
        ([of("a", "click", 0)], "events.0.count"),
        ([of("a", "click", note="why")], "events.0.note"),
        ([], "events"),
    ],
)
async def test_events_that_cannot_be_counted_are_named_and_none_counts(
    desk: Desk, events: list[dict[str, Any]], param: str
) -> None:
    made = await desk.published({"name": "a", "picture": PHOTO})
    answer = await desk.happened(made["id"], *events)
    assert answer.status_code == 422, answer.text
    assert answer.json()["error"]["param"] == param
    found = (await desk.client.get(f"/v1/publications/{made['id']}")).json()
    assert set(found["variants"][0]["counts"].values()) == {0}


async def test_two_variants_of_one_name_are_refused(desk: Desk) -> None:
    same = {"name": "a", "picture": PHOTO}
    order = {"article_id": "a1", "channel": "shop", "variants": [same, same]}
    answer = await desk.client.post("/v1/publications", json=order)
    problem(answer, 422, "same_name")


async def test_publications_are_listed_the_newest_first_page_by_page(desk: Desk) -> None:
    made = [(await desk.published({"name": "a", "picture": PHOTO}))["id"] for _ in range(3)]
    first = (await desk.client.get("/v1/publications", params={"limit": 2})).json()
    rest = (await desk.client.get("/v1/publications", params={"limit": 2, "cursor": first["next_cursor"]})).json()
    assert [one["id"] for one in first["data"] + rest["data"]] == made[::-1]
    assert rest["next_cursor"] is None
