"""Pictures of the images API say what they are: generated or edited, from which photo, by which models."""

import base64
import io
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from asking import client_of
from bench import Bench
from in_process import serving
from PIL import Image
from test_sources import PLACE, from_a_camera, manifests

from loadtests.attacks import garment
from serve_app.catalogue.finishing import png
from serve_app.provenance.identity import Identity
from serve_app.provenance.manifest import read
from serve_app.provenance.metadata import COMPOSITE, GENERATED, source_type_of
from serve_app.provenance.seal import Seal
from serve_app.provenance.verify import Verifier

PROMPT = {"prompt": "catalogue photo of a red shirt", "size": "256x256"}


@pytest.fixture
async def client(own: Identity, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    bench = Bench()
    async with (
        serving(tmp_path, bench.steps(), bench.fleet(), seal=Seal(own)) as service,
        client_of(service) as made,
    ):
        yield made


def content_of(answer: httpx.Response) -> bytes:
    assert answer.status_code == 200, answer.text
    return base64.b64decode(answer.json()["data"][0]["b64_json"])


@pytest.mark.parametrize("form", ["png", "jpeg", "webp"])
async def test_a_generated_picture_is_tagged_and_signed_in_the_format_that_was_asked_for(
    form: str, client: httpx.AsyncClient, own: Identity
) -> None:
    content = content_of(await client.post("/v1/images/generations", json=PROMPT | {"output_format": form}))
    assert Image.open(io.BytesIO(content)).format == form.upper()
    found = read(content, own.credential.anchor)
    assert (found.state, found.ours, found.ingredients) == ("valid", True, 0)
    assert found.about is not None
    assert set(found.about["models"]) == {"renderer"}
    assert source_type_of(content) == GENERATED


async def test_its_address_gives_the_same_file_and_its_type(client: httpx.AsyncClient, own: Identity) -> None:
    asked = PROMPT | {"output_format": "webp", "response_format": "url"}
    answer = (await client.post("/v1/images/generations", json=asked)).json()
    file = await client.get(answer["data"][0]["url"])
    assert file.headers["content-type"] == "image/webp"
    assert read(file.content, own.credential.anchor).state == "valid"


async def test_the_same_order_has_the_same_pixels_and_a_mark_where_there_is_cloth_enough(
    client: httpx.AsyncClient, own: Identity
) -> None:
    shown = [
        Image.open(io.BytesIO(content_of(await client.post("/v1/images/generations", json=PROMPT)))) for _ in range(2)
    ]
    assert (np.asarray(shown[0]) == np.asarray(shown[1])).all()


def edit(image: bytes, **more: Any) -> dict[str, Any]:
    hole = Image.new("RGBA", (256, 256), (0, 0, 0, 255))
    hole.paste((0, 0, 0, 0), (40, 40, 216, 216))
    mask = io.BytesIO()
    hole.save(mask, "PNG")
    files = [("image", ("photo", image)), ("mask", ("mask.png", mask.getvalue()))]
    return {"files": files, "data": {"prompt": PROMPT["prompt"], **more}}


async def test_an_edit_names_its_photo_and_keeps_what_its_mask_keeps(client: httpx.AsyncClient, own: Identity) -> None:
    photo = garment(5, 256)
    content = content_of(await client.post("/v1/images/edits", **edit(png(photo))))
    found = read(content, own.credential.anchor)
    assert (found.state, found.ours, found.ingredients) == ("valid", True, 1)
    assert source_type_of(content) == COMPOSITE
    with Image.open(io.BytesIO(content)) as picture:
        changed = (np.asarray(picture) != photo).any(axis=-1)
    assert changed[40:216, 40:216].any()
    changed[40:216, 40:216] = False
    assert not changed.any(), "the mark lies where the picture was changed"


async def test_a_manifest_that_came_in_stays_in_ours_without_the_place(
    client: httpx.AsyncClient, own: Identity
) -> None:
    answer = await client.post("/v1/images/edits", files={"image": ("photo.jpg", from_a_camera())}, data=PROMPT)
    content = content_of(answer)
    assert read(content, own.credential.anchor).state == "valid"
    assert set(manifests(content)) == {"Vitrine", "Camera"}
    assert PLACE.encode() not in content


async def test_a_broken_manifest_that_came_in_is_left_behind(client: httpx.AsyncClient, own: Identity) -> None:
    photo = bytearray(from_a_camera())
    photo[photo.index(PLACE.encode())] ^= 1
    content = content_of(await client.post("/v1/images/edits", files={"image": ("a", bytes(photo))}, data=PROMPT))
    found = read(content, own.credential.anchor)
    assert (found.state, found.ingredients, set(manifests(content))) == ("valid", 1, {"Vitrine"})


async def test_a_drawn_picture_is_known_by_its_look_when_a_shop_has_encoded_it_again(
    client: httpx.AsyncClient, own: Identity
) -> None:
    content = content_of(await client.post("/v1/images/edits", **edit(png(garment(5, 256)))))
    written = io.BytesIO()
    with Image.open(io.BytesIO(content)) as picture:
        picture.convert("RGB").save(written, "JPEG", quality=80)
    answer = (await client.post("/v1/verify", files={"file": ("a", written.getvalue())})).json()
    assert answer["manifest"]["state"] == "none"
    assert len(answer["registry"]["alike"]) == 1, answer
    assert Verifier(own).examine(content).manifest.ours
