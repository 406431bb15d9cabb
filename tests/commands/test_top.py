"""`vitrine top`: what it shows of a service, and how it ends."""

import json
from pathlib import Path

import httpx
from bench import SHIRT
from called import Command
from over_http import on_loopback

from serve_app.commands.operations_shown import lines, seconds

NOTHING = {
    "window_s": 60.0,
    "lanes": {"interactive": {"waiting": 0, "oldest_s": 0.0, "ended": 0, "p50_s": None, "p95_s": None}},
    "ended": {},
    "stages": {},
    "replicas": {},
    "verdicts": {},
    "pictures": {
        "drawn": 0, "approved": 0, "mean_score": None,
        "drawn_each": None, "device_seconds_each": None, "eur_each": None,
    },
}  # fmt: skip


def test_top_shows_queue_stages_replicas_verdicts_and_cost(tmp_path: Path, vitrine: Command) -> None:
    with on_loopback(tmp_path) as (url, secret):
        asked = {"json": SHIRT | {"options": {"candidates": 1}}, "headers": {"Authorization": f"Bearer {secret}"}}
        assert httpx.post(f"{url}/v1/articles", timeout=60, trust_env=False, **asked).status_code == 200
        shown = vitrine("top", "--once", "--server", url, "--api-key", secret)
        document = vitrine("top", "--json", "--server", url, "--api-key", secret)
        refused = vitrine("top", "--once", "--server", url, "--api-key", "vk_" + "0" * 43)
    assert (shown.code, document.code, refused.code) == (0, 0, 2), (shown.err, refused.err)
    found = json.loads(document.out)
    for word in ("lane", "interactive", "render", "conductor", "succeeded", "1 pictures drawn", *found["verdicts"]):
        assert word in shown.out, f"{word!r} is not in:\n{shown.out}"


def test_a_service_that_has_done_nothing_is_shown_without_figures() -> None:
    shown = "\n".join(lines(NOTHING))
    for said in ("no stage was called", "no picture was judged", "0 pictures drawn, 0 approved, mean score -"):
        assert said in shown
    assert "per approved picture" not in shown


def test_times_are_shown_in_their_own_unit() -> None:
    assert [seconds(value) for value in (None, 0.0123, 3.4)] == ["-", "12 ms", "3.40 s"]


def test_nobody_there_is_said_in_a_sentence(vitrine: Command) -> None:
    said = vitrine("top", "--once", "--server", "http://127.0.0.1:9")
    assert said.code == 3
    assert said.err.startswith("vitrine: ")
