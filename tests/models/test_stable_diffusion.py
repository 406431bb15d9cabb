"""The Stable Diffusion adapter against diffusers' own pipeline, on a small one of the production classes."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import small_inpainting
import torch
from diffusers import DDIMScheduler, EulerAncestralDiscreteScheduler, UniPCMultistepScheduler
from PIL import Image

from models.domain import Control, Picture, Refusal, RetouchOrder
from models.errors import PackError
from models.stable_diffusion.adapter import StableDiffusionRetoucher
from models.stable_diffusion.recipe import StableDiffusionRecipe

SIDE = 64
SCHEDULERS = {
    "PNDM, as SD 1.5": None, "DDIM": DDIMScheduler, "UniPC": UniPCMultistepScheduler,
    "Euler, ancestral": EulerAncestralDiscreteScheduler,
}  # fmt: skip


def noise(seed: int) -> Picture:
    return Picture(np.random.default_rng(seed).integers(0, 256, (SIDE, SIDE, 3), np.uint8))


def hole() -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    mask = np.zeros((SIDE, SIDE), np.uint8)
    mask[10:50, 8:40] = 255
    return mask


ORDER = RetouchOrder(
    noise(1), "a woman in a red room", seed=7, mask=hole(), negative_prompt="blue hair",
    control=Control(noise(2), "pose", 0.8),
)  # fmt: skip


@pytest.fixture(scope="module")
def made() -> Any:
    return small_inpainting.pipeline()


@pytest.fixture(scope="module")
def pack(made: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pack")
    small_inpainting.write(made, folder)
    return folder


@pytest.fixture(scope="module")
def retoucher(pack: Path) -> StableDiffusionRetoucher:
    return StableDiffusionRecipe(pack=pack, device="cpu", threads=1).load()


def one(retoucher: StableDiffusionRetoucher, order: RetouchOrder) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    (outcome,) = retoucher.retouch([order])
    assert isinstance(outcome, Picture), outcome
    return outcome.pixels


def by_diffusers(made: Any, order: RetouchOrder) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    mask = np.full((SIDE, SIDE), 255, np.uint8) if order.mask is None else order.mask
    assert order.control is not None
    images = made(
        prompt=order.prompt, negative_prompt=order.negative_prompt, image=Image.fromarray(order.picture.pixels),
        mask_image=Image.fromarray(mask), control_image=Image.fromarray(order.control.picture.pixels),
        height=SIDE, width=SIDE, num_inference_steps=order.steps or 6, strength=order.strength,
        guidance_scale=7.5 if order.guidance is None else order.guidance,
        controlnet_conditioning_scale=order.control.weight, generator=torch.Generator("cpu").manual_seed(order.seed),
        output_type="np",
    ).images  # fmt: skip
    pixels = np.rint(images[0] * 255).astype(np.uint8)
    pixels[mask < 128] = order.picture.pixels[mask < 128]
    return pixels


@pytest.mark.parametrize("scheduler", SCHEDULERS)
def test_every_scheduler_gives_the_pipelines_picture(made: Any, tmp_path: Path, scheduler: str) -> None:
    kind, before = SCHEDULERS[scheduler], made.scheduler
    made.scheduler = before if kind is None else kind.from_config(before.config)
    small_inpainting.write(made, tmp_path)
    mine = one(StableDiffusionRecipe(pack=tmp_path, device="cpu", threads=1).load(), ORDER)
    theirs = by_diffusers(made, ORDER)
    made.scheduler = before
    assert np.abs(mine.astype(int) - theirs).max() <= 1


@pytest.mark.parametrize(
    "change",
    [
        {"strength": 0.5}, {"mask": None, "strength": 0.7}, {"mask": None}, {"guidance": 1.0}, {"guidance": 3.0},
        {"steps": 3}, {"seed": -3}, {"negative_prompt": ""}, {"control": Control(noise(3), "pose", 1.5)},
    ],
    ids=str,
)  # fmt: skip
def test_every_setting_means_what_it_means_to_the_pipeline(
    made: Any, retoucher: StableDiffusionRetoucher, change: dict[str, Any]
) -> None:
    order = replace(ORDER, **change)
    theirs = by_diffusers(made, replace(order, seed=order.seed % 2**64))
    assert np.abs(one(retoucher, order).astype(int) - theirs).max() <= 1
    if change != {"seed": 7}:
        assert (one(retoucher, ORDER) != theirs).any(), f"{change} changes nothing"


def test_no_control_and_one_of_no_weight_are_the_same(retoucher: StableDiffusionRetoucher) -> None:
    without = one(retoucher, replace(ORDER, control=None))
    assert np.array_equal(one(retoucher, replace(ORDER, control=Control(noise(2), "pose", 0.0))), without)
    assert (one(retoucher, ORDER) != without).any()


def test_outside_the_mask_the_pixels_are_those_that_came(retoucher: StableDiffusionRetoucher) -> None:
    soft = np.random.default_rng(4).integers(0, 256, (SIDE, SIDE), np.uint8)
    painted = one(retoucher, replace(ORDER, mask=soft))
    kept = soft < 128
    assert np.array_equal(painted[kept], ORDER.picture.pixels[kept])
    assert (painted[~kept] != ORDER.picture.pixels[~kept]).any()


def test_an_order_gives_the_same_picture_alone_and_in_any_company(retoucher: StableDiffusionRetoucher) -> None:
    orders = [
        ORDER, replace(ORDER, seed=8), replace(ORDER, guidance=3.0, prompt="a man"), replace(ORDER, control=None),
        replace(ORDER, control=Control(noise(3), "pose", 0.3)), replace(ORDER, strength=0.5), replace(ORDER, steps=4),
        replace(ORDER, guidance=1.0),
    ]  # fmt: skip
    for order, outcome in zip(orders, retoucher.retouch(orders), strict=True):
        assert isinstance(outcome, Picture), outcome
        alone = one(retoucher, order)
        assert np.abs(outcome.pixels.astype(int) - alone).max() <= 1
        assert np.array_equal(one(retoucher, order), alone), "the same order again"


BAD: list[tuple[str, dict[str, Any]]] = [
    ("bad_picture", {"picture": Picture(np.zeros((SIDE, SIDE), np.uint8))}),
    ("bad_size", {"picture": Picture(np.zeros((SIDE, SIDE + 1, 3), np.uint8)), "mask": None}),
    ("bad_size", {"picture": Picture(np.zeros((SIDE, 4 * SIDE, 3), np.uint8)), "mask": None}),
    ("bad_mask", {"mask": np.zeros((SIDE, SIDE), np.uint8)}),
    ("bad_mask", {"mask": np.full((SIDE, 8), 255, np.uint8)}),
    ("bad_mask", {"mask": np.ones((SIDE, SIDE), bool)}),
    ("bad_prompt", {"prompt": "  "}),
    ("bad_steps", {"steps": 0}),
    ("bad_steps", {"steps": 51}),
    ("bad_strength", {"strength": 0.0}),
    ("bad_strength", {"strength": 0.1}),
    ("bad_strength", {"strength": float("nan")}),
    ("bad_guidance", {"guidance": 21.0}),
    ("bad_guidance", {"guidance": float("nan")}),
    ("unknown_control", {"control": Control(noise(2), "edge")}),
    ("bad_control", {"control": Control(Picture(np.zeros((8, 8, 3), np.uint8)), "pose")}),
    ("bad_control", {"control": Control(noise(2), "pose", -1.0)}),
    ("bad_control", {"control": Control(noise(2), "pose", float("nan"))}),
]


@pytest.mark.parametrize(("code", "change"), BAD, ids=lambda value: value if isinstance(value, str) else "")
def test_a_bad_order_is_refused_alone(retoucher: StableDiffusionRetoucher, code: str, change: dict[str, Any]) -> None:
    before, wrong, after = retoucher.retouch([ORDER, replace(ORDER, **change), replace(ORDER, seed=8)])
    assert isinstance(wrong, Refusal)
    assert wrong.code == code, wrong
    assert isinstance(before, Picture)
    assert isinstance(after, Picture)


def test_a_unet_that_is_not_for_inpainting_is_refused_at_load(tmp_path: Path) -> None:
    small_inpainting.write(small_inpainting.pipeline(in_channels=4), tmp_path)
    with pytest.raises(PackError, match="takes 4 channels, not the 9"):
        StableDiffusionRecipe(pack=tmp_path, device="cpu", threads=1).load()


def test_a_missing_module_and_an_unknown_kind_of_control_are_named(pack: Path, tmp_path: Path) -> None:
    text = (pack / "manifest.toml").read_text()
    for other, named in ((text.replace('"pose"', '"depth"'), "ControlNets are missing"),
                         (text.replace("adapters.pose", "adapters.depth"), "no kinds of control")):  # fmt: skip
        folder = tmp_path / named.split()[0]
        small_inpainting.write(small_inpainting.pipeline(), folder)
        (folder / "manifest.toml").write_text(other)
        with pytest.raises(PackError, match=named):
            StableDiffusionRecipe(pack=folder, device="cpu", threads=1).load()
