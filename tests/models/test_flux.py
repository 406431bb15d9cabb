"""The FLUX renderer on the shipped pack."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from diffusers import FluxPipeline

from models.checkpoint import STARTER_PACK
from models.domain import Edit, Picture, Refusal, RenderOrder, WeightedAdapter
from models.errors import PackError
from models.flux.adapter import FluxDenoising, FluxRenderer
from models.flux.latents import Frame
from models.flux.recipe import FluxRecipe
from models.rendering import render

PROMPT = (
    "catalogue photo of a men's t-shirt, red, short sleeves, crew neck, laid flat, centred, on a pure white background"
)
ORDER = RenderOrder(PROMPT, seed=7, width=256, height=256)


@pytest.fixture(scope="module")
def renderer() -> FluxRenderer:
    return FluxRecipe(device="cpu").load()


def pixels(outcome: Picture | Refusal) -> np.ndarray:
    assert isinstance(outcome, Picture), outcome
    return outcome.pixels.astype(int)


def test_the_same_seed_gives_the_same_pixels(renderer: FluxRenderer) -> None:
    first, second = render(renderer, [ORDER])[0], render(renderer, [ORDER])[0]
    assert np.array_equal(pixels(first), pixels(second))


def test_another_seed_gives_another_picture(renderer: FluxRenderer) -> None:
    first, other = render(renderer, [ORDER, replace(ORDER, seed=8)])
    assert np.abs(pixels(first) - pixels(other)).mean() > 0.5


def test_neighbours_change_a_picture_by_one_level_at_most(renderer: FluxRenderer) -> None:
    alone = render(renderer, [ORDER])[0]
    crowd = [
        replace(ORDER, prompt=PROMPT.replace("red", colour), seed=seed) for seed, colour in enumerate(("blue", "lime"))
    ]
    together = render(renderer, [crowd[0], ORDER, crowd[1]])[1]
    assert np.abs(pixels(alone) - pixels(together)).max() <= 1


def test_a_red_shirt_is_red_on_white(renderer: FluxRenderer) -> None:
    picture = pixels(render(renderer, [ORDER])[0])
    red, green, blue = np.median(picture[110:150, 110:150], axis=(0, 1))
    assert red > green + 60, (red, green, blue)
    assert red > blue + 60, (red, green, blue)
    assert picture[:16, :16].mean() > 245


def test_stressed_words_change_the_picture_and_nothing_that_comes_after(renderer: FluxRenderer) -> None:
    orders = ORDER, replace(ORDER, stressed=("red",)), ORDER
    plain, stressed, again = (pixels(render(renderer, [order])[0]) for order in orders)
    assert not np.array_equal(plain, stressed)
    assert np.array_equal(plain, again)


def test_words_that_do_not_stand_in_the_prompt_stress_nothing(renderer: FluxRenderer) -> None:
    orders = ORDER, replace(ORDER, stressed=("velvet",))
    plain, stressed = (pixels(render(renderer, [order])[0]) for order in orders)
    assert np.array_equal(plain, stressed)


def test_an_adapter_changes_the_picture_and_leaves_no_trace(renderer: FluxRenderer) -> None:
    plain = pixels(render(renderer, [ORDER])[0])
    sketch, grey = (
        pixels(render(renderer, [replace(ORDER, adapters=(WeightedAdapter(name),))])[0])
        for name in ("sketch", "studio-grey")
    )
    again = pixels(render(renderer, [replace(ORDER, adapters=(WeightedAdapter("sketch"),))])[0])
    assert np.array_equal(sketch, again)
    assert np.array_equal(plain, pixels(render(renderer, [ORDER])[0]))
    assert np.abs(sketch - plain).mean() > 5
    assert np.abs(grey - plain).mean() > 5
    assert np.abs(grey - sketch).mean() > 5


def test_an_adapter_of_weight_zero_is_the_base(renderer: FluxRenderer) -> None:
    plain, muted = render(renderer, [ORDER, replace(ORDER, adapters=(WeightedAdapter("sketch", 0.0),))])
    assert np.abs(pixels(plain) - pixels(muted)).max() <= 1


def test_a_refused_order_never_fails_its_neighbours(renderer: FluxRenderer) -> None:
    wrong = [
        replace(ORDER, adapters=(WeightedAdapter("noir"),)),
        replace(ORDER, width=250),
        replace(ORDER, steps=0),
        replace(ORDER, prompt=" "),
    ]
    outcomes = render(renderer, [wrong[0], ORDER, *wrong[1:]])
    codes = [outcome.code for outcome in outcomes if isinstance(outcome, Refusal)]
    assert codes == ["unknown_adapter", "bad_size", "bad_steps", "bad_prompt"]
    assert isinstance(outcomes[1], Picture)


def test_a_refused_size_names_the_allowed_multiples(renderer: FluxRenderer) -> None:
    (refusal,) = render(renderer, [replace(ORDER, width=250)])
    assert isinstance(refusal, Refusal)
    assert "multiples of 32 up to 256" in refusal.reason, refusal.reason


def test_smaller_pictures_keep_their_size(renderer: FluxRenderer) -> None:
    (picture,) = render(renderer, [replace(ORDER, width=192, height=128)])
    assert isinstance(picture, Picture)
    assert picture.size == (192, 128)


def test_unknown_words_do_not_stop_a_picture(renderer: FluxRenderer) -> None:
    (picture,) = render(renderer, [replace(ORDER, prompt="一件红色 T-Shirt, Größe 42 🙂 zzyzx" * 20)])
    assert isinstance(picture, Picture)


def test_a_pack_without_a_renderer_says_what_is_missing(tmp_path: Path) -> None:
    manifest = (STARTER_PACK / "manifest.toml").read_text("utf-8")
    (tmp_path / "manifest.toml").write_text(manifest, "utf-8")
    with pytest.raises(PackError, match="renderer"):
        FluxRecipe(pack=tmp_path).load()


def test_the_steps_give_what_the_pipeline_gives(renderer: FluxRenderer) -> None:
    whole = FluxPipeline.from_pretrained(STARTER_PACK / "renderer", torch_dtype=torch.bfloat16, local_files_only=True)
    whole.transformer.to(renderer._pipeline.transformer.dtype)
    whole.text_encoder.to(renderer._pipeline.text_encoder.dtype)
    whole.text_encoder_2.to(renderer._pipeline.text_encoder_2.dtype)
    whole.vae.to(torch.float32)
    latents = whole(
        ORDER.prompt, height=256, width=256, num_inference_steps=4, guidance_scale=0.0, max_sequence_length=56,
        latents=renderer._latents.noise(ORDER.seed, Frame(256, 256)), output_type="latent",
    ).images  # fmt: skip
    expected = renderer._latents.decode(latents, Frame(256, 256))[0].pixels.astype(int)
    assert np.abs(pixels(render(renderer, [ORDER])[0]) - expected).max() <= 1


def test_an_edit_leaves_every_pixel_outside_its_mask_alone(renderer: FluxRenderer) -> None:
    original = render(renderer, [ORDER])[0]
    assert isinstance(original, Picture)
    mask = np.zeros((256, 256), np.uint8)
    mask[64:192, 64:192] = 255
    blue = replace(ORDER, prompt=PROMPT.replace("red", "blue"), edit=Edit(original, 1.0, mask))
    edited = pixels(render(renderer, [blue])[0])
    assert np.array_equal(edited[mask == 0], original.pixels[mask == 0])
    inside = edited[110:150, 110:150].reshape(-1, 3).mean(0)
    assert inside[2] > inside[0] + 40, f"the middle should have turned blue: {inside}"


def test_a_weaker_edit_stays_closer_to_its_picture(renderer: FluxRenderer) -> None:
    original = render(renderer, [ORDER])[0]
    assert isinstance(original, Picture)
    green = replace(ORDER, prompt=PROMPT.replace("red", "green"))
    changed = [
        np.abs(pixels(render(renderer, [replace(green, edit=Edit(original, strength))])[0]) - pixels(original)).mean()
        for strength in (0.25, 1.0)
    ]
    assert changed[0] < changed[1] / 2, changed


def test_requests_at_different_noise_levels_go_together(renderer: FluxRenderer) -> None:
    early, late = renderer.begin(ORDER), renderer.begin(replace(ORDER, seed=8))
    assert isinstance(early, FluxDenoising)
    assert isinstance(late, FluxDenoising)
    for together in ([early], [early], [early, late], [early, late], [late], [late]):
        renderer.step(together)
    alone = render(renderer, [ORDER])[0], render(renderer, [replace(ORDER, seed=8)])[0]
    for picture, expected in zip(renderer.finish([early, late]), alone, strict=True):
        assert np.abs(pixels(picture) - pixels(expected)).max() <= 1
