"""Files for marketplaces where an upscaler is among the models, and where none is."""

from collections.abc import AsyncIterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from asking import client_of
from bench import SHIRT, Bench
from in_process import serving

from models.domain import Picture, Refusal
from models.recipes import about, upscaler_recipe
from models.starter.drawing.draw import draw
from models.starter.drawing.garment import Garment
from serve_app.api.app import create_app
from serve_app.calls import Line
from serve_app.catalogue.finishing import png
from serve_app.fleet import Fleet
from serve_app.provenance.identity import identity
from serve_app.provenance.manifest import read as manifest_of
from serve_app.provenance.seal import Seal
from serve_app.settings import Environment
from serve_app.stories.steps import Steps

HOODIE = draw(Garment("men", "hoodie", "red"), np.random.default_rng(2), 256)


class Enlarging(Bench):
    """The doubles with an upscaler among them."""

    def __init__(self, **upscaler: Any) -> None:
        super().__init__()
        self.chosen["upscaler"] = {"kind": "double", **upscaler}

    def steps(self) -> Steps:
        return replace(super().steps(), enlarge=self.enlarge)

    def fleet(self) -> Fleet:
        async def facts(role: Any) -> dict[str, Any]:
            return about(role, self.chosen[role])

        return Fleet({role: (Line(role, 1, 5.0), partial(facts, role)) for role in self.chosen})

    async def enlarge(self, picture: Picture) -> Picture | Refusal:
        return upscaler_recipe(self.chosen["upscaler"]).load().upscale([picture])[0]


@pytest.fixture
def seal(tmp_path: Path) -> Seal:
    return Seal(identity(Environment(profile="development"), tmp_path))


async def drawn_for(bench: Bench, seal: Seal, folder: Path, profile: str | None) -> tuple[dict[str, Any], bytes]:
    """The record of a small article, and the file for the marketplace."""
    options = {"candidates": 1, "size": 256} | ({} if profile is None else {"profile": profile})
    async with serving(folder, bench.steps(), bench.fleet(), seal=seal) as service, client_of(service) as client:
        answer = await client.post("/v1/articles", json=SHIRT | {"options": options})
        assert answer.status_code == 200, answer.text
        record: dict[str, Any] = answer.json()
        file = await client.get((record["delivery"] or {}).get("url", record["picture_url"]))
        return record, file.content


def enlarging(record: dict[str, Any]) -> str:
    (step,) = (step for step in record["delivery"]["steps"] if step.startswith("enlarged"))
    return str(step)


async def test_with_an_upscaler_record_and_label_say_that_it_was_used(seal: Seal, tmp_path: Path) -> None:
    record, content = await drawn_for(Enlarging(), seal, tmp_path, "zalando")
    assert "times by the upscaler (2 times) and Lanczos to" in enlarging(record)
    assert record["models"]["upscaler"]["kind"] == "double"
    said = manifest_of(content, None).about
    assert said is not None
    assert said["enlarged"] == {"by": "upscaler", "times": 2}


async def test_without_one_lanczos_enlarges_to_the_same_size(seal: Seal, tmp_path: Path) -> None:
    record, content = await drawn_for(Bench(), seal, tmp_path, "zalando")
    other, _ = await drawn_for(Enlarging(), seal, tmp_path, "zalando")
    assert "times by Lanczos to" in enlarging(record)
    assert record["delivery"]["size"] == other["delivery"]["size"]
    assert "upscaler" not in record["models"]
    said = manifest_of(content, None).about
    assert said is not None
    assert "enlarged" not in said


async def test_an_upscaler_that_refuses_leaves_lanczos_and_its_reason(seal: Seal, tmp_path: Path) -> None:
    record, _ = await drawn_for(Enlarging(refuse=" x "), seal, tmp_path, "zalando")
    assert "times by Lanczos to" in enlarging(record)
    assert any(
        "not enlarged by the upscaler: a double was asked to refuse" in step for step in record["delivery"]["steps"]
    )


async def test_another_upscaler_makes_another_file_and_the_same_picture(seal: Seal, tmp_path: Path) -> None:
    bench = Enlarging()
    _, file = await drawn_for(bench, seal, tmp_path, "zalando")
    plain, _ = await drawn_for(bench, seal, tmp_path, None)
    bench.chosen["upscaler"]["scale"] = 4
    second, other = await drawn_for(bench, seal, tmp_path, "zalando")
    again, _ = await drawn_for(bench, seal, tmp_path, None)
    assert "(4 times)" in enlarging(second)
    assert file != other
    assert plain["sha256"] == again["sha256"]
    assert len(bench.rendered) == 1, "the picture was drawn anew"


@pytest.fixture
async def client(seal: Seal, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    bench = Enlarging()
    async with serving(tmp_path / "service", bench.steps(), bench.fleet()) as service:
        transport = httpx.ASGITransport(create_app(service, seal=seal, enlarge=bench.enlarge))
        async with httpx.AsyncClient(transport=transport, base_url="http://vitrine", timeout=120) as client:
            yield client


async def test_a_callers_own_picture_is_enlarged_too_and_its_label_names_the_model(client: httpx.AsyncClient) -> None:
    content = png(HOODIE.picture.pixels)
    answer = await client.post("/v1/finish", data={"profile": "zalando"}, files={"file": ("a.png", content)})
    assert answer.status_code == 200, answer.text
    assert "by the upscaler (2 times)" in enlarging({"delivery": answer.json()})
    said = manifest_of((await client.get(answer.json()["url"])).content, None).about
    assert said is not None
    assert said["models"]["upscaler"]["kind"] == "double"


async def test_a_callers_picture_that_suffices_is_not_enlarged(client: httpx.AsyncClient) -> None:
    content = png(HOODIE.picture.pixels)
    answer = await client.post("/v1/finish", data={"profile": "etsy"}, files={"file": ("a.png", content)})
    assert not any("upscaler" in step for step in answer.json()["steps"]), answer.json()["steps"]


async def test_the_models_that_serve_are_listed_with_it(client: httpx.AsyncClient) -> None:
    models = (await client.get("/v1/models")).json()
    assert "upscaler" in str(models), models
