"""The unmodified `openai` package against the images API."""

import base64
import io
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
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
