"""The FLUX renderer on the shipped pack."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models.checkpoint import STARTER_PACK
from models.domain import Picture, Refusal, RenderOrder
from models.errors import PackError
from models.flux.adapter import FluxRenderer
from models.flux.recipe import FluxRecipe

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
    first, second = renderer.render([ORDER])[0], renderer.render([ORDER])[0]
    assert np.array_equal(pixels(first), pixels(second))


def test_another_seed_gives_another_picture(renderer: FluxRenderer) -> None:
    first, other = renderer.render([ORDER, replace(ORDER, seed=8)])
    assert np.abs(pixels(first) - pixels(other)).mean() > 0.5


def test_neighbours_change_a_picture_by_one_level_at_most(renderer: FluxRenderer) -> None:
    alone = renderer.render([ORDER])[0]
    crowd = [
        replace(ORDER, prompt=PROMPT.replace("red", colour), seed=seed) for seed, colour in enumerate(("blue", "lime"))
    ]
    together = renderer.render([crowd[0], ORDER, crowd[1]])[1]
    assert np.abs(pixels(alone) - pixels(together)).max() <= 1


def test_a_red_shirt_is_red_on_white(renderer: FluxRenderer) -> None:
    picture = pixels(renderer.render([ORDER])[0])
    red, green, blue = np.median(picture[110:150, 110:150], axis=(0, 1))
    assert red > green + 60, (red, green, blue)
    assert red > blue + 60, (red, green, blue)
    assert picture[:16, :16].mean() > 245


def test_an_adapter_changes_the_picture_and_leaves_no_trace(renderer: FluxRenderer) -> None:
    plain = pixels(renderer.render([ORDER])[0])
    sketch, grey = (pixels(renderer.render([replace(ORDER, adapter=name)])[0]) for name in ("sketch", "studio-grey"))
    again = pixels(renderer.render([replace(ORDER, adapter="sketch")])[0])
    assert np.array_equal(sketch, again)
    assert np.array_equal(plain, pixels(renderer.render([ORDER])[0]))
    assert np.abs(sketch - plain).mean() > 5
    assert np.abs(grey - plain).mean() > 5
    assert np.abs(grey - sketch).mean() > 5


def test_an_adapter_of_weight_zero_is_the_base(renderer: FluxRenderer) -> None:
    plain, muted = renderer.render([ORDER, replace(ORDER, adapter="sketch", adapter_weight=0.0)])
    assert np.abs(pixels(plain) - pixels(muted)).max() <= 1


def test_a_refused_order_never_fails_its_neighbours(renderer: FluxRenderer) -> None:
    wrong = [
        replace(ORDER, adapter="noir"),
        replace(ORDER, width=250),
        replace(ORDER, steps=0),
        replace(ORDER, prompt=" "),
    ]
    outcomes = renderer.render([wrong[0], ORDER, *wrong[1:]])
    codes = [outcome.code for outcome in outcomes if isinstance(outcome, Refusal)]
    assert codes == ["unknown_adapter", "bad_size", "bad_steps", "bad_prompt"]
    assert isinstance(outcomes[1], Picture)


def test_a_refused_size_names_the_allowed_multiples(renderer: FluxRenderer) -> None:
    (refusal,) = renderer.render([replace(ORDER, width=250)])
    assert isinstance(refusal, Refusal)
    assert "multiples of 32 up to 256" in refusal.reason, refusal.reason


def test_smaller_pictures_keep_their_size(renderer: FluxRenderer) -> None:
    (picture,) = renderer.render([replace(ORDER, width=192, height=128)])
    assert isinstance(picture, Picture)
    assert picture.size == (192, 128)


def test_unknown_words_do_not_stop_a_picture(renderer: FluxRenderer) -> None:
    (picture,) = renderer.render([replace(ORDER, prompt="一件红色 T-Shirt, Größe 42 🙂 zzyzx" * 20)])
    assert isinstance(picture, Picture)


def test_a_pack_without_a_renderer_says_what_is_missing(tmp_path: Path) -> None:
    manifest = (STARTER_PACK / "manifest.toml").read_text("utf-8")
    (tmp_path / "manifest.toml").write_text(manifest, "utf-8")
    with pytest.raises(PackError, match="renderer"):
        FluxRecipe(pack=tmp_path).load()
