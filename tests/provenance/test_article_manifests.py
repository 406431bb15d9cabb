"""The manifest of an article's picture names what drew it by hash and licence; a marketplace's file carries a mark."""

import hashlib
import io
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from bench import SHIRT, Bench
from in_process import serving
from PIL import Image

from loadtests.attacks import garment
from models.checkpoint import STARTER_PACK
from models.domain import Mask, Picture
from models.manifest import Manifest
from models.recipes import about
from serve_app.api.app import create_app
from serve_app.catalogue.finishing import png
from serve_app.catalogue.record import Record
from serve_app.delivery.deliver import deliver
from serve_app.provenance.identity import Identity
from serve_app.provenance.manifest import read
from serve_app.provenance.seal import Seal, Touch, origin_of, payload_of
from serve_app.provenance.verify import Verifier
from serve_app.stories.house import House

ROLES = ("translator", "extractor", "renderer", "scorer", "segmenter")
KINDS = {"translator": "marian", "extractor": "phi3", "renderer": "flux", "scorer": "clip", "segmenter": "sam"}


def starter() -> dict[str, Any]:
    """Facts of the starter pack's models, as deployments give them."""
    return {role: about(role, {"kind": KINDS[role], "pack": str(STARTER_PACK)}) for role in ROLES}


def record(models: dict[str, Any], adapter: str | None) -> Record:
    drawn_by = House.of(models).models
    return Record(article_id="a1", source={}, original_description="", seed=1, run_seed=0, adapter=adapter,
                  policy="ask", models=drawn_by, status="succeeded")  # fmt: skip


def test_models_and_adapters_stand_in_the_manifest_with_hashes_and_licences(own: Identity) -> None:
    models = starter()
    origin = origin_of(record(models, "sketch:0.6+room"), models)
    found = read(Seal(own).labelled(png(garment(1, 256)), origin), own.credential.anchor)
    assert found.state == "valid"
    said = json.loads(json.dumps(found.about))
    assert set(said["models"]) == set(ROLES)
    for role, facts in said["models"].items():
        assert facts["licence"] == Manifest.read(STARTER_PACK / "manifest.toml").parts[role].licence.spdx, role
        assert facts["digest"] == models[role]["digest"], role
    assert set(said["adapters"]) == {"sketch", "room"}
    for name, facts in said["adapters"].items():
        file = STARTER_PACK / "adapters" / name / "pytorch_lora_weights.safetensors"
        assert facts["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest(), name
        assert facts["licence"] == "Apache-2.0"
    assert said["adapters"]["sketch"]["weight"] == 0.6


@pytest.fixture
async def client(own: Identity, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    bench = Bench()
    async with serving(tmp_path, bench.steps(), bench.fleet(), seal=Seal(own)) as service:
        transport = httpx.ASGITransport(create_app(service, verifier=Verifier(own)), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://vitrine", timeout=60) as made:
            yield made


async def test_a_marketplace_file_is_signed_and_registered_under_the_mark_of_its_order(
    client: httpx.AsyncClient, own: Identity
) -> None:
    order = SHIRT | {"options": {"candidates": 1, "size": 256, "profile": "zalando"}}
    record = (await client.post("/v1/articles", json=order)).json()
    content = (await client.get(record["delivery"]["url"])).content
    found = Verifier(own).examine(content)
    assert (found.manifest.state, found.manifest.ours) == ("valid", True)
    assert found.mark is not None
    answer = (await client.post("/v1/verify", files={"file": ("a", content)})).json()["registry"]
    assert answer["same"]["sha256"] == record["delivery"]["sha256"]
    assert {one["sha256"] for one in answer["marked"]} == {record["sha256"], record["delivery"]["sha256"]}


@pytest.mark.parametrize("name", ["zalando", "myntra", "google.merchant"])
def test_a_marketplace_file_can_be_read_after_a_crop_and_its_ground_is_left_plain(name: str, own: Identity) -> None:
    pixels = garment(5, 256)
    product = Mask(((pixels < 250).any(axis=-1) * 255).astype("uint8"), 1.0)
    touch = Touch(Seal(own), "an order")
    made = deliver(Picture(pixels), product, name, lambda content: content, touch)
    with Image.open(io.BytesIO(made.content)) as picture:
        width, height = picture.size
        part = picture.crop((width // 10, height // 12, width - width // 16, height - height // 9))
        written = io.BytesIO()
        part.save(written, "JPEG", quality=85)
    found = Verifier(own).examine(written.getvalue()).mark
    assert found is not None
    assert found.payload == payload_of("an order")
    states = [ruling.state for ruling in made.delivery.rulings if ruling.rule == "background"]
    assert states == ["pass"], made.delivery.rulings
