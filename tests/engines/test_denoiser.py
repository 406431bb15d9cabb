"""The renderer on exported engines: the base, adapters merged, and what no engine holds."""

from pathlib import Path

import numpy as np
import pytest
import torch

from models.domain import Picture, RenderOrder, WeightedAdapter
from models.engines.errors import EngineError
from models.engines.keys import EngineKey
from models.engines.workshop import Workshop
from models.flux.adapter import FluxRenderer
from models.flux.recipe import FluxRecipe
from models.rendering import render

PROMPT = "catalogue photo of a men's t-shirt, red, short sleeves, laid flat, centred, on a pure white background"
PLAIN = RenderOrder(PROMPT, seed=7, width=256, height=256)
SKETCH = RenderOrder(PROMPT, seed=7, width=256, height=256, adapters=(WeightedAdapter("sketch", 0.8),))
TRANSFORMER = "renderer.transformer"


@pytest.fixture(scope="module")
def eager(engines_folder: Path) -> FluxRenderer:
    return FluxRecipe(device="cpu").load()


@pytest.fixture(scope="module")
def exported(workshop: Workshop) -> FluxRenderer:
    workshop.build(TRANSFORMER, "onnxruntime")
    return FluxRecipe(device="cpu", engine="onnxruntime").load()


def drawn(renderer: FluxRenderer, order: RenderOrder) -> np.ndarray:
    (picture,) = render(renderer, [order])
    assert isinstance(picture, Picture), picture
    return picture.pixels.astype(int)


@pytest.mark.parametrize("size", [(256, 256), (128, 128), (192, 64)])
def test_pictures_of_the_exported_engine_are_the_modules(
    eager: FluxRenderer, exported: FluxRenderer, size: tuple[int, int]
) -> None:
    assert (eager.engines[TRANSFORMER], exported.engines[TRANSFORMER]) == ("eager", "onnxruntime")
    order = RenderOrder(PROMPT, seed=7, width=size[0], height=size[1])
    assert np.abs(drawn(eager, order) - drawn(exported, order)).max() <= 1


def test_adapters_that_no_file_holds_are_served_by_the_module(eager: FluxRenderer, exported: FluxRenderer) -> None:
    assert exported._denoiser.serving(PLAIN.adapters).name == "onnxruntime"
    assert exported._denoiser.serving((WeightedAdapter("studio-grey"),)).name == "eager"
    grey = RenderOrder(PROMPT, seed=7, width=256, height=256, adapters=(WeightedAdapter("studio-grey"),))
    plain = drawn(exported, PLAIN)
    assert np.abs(drawn(eager, grey) - drawn(exported, grey)).max() <= 1
    assert np.abs(drawn(exported, grey) - plain).mean() > 3
    assert np.array_equal(plain, drawn(exported, PLAIN))


def test_a_file_with_merged_adapters_serves_exactly_their_set(
    workshop: Workshop, eager: FluxRenderer, exported: FluxRenderer
) -> None:
    entry = workshop.build(TRANSFORMER, "onnxruntime", SKETCH.adapters)
    assert entry.measured["error"] <= 1e-4
    assert exported._denoiser.serving(SKETCH.adapters).name == "onnxruntime"
    assert exported._denoiser.serving((WeightedAdapter("sketch", 0.7),)).name == "eager"
    plain, sketch = drawn(exported, PLAIN), drawn(exported, SKETCH)
    assert np.abs(sketch - drawn(eager, SKETCH)).max() <= 1
    assert np.abs(sketch - plain).mean() > 3
    assert np.array_equal(plain, drawn(exported, PLAIN))  # A, B, A: nothing of B is left


def test_other_adapters_than_the_packs_are_refused(workshop: Workshop) -> None:
    with pytest.raises(EngineError, match="holds no adapter 'noir'"):
        workshop.build(TRANSFORMER, "onnxruntime", [WeightedAdapter("noir")])
    with pytest.raises(EngineError, match="leave --adapter out"):
        workshop.build("scorer.texts", "onnxruntime", [WeightedAdapter("sketch")])
    with pytest.raises(EngineError, match="has no module"):
        workshop.build("renderer.unet", "onnxruntime")


def test_the_engine_of_other_weights_is_not_taken(workshop: Workshop) -> None:
    """The key of the same module with another set of weights names a folder that is not there."""
    _, own = workshop.opened(TRANSFORMER)
    workshop.build(TRANSFORMER, "onnxruntime")
    other = EngineKey(**(vars(own) | {"weights": "0" * 64}))
    assert workshop._cache.find(own) is not None
    assert workshop._cache.find(other) is None


def test_a_damaged_engine_is_passed_over(workshop: Workshop, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    entry = workshop.build(TRANSFORMER, "onnxruntime")
    folder = tmp_path / "engines" / entry.folder.name
    folder.mkdir(parents=True)
    for file in entry.folder.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    (folder / "graph.onnx").write_bytes(b"something else")
    monkeypatch.setenv("VITRINE_ENGINES", str(folder.parent))
    renderer = FluxRecipe(device="cpu", engine="auto").load()
    assert renderer.engines[TRANSFORMER] == "eager"


def test_without_any_engine_auto_is_eager_on_a_cpu(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("VITRINE_ENGINES", str(tmp_path / "none"))
    assert set(FluxRecipe(device="cpu", engine="auto").load().engines.values()) == {"eager"}
    assert not (tmp_path / "none").exists()


def test_the_probe_of_a_renderer_is_a_call_of_its_denoiser(eager: FluxRenderer) -> None:
    with torch.inference_mode():
        (velocity,) = eager._denoiser((), **eager._probe())
    assert velocity.shape == (1, 64, 96)
