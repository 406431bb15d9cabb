"""What both clients send for published pictures, and how they read what comes back."""

import json

import httpx
from either import Either

MADE = {"id": "pub_1", "article_id": "a1", "channel": "shop", "stop": True, "best": {"all": "b"}, "new": 1}
VARIANT = {"name": "a", "picture": "0" * 64}


def test_a_publication_and_what_happened_are_sent_under_keys_of_their_own(either: Either) -> None:
    either.give(httpx.ReadError("broken"), httpx.Response(201, json=MADE))
    made = either("publications.create", "a1", "shop", [VARIANT], goal="conversion")
    first, second = either.asked
    assert json.loads(second.content) == {
        "article_id": "a1", "channel": "shop", "goal": "conversion", "variants": [VARIANT],
    }  # fmt: skip
    assert first.headers["Idempotency-Key"] == second.headers["Idempotency-Key"]
    assert (made.stop, made.best, made.raw["new"]) == (True, {"all": "b"}, 1)
    either("publications.add", "pub_1", [{"variant": "a", "kind": "click", "count": 2}])
    assert either.asked[-1].url.path == "/v1/publications/pub_1/events"
    assert json.loads(either.asked[-1].content) == {"events": [{"variant": "a", "kind": "click", "count": 2}]}
    assert either.asked[-1].headers["Idempotency-Key"]


def test_a_visitor_is_asked_for_with_the_audience_where_there_is_one(either: Either) -> None:
    either.give(httpx.Response(200, json={"variant": "a", "picture": "0" * 64, "picture_url": None}))
    assert either("publications.assign", "pub_1", "v 1").variant == "a"
    either("publications.assign", "pub_1", "v 1", audience="men")
    assert [dict(request.url.params) for request in either.asked] == [
        {"visitor": "v 1"}, {"visitor": "v 1", "audience": "men"},
    ]  # fmt: skip


def test_publications_are_read_one_by_one_and_listed(either: Either) -> None:
    either.give(
        lambda request: httpx.Response(
            200, json=MADE if request.url.path.endswith("pub_1") else {"data": [MADE], "next_cursor": None}
        )
    )
    assert either("publications.get", "pub_1").channel == "shop"
    assert [one.id for one in either("publications.list")] == ["pub_1"]
