"""LoRAs on the shipped FLUX renderer: alone, together, exchanged, put out of memory."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from diffusers import FluxPipeline, FluxTransformer2DModel
from safetensors.torch import load_file, save_file
from torch import Tensor

from models.adapter_files import SETTINGS, check_adapter
from models.checkpoint import STARTER_PACK
from models.domain import Picture, Refusal, RenderOrder, WeightedAdapter
from models.errors import PackError
from models.flux.adapter import FluxRenderer
from models.flux.adapters import Adapters
from models.flux.latents import Frame
from models.flux.numbers import FluxNumbers
from models.flux.recipe import FluxRecipe
from models.manifest import Manifest
from models.rendering import render

PART = Manifest.read(STARTER_PACK / "manifest.toml").parts["renderer"]
FILES = {name: STARTER_PACK / entry.path for name, entry in PART.adapters.items()}
SKETCH, GREY, EVENING = (WeightedAdapter(name) for name in ("sketch", "studio-grey", "evening"))
PROMPT = "catalogue photo of a women's dress, red, sleeveless, laid flat, centred, on a pure white background"
ORDER = RenderOrder(PROMPT, seed=5, width=256, height=256)
NUMBERS = FluxNumbers.model_validate(PART.options)


@pytest.fixture(scope="module")
def renderer() -> FluxRenderer:
    return FluxRecipe(device="cpu").load()


def drawn(renderer: FluxRenderer, *adapters: WeightedAdapter) -> np.ndarray:
    (outcome,) = render(renderer, [replace(ORDER, adapters=adapters)])
    assert isinstance(outcome, Picture), outcome
    return outcome.pixels.astype(int)


@pytest.fixture(scope="module")
def stock(renderer: FluxRenderer) -> Callable[..., np.ndarray]:
    """FluxPipeline with the same adapters, as diffusers and peft load them; pictures of the same noise."""
    pipeline: Any = FluxPipeline.from_pretrained(STARTER_PACK / "renderer", torch_dtype=torch.float32)
    for name, file in FILES.items():
        pipeline.load_lora_weights(file.parent, weight_name=file.name, adapter_name=name)

    def picture(*adapters: WeightedAdapter) -> np.ndarray:
        pipeline.set_adapters([one.name for one in adapters], [one.weight for one in adapters])
        latents = pipeline(
            PROMPT, height=256, width=256, num_inference_steps=4, guidance_scale=0.0, max_sequence_length=56,
            latents=renderer._latents.noise(ORDER.seed, Frame(256, 256)), output_type="latent",
        ).images  # fmt: skip
        return renderer._latents.decode(latents, Frame(256, 256))[0].pixels.astype(int)

    return picture


@pytest.mark.parametrize(
    "chosen",
    [(SKETCH,), (EVENING,), (replace(SKETCH, weight=0.6),), (replace(GREY, weight=0.5), replace(SKETCH, weight=0.7))],
    ids=["one", "of another rank", "weighted", "two together"],
)
def test_adapters_give_what_the_pipeline_gives(
    renderer: FluxRenderer, stock: Callable[..., np.ndarray], chosen: tuple[WeightedAdapter, ...]
) -> None:
    ours, theirs = drawn(renderer, *chosen), stock(*chosen)
    assert np.abs(ours - theirs).max() <= 1
    assert np.abs(ours - drawn(renderer)).mean() > 3, "the adapters should change the picture"


def test_an_adapter_that_comes_back_gives_the_same_pixels(renderer: FluxRenderer) -> None:
    visits = [
        (SKETCH,),
        (EVENING,),
        (SKETCH,),
        (GREY, SKETCH),
        (SKETCH,),
        (),
        (replace(SKETCH, weight=0.5),),
        (SKETCH,),
    ]
    pictures = [drawn(renderer, *chosen) for chosen in visits]
    for chosen, picture in zip(visits, pictures, strict=True):
        if chosen == (SKETCH,):
            assert np.array_equal(picture, pictures[0])
    assert np.array_equal(pictures[5], drawn(renderer)), "no adapter after adapters is the base"


def test_the_order_in_which_adapters_are_named_means_nothing() -> None:
    assert replace(ORDER, adapters=(SKETCH, GREY)) == replace(ORDER, adapters=(GREY, SKETCH))


@pytest.mark.parametrize(
    "chosen", [(SKETCH, replace(SKETCH, weight=0.5)), (SKETCH, GREY, EVENING, WeightedAdapter("noir"))]
)
def test_adapters_that_cannot_act_together_are_refused(
    renderer: FluxRenderer, chosen: tuple[WeightedAdapter, ...]
) -> None:
    (refused,) = render(renderer, [replace(ORDER, adapters=chosen)])
    assert isinstance(refused, Refusal)
    assert refused.code in ("bad_adapters", "unknown_adapter")


@pytest.fixture
def transformer() -> Iterator[Any]:
    yield FluxTransformer2DModel.from_pretrained(STARTER_PACK / "renderer/transformer", torch_dtype=torch.float32)
    torch.compiler.reset()


def inputs(transformer: Any, renderer: FluxRenderer) -> dict[str, Any]:
    """What a step gives to a transformer."""
    begun = renderer.begin(ORDER)
    assert not isinstance(begun, Refusal)
    sequence = begun.embeds.sequence
    return {
        "hidden_states": begun.latents, "timestep": torch.ones(1), "pooled_projections": begun.embeds.pooled,
        "encoder_hidden_states": sequence, "txt_ids": torch.zeros(sequence.shape[1], 3),
        "img_ids": renderer._latents.positions(Frame(256, 256)), "return_dict": False,
    }  # fmt: skip


def files(checks: dict[str, int] | None = None) -> dict[str, tuple[Path, Callable[[], None]]]:
    def check(name: str) -> None:
        if checks is not None:
            checks[name] = checks.get(name, 0) + 1

    return {name: (file, partial(check, name)) for name, file in FILES.items()}


def test_a_compiled_transformer_is_not_compiled_again_for_other_adapters(
    transformer: Any, renderer: FluxRenderer
) -> None:
    adapters = Adapters(transformer, files(), NUMBERS, compiled=True)
    given = inputs(transformer, renderer)
    transformer.compile(backend="eager")  # traced and guarded like any other backend's code

    def velocity(*chosen: WeightedAdapter) -> Tensor:
        adapters.put(chosen, [adapters.load(one.name) for one in chosen])
        with torch.inference_mode():
            return transformer(**given)[0].clone()

    plain = velocity()
    with torch.compiler.set_stance("fail_on_recompile"):
        sketch, both = velocity(SKETCH), velocity(EVENING, SKETCH)
        assert torch.equal(velocity(SKETCH), sketch)
        assert torch.equal(velocity(), plain)
    assert not torch.allclose(sketch, plain)
    assert not torch.allclose(both, sketch)


def test_the_longest_unused_adapter_leaves_memory_and_is_checked_when_it_comes_back(transformer: Any) -> None:
    checks: dict[str, int] = {}
    adapters = Adapters(transformer, files(checks), NUMBERS.model_copy(update={"adapters_kept": 2}), compiled=False)
    held = adapters.load("sketch")
    for name in ("evening", "sketch", "studio-grey", "sketch"):
        adapters.load(name)
    assert checks == {"sketch": 1, "evening": 1, "studio-grey": 1}
    adapters.load("evening")
    adapters.load("studio-grey")
    assert checks["evening"] == 2
    assert checks["studio-grey"] == 2, "evening, which came back, had taken its place"
    adapters.put((SKETCH,), [held])  # whoever holds one that has left can still use it


def test_the_bytes_of_kept_adapters_are_bounded(transformer: Any) -> None:
    checks: dict[str, int] = {}
    size = sum(2 * one.nbytes for one in load_file(FILES["sketch"]).values())  # of 16 bits, in 32
    numbers = NUMBERS.model_copy(update={"adapter_bytes": size * 5 // 4})
    adapters = Adapters(transformer, files(checks), numbers, compiled=False)
    for name in ("sketch", "studio-grey", "sketch"):
        adapters.load(name)
    assert checks == {"sketch": 2, "studio-grey": 1}


def settled(folder: Path, tensors: dict[str, Tensor], **settings: Any) -> Path:
    """A copy of an adapter with settings of its own."""
    folder.mkdir()
    given = {f"transformer.{name}": value for name, value in settings.items()}
    save_file(tensors, folder / "lora.safetensors", {SETTINGS: json.dumps(given)})
    return folder / "lora.safetensors"


@pytest.mark.parametrize(
    ("scale", "settings"),
    [
        (2.0, {"r": 8, "lora_alpha": 16}),
        (0.5 * 8**0.5, {"r": 8, "lora_alpha": 4, "use_rslora": True}),
        (1.0, {"r": 8, "lora_alpha": 8, "alpha_pattern": {"no_such_map": 4}}),
        (0.25, {"r": 8, "lora_alpha": 8, "alpha_pattern": {"proj_mlp": 2, "to_q": 2}}),
    ],
)
def test_the_settings_of_a_file_scale_it_as_peft_does(
    transformer: Any, tmp_path: Path, scale: float, settings: dict[str, Any]
) -> None:
    tensors = load_file(FILES["sketch"])
    file = settled(tmp_path / "made", tensors, target_modules=["to_q"], **settings)
    check_adapter(file, PART.adapters["sketch"], "starter", STARTER_PACK / "renderer")
    adapters = Adapters(transformer, {"made": (file, lambda: None)}, NUMBERS, compiled=False)
    module = next(name for name in adapters.load("made").pairs if name.endswith(("to_q", "proj_mlp")))
    _, up = adapters.load("made").pairs[module]
    assert torch.allclose(up, scale * tensors[f"transformer.{module}.lora_B.weight"].float())


def test_a_file_that_was_exchanged_for_one_of_a_higher_rank_is_refused(transformer: Any, tmp_path: Path) -> None:
    file = settled(tmp_path / "made", load_file(FILES["evening"]))
    adapters = Adapters(transformer, {"made": (file, lambda: None)}, NUMBERS, compiled=False)
    file.write_bytes(FILES["sketch"].read_bytes())
    with pytest.raises(PackError, match="another rank"):
        adapters.load("made")
