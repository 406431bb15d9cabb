"""Every picture of an article that is delivered says what it is, over HTTP and on the command line."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from asking import problem
from bench import SHIRT, Bench
from in_process import serving
from PIL import Image

from loadtests.attacks import encoded
from serve_app.access.keys import Keys
from serve_app.api.app import create_app
from serve_app.provenance.identity import Identity
from serve_app.provenance.metadata import GENERATED
from serve_app.provenance.seal import Seal
from serve_app.provenance.verify import Verifier
from serve_app.uploads import limits

ORDER = SHIRT | {"options": {"candidates": 1, "size": 256}}


@dataclass(frozen=True)
class Shop:
    """A service with the keys of two tenants; `record` and `picture` are what `mine` was delivered."""

    client: httpx.AsyncClient
    mine: dict[str, str]
    theirs: dict[str, str]
    record: dict[str, Any]
    picture: bytes

    async def verified(self, content: bytes, who: dict[str, str] | None = None) -> dict[str, Any]:
        answer = await self.client.post("/v1/verify", files={"file": ("a", content)}, headers=who or self.mine)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found


@pytest.fixture
async def shop(url: str, own: Identity, tmp_path: Path) -> AsyncIterator[Shop]:
    bench = Bench()
    async with serving(tmp_path, bench.steps(), bench.fleet(), url=url, seal=Seal(own)) as service:
        keys = Keys(service.store.database)
        (_, mine), (_, theirs) = [await keys.create(tenant, "all", ["admin"]) for tenant in ("owner", "stranger")]
        app = create_app(service, verifier=Verifier(own))
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        who = [{"Authorization": f"Bearer {secret}"} for secret in (mine, theirs)]
        async with httpx.AsyncClient(transport=transport, base_url="http://vitrine", timeout=60) as client:
            record = (await client.post("/v1/articles", json=ORDER, headers=who[0])).json()
            picture = (await client.get(record["picture_url"], headers=who[0])).content
            yield Shop(client, *who, record, picture)


def again(content: bytes, name: str = "JPEG") -> bytes:
    """What a shop's own pipeline makes of a file."""
    written = BytesIO()
    with Image.open(BytesIO(content)) as picture:
        picture.convert("RGB").save(written, name, quality=90)
    return written.getvalue()


async def test_a_delivered_picture_is_signed_tagged_marked_and_registered(shop: Shop) -> None:
    found = await shop.verified(shop.picture)
    assert found["sha256"] == shop.record["sha256"]
    assert (found["manifest"]["state"], found["manifest"]["ours"], found["manifest"]["faults"]) == ("valid", True, [])
    assert found["manifest"]["about"]["article"] == shop.record["article_id"]
    assert found["manifest"]["about"]["models"]["renderer"]["digest"] == shop.record["models"]["renderer"]["digest"]
    assert found["digital_source_type"] == GENERATED
    assert found["mark"] is not None
    same = found["registry"]["same"]
    assert (same["sha256"], same["picture_url"]) == (shop.record["sha256"], shop.record["picture_url"])


async def test_a_picture_that_a_shop_encoded_again_is_known_by_its_mark_and_its_look(shop: Shop) -> None:
    found = await shop.verified(again(shop.picture))
    assert (found["manifest"]["state"], found["digital_source_type"], found["registry"]["same"]) == ("none", None, None)
    for by in ("marked", "alike"):
        assert [one["sha256"] for one in found["registry"][by]] == [shop.record["sha256"]], by


async def test_another_tenant_s_pictures_are_not_in_the_registry(shop: Shop) -> None:
    for content in (shop.picture, again(shop.picture)):
        found = await shop.verified(content, shop.theirs)
        assert found["registry"] == {"same": None, "marked": [], "alike": []}
        assert shop.record["picture_url"] not in str(found)


async def test_the_same_order_of_another_job_has_the_same_pixels(own: Identity, tmp_path: Path) -> None:
    shown = []
    for name in ("one", "two"):
        bench = Bench()
        async with serving(tmp_path / name, bench.steps(), bench.fleet(), seal=Seal(own)) as service:
            transport = httpx.ASGITransport(create_app(service))
            async with httpx.AsyncClient(transport=transport, base_url="http://vitrine", timeout=60) as client:
                record = (await client.post("/v1/articles", json=ORDER)).json()
                with Image.open(BytesIO((await client.get(record["picture_url"])).content)) as picture:
                    shown.append(np.asarray(picture))
    assert (shown[0] == shown[1]).all()


async def test_what_cannot_be_verified_is_refused_with_a_reason(shop: Shop) -> None:
    async def sent(**form: Any) -> httpx.Response:
        return await shop.client.post("/v1/verify", headers=shop.mine, **form)

    problem(await sent(content=shop.picture), 422, "invalid_form") if len(shop.picture) < 256 * 1024 else None
    problem(await sent(files={"file": ("a", b"%PDF")}), 422, "not_a_picture")
    problem(await sent(files={"file": ("a", shop.picture[:999])}), 422, "broken")
    problem(await sent(files={"other": ("a", shop.picture)}), 422, "unknown_field")
    problem(await sent(data={"file": "text"}, files={}), 422, "invalid_form")
    problem(await sent(files={"file": ("a", bytes(limits.FILE_BYTES + 1))}), 413, "too_large")


async def test_a_picture_that_nobody_marked_says_nothing(shop: Shop) -> None:
    written = BytesIO()
    pixels = np.random.default_rng(3).integers(0, 200, (200, 200, 3)).astype(np.uint8)
    Image.fromarray(encoded(pixels, "JPEG", 90)).save(written, "PNG")
    found = await shop.verified(written.getvalue())
    assert (found["manifest"]["state"], found["mark"], found["digital_source_type"]) == ("none", None, None)
    assert found["registry"] == {"same": None, "marked": [], "alike": []}
