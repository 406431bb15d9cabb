"""The unmodified `openai` package against the images API."""

import base64
import io
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import numpy as np
import openai
import pytest
from bench import Bench
from in_process import serving
from PIL import Image

from serve_app.access.keys import Keys
from serve_app.api import app
from serve_app.api.app import create_app
from serve_app.api.service import Service

PROMPT = "catalogue photo of a men's t-shirt, navy, on a pure white background"


def package(service: Service, key: str = "none-needed", retries: int = 2) -> openai.AsyncOpenAI:
    """The package over the application, without a network."""
    transport = httpx.ASGITransport(create_app(service), raise_app_exceptions=False)
    http = httpx.AsyncClient(transport=transport, base_url="http://vitrine/v1")
    return openai.AsyncOpenAI(api_key=key, base_url="http://vitrine/v1", http_client=http, max_retries=retries)


@pytest.fixture
async def client(service: Service) -> AsyncIterator[openai.AsyncOpenAI]:
    _, secret = await Keys(service.store.database).create("shop", "sdk", ["jobs:write", "jobs:read"])
    async with package(service, secret) as made:
        yield made


def opened(content: str | None) -> Image.Image:
    assert content is not None
    return Image.open(io.BytesIO(base64.b64decode(content)))


async def test_generate_gives_n_pictures_of_n_seeds(client: openai.AsyncOpenAI, bench: Bench) -> None:
    answer = await client.images.generate(model="vitrine", prompt=PROMPT, n=3, size="128x128")
    assert answer.data is not None
    pictures = [opened(image.b64_json) for image in answer.data]
    assert [picture.size for picture in pictures] == [(128, 128)] * 3
    assert len({order.seed for order in bench.rendered}) == 3
    assert answer.created > 1_700_000_000


@pytest.mark.parametrize("form", ["png", "jpeg", "webp"])
async def test_the_output_format_is_what_was_asked(client: openai.AsyncOpenAI, form: str) -> None:
    answer = await client.images.generate(prompt=PROMPT, output_format=form)  # type: ignore[call-overload]
    assert opened(answer.data[0].b64_json).format == form.upper()


async def test_the_same_seed_gives_the_same_picture(client: openai.AsyncOpenAI, bench: Bench) -> None:
    answers = [await client.images.generate(prompt=PROMPT, extra_body={"seed": seed}) for seed in (5, 5, 6)]
    pictures = [answer.data[0].b64_json for answer in answers if answer.data]
    assert pictures[0] == pictures[1] != pictures[2]
    assert len(bench.rendered) == 2, "the second one is remembered"


async def test_a_url_leads_to_the_picture(client: openai.AsyncOpenAI) -> None:
    answer = await client.images.generate(prompt=PROMPT, response_format="url")
    assert answer.data is not None
    url = answer.data[0].url
    assert url is not None
    found = await client._client.get(url, headers={"Authorization": f"Bearer {client.api_key}"})
    assert found.content.startswith(b"\x89PNG")


async def test_a_stream_shows_partial_images_and_then_the_picture(tmp_path: Path) -> None:
    bench = Bench(renderer={"delay_s": 0.8})
    async with serving(tmp_path, bench.steps(), bench.fleet()) as service, package(service) as client:
        stream = await client.images.generate(
            prompt=PROMPT, size="128x128", output_format="webp", stream=True, partial_images=2
        )
        events = [event async for event in stream]
    kinds = [event.type for event in events]
    assert kinds == ["image_generation.partial_image"] * 2 + ["image_generation.completed"]
    assert [event.partial_image_index for event in events[:2]] == [0, 1]  # type: ignore[union-attr]
    assert all(opened(event.b64_json).format == "WEBP" for event in events)
    assert {event.size for event in events} == {"128x128"}
    levels = [np.asarray(opened(event.b64_json).convert("L")).mean() for event in events]
    assert levels[0] > levels[1] > levels[2], f"the double's previews darken step by step: {levels}"


async def test_a_stream_that_fails_says_why(tmp_path: Path) -> None:
    broken = Bench(renderer={"refuse": "navy"})
    async with serving(tmp_path, broken.steps(), broken.fleet()) as service, package(service) as client:
        stream = await client.images.generate(prompt=PROMPT, stream=True)
        with pytest.raises(openai.APIError, match="double was asked to refuse"):
            async for _ in stream:
                pass


def photograph(size: tuple[int, int] = (200, 120)) -> bytes:
    pixels = np.random.default_rng(0).integers(0, 255, (size[1], size[0], 3), np.uint8)
    return filed(Image.fromarray(pixels))


def filed(picture: Image.Image) -> bytes:
    written = io.BytesIO()
    picture.save(written, "PNG")
    return written.getvalue()


def hole(size: tuple[int, int] = (200, 120)) -> bytes:
    mask = Image.new("RGBA", size, (0, 0, 0, 255))
    mask.paste((0, 0, 0, 0), (50, 30, 150, 90))
    return filed(mask)


async def test_an_edit_changes_the_transparent_part_of_its_mask_only(client: openai.AsyncOpenAI) -> None:
    sent = photograph()
    answer = await client.images.edit(image=("photo.png", sent), mask=("mask.png", hole()), prompt=PROMPT)
    assert answer.data
    edited, before = (
        np.asarray(picture).astype(int) for picture in (opened(answer.data[0].b64_json), from_bytes(sent))
    )
    changed = (edited != before).any(axis=2)
    assert not changed[:30].any()
    assert not changed[:, :50].any()
    assert changed[30:90, 50:150].mean() > 0.9


