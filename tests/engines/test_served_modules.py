"""Every model with its modules on exported engines gives what it gives without, and a call they cannot take anyway."""

import logging
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from deployments.retoucher import RetoucherReplica
from models.clip.recipe import ClipRecipe
from models.domain import Control, Mask, Picture, RenderOrder, RetouchOrder, ScoreOrder, SegmentOrder
from models.engines.workshop import Workshop
from models.flux.recipe import FluxRecipe
from models.rendering import render
from models.sam.recipe import SamRecipe
from models.stable_diffusion.recipe import StableDiffusionRecipe
from models.starter.drawing import Garment, draw

SHIRT = Garment(audience="men", type="t-shirt", base="red", sleeve="short", neckline="crew")
TEXTS = ("a red men's t-shirt with short sleeves and crew neck", "a blue skirt", "a black hoodie")
PROMPT = "catalogue photo of a men's t-shirt, red, short sleeves, laid flat, centred, on a pure white background"
SIDE = 64
FALLBACK = "the module serves such a call"


@pytest.fixture(autouse=True)
def heard(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.INFO, "models.engines")
    return caplog


def drawn(seed: int) -> Picture:
    return draw(SHIRT, np.random.default_rng(seed)).picture


def exported(shop: Workshop, *names: str) -> dict[str, str]:
    for name in names:
        assert shop.build(name, "onnxruntime").measured["error"] <= 1e-4
    return dict.fromkeys(names, "onnxruntime")


def test_the_scorers_towers_give_the_same_scores(workshop: Workshop, heard: pytest.LogCaptureFixture) -> None:
    engines = exported(workshop, "scorer.pictures", "scorer.texts")
    fast, slow = (ClipRecipe(device="cpu", engine=engine).load() for engine in ("onnxruntime", "eager"))
    assert (fast.engines, set(slow.engines.values())) == (engines, {"eager"})
    orders = [ScoreOrder(drawn(seed), TEXTS[: 1 + seed]) for seed in range(3)]
    for mine, plain in zip(fast.score(orders), slow.score(orders), strict=True):
        assert mine == pytest.approx(plain, rel=1e-4)
    assert FALLBACK not in heard.text


def test_the_segmenters_encoder_and_decoder_give_the_same_masks(
    workshop: Workshop, heard: pytest.LogCaptureFixture
) -> None:
    engines = exported(workshop, "segmenter.vision_encoder", "segmenter.masks")
    fast, slow = (SamRecipe(device="cpu", engine=engine).load() for engine in ("onnxruntime", "eager"))
    assert fast.engines == engines
    orders = [SegmentOrder(drawn(1)), SegmentOrder(drawn(2), box=(20.0, 20.0, 236.0, 236.0), points=((128.0, 128.0),))]
    masked(fast.segment(orders), slow.segment(orders))
    assert FALLBACK not in heard.text
    box_alone = [replace(orders[1], points=())]
    masked(fast.segment(box_alone), slow.segment(box_alone))
    assert f"segmenter.masks: {FALLBACK}: the exported segmenter.masks takes" in heard.text


def masked(fast: list[object], slow: list[object]) -> None:
    for mine, plain in zip(fast, slow, strict=True):
        assert isinstance(mine, Mask) and isinstance(plain, Mask), (mine, plain)  # noqa: PT018
        assert np.abs(mine.alpha.astype(int) - plain.alpha).max() <= 1
        assert mine.quality == pytest.approx(plain.quality, rel=1e-4)


def test_the_renderers_text_encoders_give_the_same_pictures(
    workshop: Workshop, heard: pytest.LogCaptureFixture
) -> None:
    engines = exported(workshop, "renderer.text_encoder", "renderer.text_encoder_2")
    fast, slow = (FluxRecipe(device="cpu", engine=engine).load() for engine in ("onnxruntime", "eager"))
    assert engines.items() <= fast.engines.items(), fast.engines
    orders = [RenderOrder(PROMPT, seed=7, width=256, height=256), RenderOrder("猫 " * 90, seed=8, width=192, height=64)]
    for mine, plain in zip(render(fast, orders), render(slow, orders), strict=True):
        assert isinstance(mine, Picture) and isinstance(plain, Picture), (mine, plain)  # noqa: PT018
        assert np.abs(mine.pixels.astype(int) - plain.pixels).max() <= 1
    assert FALLBACK not in heard.text


def test_an_engine_that_rounds_otherwise_than_its_module_does_not_serve(
    workshop: Workshop, heard: pytest.LogCaptureFixture
) -> None:
    """The starter's decoder carries constants of 1000: through ONNX Runtime its pictures would differ by 2/255."""
    entry = workshop.build("renderer.vae_decoder", "onnxruntime")
    assert FluxRecipe(device="cpu", engine="auto").load().engines["renderer.vae_decoder"] == "eager"
    assert f"it was off by {entry.measured['error']:.1e} of its largest output" in heard.text


RETOUCHER = tuple(f"retoucher.{name}" for name in ("unet", "controlnet.pose", "vae_decoder", "text_encoder"))
NOISE = [Picture(np.random.default_rng(seed).integers(0, 256, (SIDE, SIDE, 3), np.uint8)) for seed in range(3)]
ORDER = RetouchOrder(NOISE[0], "a woman in a red room", seed=7, control=Control(NOISE[1], "pose", 0.8))


def test_the_retouchers_modules_give_the_same_pictures(
    retouching: Workshop, retouching_pack: Path, heard: pytest.LogCaptureFixture
) -> None:
    engines = exported(retouching, *RETOUCHER)
    fast, slow = (
        StableDiffusionRecipe(pack=retouching_pack, device="cpu", engine=engine).load()
        for engine in ("onnxruntime", "eager")
    )
    assert fast.engines == engines
    low = Picture(NOISE[2].pixels[:32])
    orders = [
        ORDER, replace(ORDER, seed=8, control=Control(NOISE[2], "pose", 1.5)), replace(ORDER, control=None),
        replace(ORDER, guidance=1.0, strength=0.5), replace(ORDER, picture=low, control=None),
    ]  # fmt: skip
    painted(fast.retouch(orders), slow.retouch(orders))
    assert FALLBACK not in heard.text
    small = Picture(NOISE[2].pixels[:16, :16])  # of four cells a side, where the profiles begin at eight
    below = [replace(ORDER, picture=small, control=None)]
    painted(fast.retouch(below), slow.retouch(below))
    assert f"retoucher.unet: {FALLBACK}: the engine of retoucher.unet has no profile for" in heard.text


def painted(fast: list[object], slow: list[object]) -> None:
    for mine, plain in zip(fast, slow, strict=True):
        assert isinstance(mine, Picture) and isinstance(plain, Picture), (mine, plain)  # noqa: PT018
        assert np.abs(mine.pixels.astype(int) - plain.pixels).max() <= 1


async def test_a_replica_says_which_engine_serves_each_module(retouching: Workshop, retouching_pack: Path) -> None:
    exported(retouching, "retoucher.unet")
    replica = RetoucherReplica()
    chosen = {"kind": "stable-diffusion", "pack": str(retouching_pack), "device": "cpu", "engine": "auto"}
    await replica.reconfigure(chosen)
    said = await replica.about()
    assert said["engine"] == said["engines"]["retoucher.unet"] == "onnxruntime"
    assert set(said["engines"]) == set(RETOUCHER)
