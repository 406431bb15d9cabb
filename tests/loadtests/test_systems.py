"""A peer is started, asked, counted and stopped as the suite does it; the starter pack, no Ray."""

import random
from pathlib import Path

import httpx
import psutil
import pytest

from loadtests.cpu_suite.field import adapters
from loadtests.systems import System, started
from loadtests.traffic import Request, articles, picture


async def test_fastapi_with_threads_draws_an_article_and_a_picture_and_leaves_no_process(tmp_path: Path) -> None:
    before = {child.pid for child in psutil.Process().children(recursive=True)}
    with started("threads", tmp_path / "unused.yaml", tmp_path) as url:
        async with httpx.AsyncClient(base_url=url, timeout=120, trust_env=False) as http:
            system = System("threads", http)
            order = picture((64, 1), adapters()[1], random.Random(1))
            assert await system.ask(Request(0.0, "picture", order)) == "ok"
            assert await system.counted() == {"changed": 1, "orders": 1}
            draft = next(one for one in articles(4.0, 10.0, [None], 5, leaving=0.0) if one.kind == "draft")
            assert await system.ask(draft) == "ok"
            assert await system.ask(Request(0.0, "draft", draft.body, leaves_after_s=0.001)) == "left"
            assert await system.ask(Request(0.0, "picture", order | {"steps": 0})) == "failed: failed"
    assert {child.pid for child in psutil.Process().children(recursive=True)} == before


def test_a_system_that_does_not_start_says_why(tmp_path: Path) -> None:
    with (
        pytest.raises(SystemExit, match=r"(?s)nothing did not start.*No module named"),
        started("nothing", tmp_path / "unused.yaml", tmp_path),
    ):
        pass