def from_bytes(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


async def test_several_pictures_lead_the_edit_of_the_first(client: openai.AsyncOpenAI, bench: Bench) -> None:
    pictures = [("photo.png", photograph()), ("red.png", filed(Image.new("RGB", (64, 64), (200, 0, 0))))]
    answer = await client.images.edit(image=pictures, mask=("mask.png", hole()), prompt=PROMPT, n=2)
    assert answer.data
    assert len(answer.data) == 2
    starts = [order.edit.start for order in bench.rendered if order.edit]
    assert all(start is not None and (start.pixels == (200, 0, 0)).all() for start in starts)


async def test_an_edit_streams_like_a_generation(tmp_path: Path) -> None:
    bench = Bench(renderer={"delay_s": 0.8})
    async with serving(tmp_path, bench.steps(), bench.fleet()) as service, package(service) as client:
        stream = await client.images.edit(
            image=("photo.png", photograph()), mask=("mask.png", hole()), prompt=PROMPT, stream=True, partial_images=2
        )
        kinds = [event.type async for event in stream]
    assert kinds == ["image_edit.partial_image"] * 2 + ["image_edit.completed"]


async def test_an_edit_that_is_sent_again_is_the_same_job(service: Service, client: openai.AsyncOpenAI) -> None:
    again = {"Idempotency-Key": "edit-1"}
    answers = [
        await client.images.edit(image=("photo.png", photograph()), prompt=PROMPT, extra_headers=again)
        for _ in range(2)
    ]
    assert answers[0] == answers[1]
    assert len(await service.queue.jobs("shop", 10)) == 1


@pytest.mark.parametrize(
    ("image", "mask", "param"),
    [
        (b"no picture", None, "image"),
        (photograph(), filed(Image.new("RGBA", (200, 120), (0, 0, 0, 255))), "mask"),
        (photograph(), hole((100, 120)), "mask"),
    ],
    ids=["no picture", "opaque mask", "mask of another size"],
)
async def test_an_edit_that_cannot_be_is_refused_with_its_parameter(
    client: openai.AsyncOpenAI, image: bytes, mask: bytes | None, param: str
) -> None:
    files = {"image": ("photo.png", image)} | ({"mask": ("mask.png", mask)} if mask else {})
    with pytest.raises(openai.UnprocessableEntityError) as refused:
        await client.images.edit(prompt=PROMPT, **files)  # type: ignore[call-overload]
    assert refused.value.param == param


async def test_an_unknown_parameter_is_named_and_not_swallowed(client: openai.AsyncOpenAI) -> None:
    with pytest.raises(openai.UnprocessableEntityError) as refused:
        await client.images.generate(prompt=PROMPT, style="vivid")
    assert (refused.value.code, refused.value.param) == ("unknown_field", "style")


async def test_an_unknown_adapter_is_refused(client: openai.AsyncOpenAI) -> None:
    with pytest.raises(openai.UnprocessableEntityError) as refused:
        await client.images.generate(prompt=PROMPT, model="vitrine:nothing")
    assert refused.value.code == "unknown_adapter"


async def test_a_model_that_fails_is_a_server_error(tmp_path: Path) -> None:
    broken = Bench(renderer={"refuse": "navy"})
    async with serving(tmp_path, broken.steps(), broken.fleet()) as service, package(service, "none", 0) as client:
        with pytest.raises(openai.InternalServerError):
            await client.images.generate(prompt=PROMPT)


async def test_over_the_rate_the_package_waits_and_comes_back(
    service: Service, client: openai.AsyncOpenAI, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "BURST", 2)
    monkeypatch.setattr(app, "RATE_PER_S", 2.0)
    async with package(service, str(client.api_key), retries=5) as hurried:
        answers = [await hurried.images.generate(prompt=PROMPT) for _ in range(4)]
    assert all(answer.data for answer in answers)


async def test_a_wrong_key_is_an_authentication_error(service: Service, client: openai.AsyncOpenAI) -> None:
    async with package(service, "vk_wrong") as stranger:
        with pytest.raises(openai.AuthenticationError):
            await stranger.images.generate(prompt=PROMPT)


async def test_the_retoucher_paints_where_the_mask_is_transparent(client: openai.AsyncOpenAI) -> None:
    pictures = [("photo.png", photograph()), ("pose.png", photograph())]
    told = {"negative_prompt": "hands", "guidance": "4.0", "control": "pose"}
    answer = await client.images.edit(
        image=pictures, mask=("mask.png", hole()), prompt=PROMPT, model="retoucher", extra_body=told
    )
    assert answer.data
    edited, before = (np.asarray(one) for one in (opened(answer.data[0].b64_json), from_bytes(photograph())))
    changed = (edited != before).any(axis=2)
    assert not changed[:30].any()
    assert not changed[:, :50].any()
    assert changed[30:90, 50:150].mean() > 0.9


async def test_what_only_the_retoucher_understands_is_left_aside_by_others(client: openai.AsyncOpenAI) -> None:
    plain, told = [
        await client.images.edit(image=("photo.png", photograph()), prompt=PROMPT, extra_body=extra)
        for extra in ({}, {"guidance": "4.0"})
    ]
    assert plain.data
    assert told.data
    assert plain.data[0].b64_json == told.data[0].b64_json
