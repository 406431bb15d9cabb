"""A caller's own picture over HTTP: checked by a marketplace's rules, and finished for it."""

import io
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from asking import problem
from bench import Bench
from in_process import serving
from PIL import Image

from models.starter.drawing.draw import draw
from models.starter.drawing.garment import Garment
from serve_app.api.app import create_app
from serve_app.catalogue.finishing import png
from serve_app.delivery.checks import check
from serve_app.delivery.profile import names, profile
from serve_app.delivery.subject import read
from serve_app.provenance.identity import identity
from serve_app.provenance.manifest import read as manifest_of
from serve_app.provenance.metadata import tagged
from serve_app.provenance.seal import Seal
from serve_app.settings import Environment
from serve_app.uploads import limits

HOODIE = draw(Garment("men", "hoodie", "red"), np.random.default_rng(2), 512)
ROOM = draw(Garment("men", "hoodie", "red", backdrop="room"), np.random.default_rng(2), 512)


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    bench = Bench()
    async with serving(tmp_path, bench.steps(), bench.fleet()) as service:
        plain = Environment(profile="development", mark_key=None, certificate=None, certificate_key=None)
        app = create_app(service, seal=Seal(identity(plain, tmp_path / "keys")))
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://vitrine", timeout=120) as client:
            yield client


async def sent(client: httpx.AsyncClient, verb: str, name: str, **files: bytes) -> httpx.Response:
    given = {field: (f"{field}.png", content) for field, content in files.items()}
    return await client.post(f"/v1/{verb}", data={"profile": name}, files=given)


async def test_a_picture_is_checked_as_the_command_checks_it(client: httpx.AsyncClient) -> None:
    content = png(HOODIE.picture.pixels)
    answer = await sent(client, "check", "zalando", file=content)
    assert answer.status_code == 200, answer.text
    assert answer.json() == check(read(content, "file.png"), profile("zalando")).model_dump(mode="json")
    assert answer.json()["passes"] is False


async def test_a_finished_picture_passes_is_shown_and_says_that_it_was_signed(client: httpx.AsyncClient) -> None:
    source = tagged(png(HOODIE.picture.pixels), "trainedAlgorithmicMedia")
    answer = await sent(client, "finish", "zalando", file=source)
    assert answer.status_code == 200, answer.text
    delivery: dict[str, Any] = answer.json()
    assert delivery["passes"], delivery
    shown = await client.get(delivery["url"])
    assert (shown.headers["content-type"], len(shown.content)) == ("image/jpeg", delivery["bytes"])
    with Image.open(io.BytesIO(shown.content)) as image:
        assert list(image.size) == delivery["size"]
    assert manifest_of(shown.content, None).state == "valid"
    again = await sent(client, "check", "zalando", file=shown.content)
    assert again.json()["passes"], again.text
    made = next(ruling for ruling in again.json()["rulings"] if ruling["rule"] == "synthesis")
    assert made["value"] == "trainedAlgorithmicMedia"


async def test_a_mask_cuts_out_what_stands_on_no_plain_ground(client: httpx.AsyncClient) -> None:
    room = png(ROOM.picture.pixels)
    assert "give mask" in problem(await sent(client, "finish", "ebay", file=room), 422, "no_product")["detail"]
    answer = await sent(client, "finish", "ebay", file=room, mask=png(np.dstack([ROOM.mask.alpha] * 3)))
    assert answer.json()["passes"], answer.text


@pytest.mark.parametrize("verb", ["check", "finish"])
async def test_what_cannot_be_used_is_refused_with_a_reason(verb: str, client: httpx.AsyncClient) -> None:
    picture, url = png(HOODIE.picture.pixels), f"/v1/{verb}"
    unknown = problem(await sent(client, verb, "zalanda", file=picture), 422, "invalid_value")
    assert (unknown["error"]["param"], all(name in unknown["detail"] for name in names())) == ("profile", True), unknown
    problem(await client.post(url, files={"file": ("a.png", picture)}), 422, "missing_field")
    problem(
        await client.post(url, data={"profile": "ebay", "file": "text"}, files={"mask": b"a"}), 422, "invalid_value"
    )
    problem(
        await client.post(url, data={"profile": "ebay", "size": "9"}, files={"file": picture}), 422, "unknown_field"
    )
    twice = [("file", ("a.png", picture)), ("file", ("b.png", picture))]
    problem(await client.post(url, data={"profile": "ebay"}, files=twice), 422, "invalid_value")
    problem(await client.post(url, json={"profile": "ebay"}), 422, "invalid_form")
    problem(await sent(client, verb, "ebay", file=b"%PDF"), 422, "broken" if verb == "check" else "not_a_picture")
    problem(await sent(client, verb, "ebay", file=bytes(limits.FILE_BYTES + 1)), 413, "too_large")
    small = png(np.zeros((9, 9, 3), np.uint8))
    refused = await sent(client, verb, "ebay", file=picture, mask=small)
    problem(refused, 422, "broken" if verb == "check" else "no_product")
