"""Every module becomes a graph that gives what the module gives, at the ends of every shape profile."""

from pathlib import Path

import pytest
import torch
from onnx.reference import ReferenceEvaluator

from models.checkpoint import STARTER_PACK
from models.engines.build import compared, opened
from models.engines.errors import EngineError
from models.engines.export import export
from models.engines.onnx_engine import GRAPH, OnnxEngine
from models.engines.packs import pack_modules
from models.engines.shapes import Profile, Span
from models.engines.workshop import Workshop
from models.starter.recipes.prompt_tokenizers import CLIP_LENGTH

LIMIT = 1e-4  # of the largest output
TRAINED = [
    "renderer.transformer", "renderer.text_encoder", "renderer.text_encoder_2", "scorer.pictures", "scorer.texts",
    "segmenter.vision_encoder", "segmenter.masks",
]  # fmt: skip
DRAWN = ["retoucher.unet", "retoucher.controlnet.pose", "retoucher.vae_decoder", "retoucher.text_encoder"]


@pytest.mark.parametrize("name", TRAINED)
def test_a_trained_module_gives_the_same_through_onnxruntime(workshop: Workshop, name: str) -> None:
    entry = workshop.build(name, "onnxruntime")
    assert 0 < entry.measured["error"] <= LIMIT, entry.measured


@pytest.mark.parametrize("name", DRAWN)
def test_modules_of_stable_diffusion_give_the_same_through_onnxruntime(retouching: Workshop, name: str) -> None:
    entry = retouching.build(name, "onnxruntime")
    assert 0 < entry.measured["error"] <= LIMIT, entry.measured


def test_the_starter_decoder_loses_less_to_rounding_than_where_it_is_served(workshop: Workshop) -> None:
    """It carries constants of 1000, so that float32 itself is further from float64 than the others' limit."""
    entry = workshop.build("renderer.vae_decoder", "onnxruntime")
    assert LIMIT < entry.measured["error"] < 3e-3, entry.measured


def test_the_starter_decoders_graph_is_exact_in_float64(tmp_path: Path) -> None:
    module = pack_modules(STARTER_PACK)["renderer.vae_decoder"]
    graph, profiles = module.make(torch.float32)
    graph.body.double()
    export(graph, profiles[-1], tmp_path / GRAPH)
    inputs = graph.example({"batch": 1, "height": 2, "width": 3})
    (found,) = ReferenceEvaluator(str(tmp_path / GRAPH)).run(None, {"z": inputs["z"].numpy()})
    with torch.no_grad():
        (truth,) = graph.body(**inputs)
    assert (torch.from_numpy(found) - truth).abs().max() / truth.abs().max() < 1e-10


def test_a_graph_of_other_weights_is_not_taken_for_the_modules(retouching: Workshop) -> None:
    entry = retouching.build("retoucher.vae_decoder", "onnxruntime")
    graph, profiles = retouching.modules["retoucher.vae_decoder"].make(torch.float32)
    engine = OnnxEngine(graph, entry.folder, profiles)
    assert compared(graph, engine, profiles) <= LIMIT
    with torch.no_grad():
        next(graph.body.module.decoder.parameters()).mul_(1.01)
    with pytest.raises(Exception, match="is off by"):
        compared(graph, engine, profiles)


def test_the_call_of_the_pipeline_is_the_call_of_the_engine(retouching: Workshop) -> None:
    unet, control = (
        retouching.modules[name].make(torch.float32)[0] for name in ("retoucher.unet", "retoucher.controlnet.pose")
    )
    files = [retouching.build(graph.name, "onnxruntime").folder for graph in (unet, control)]
    wide = [Profile({"batch": Span(1, 1, 4)})]
    exported = [OnnxEngine(graph, file, wide) for graph, file in zip((unet, control), files, strict=True)]
    shared = {"timestep": torch.tensor([999.0, 3.0]), "encoder_hidden_states": torch.randn(2, CLIP_LENGTH, 16)}
    latents, seen = torch.randn(2, 9, 16, 8), torch.rand(2, 3, 64, 32)
    found = []
    for residuals_of, noise_of in ((control.eager, unet.eager), (exported[1], exported[0])):
        with torch.inference_mode():
            *down, middle = residuals_of(
                sample=latents[:, :4], controlnet_cond=seen, conditioning_scale=torch.tensor(0.7), **shared
            )
            extra = {"down_block_additional_residuals": tuple(down), "mid_block_additional_residual": middle}
            found.append(noise_of(sample=latents, **shared, **extra)[0])
    assert (found[0] - found[1]).abs().max() / found[0].abs().max() <= LIMIT


def test_a_unet_with_control_takes_a_call_without_and_one_level_for_all_rows(retouching: Workshop) -> None:
    unet, profiles = retouching.modules["retoucher.unet"].make(torch.float32)
    exported = OnnxEngine(unet, retouching.build("retoucher.unet", "onnxruntime").folder, profiles)
    call = {"sample": torch.randn(2, 9, 8, 16), "encoder_hidden_states": torch.randn(2, CLIP_LENGTH, 16)}
    call["timestep"] = torch.tensor(999)  # as schedulers give it
    with torch.inference_mode():
        (truth,), (found,) = unet.eager(**call), exported(**call)
        assert (found - truth).abs().max() / truth.abs().max() <= LIMIT
        with pytest.raises(EngineError, match="multiples of 2 cells a side, not 9 x 16"):
            exported(**call | {"sample": torch.randn(2, 9, 9, 16)})
        with pytest.raises(EngineError, match=r"no profile for \{'batch': 9,"):
            exported(
                **call | {"sample": torch.randn(9, 9, 8, 16), "encoder_hidden_states": torch.randn(9, CLIP_LENGTH, 16)}
            )


def test_a_call_that_the_graph_does_not_know_is_refused(retouching: Workshop) -> None:
    entry = retouching.build("retoucher.vae_decoder", "onnxruntime")
    graph, profiles = retouching.modules["retoucher.vae_decoder"].make(torch.float32)
    engine = OnnxEngine(graph, entry.folder, profiles)
    with pytest.raises(Exception, match="takes \\['z'\\]"):
        engine(latents=torch.zeros(1, 4, 8, 8))
    with pytest.raises(Exception, match="takes z as"):
        engine(z=torch.zeros(1, 5, 8, 8))


def test_opened_says_which_file_is_none(retouching: Workshop, tmp_path: Path) -> None:
    graph, _ = retouching.modules["retoucher.vae_decoder"].make(torch.float32)
    (tmp_path / GRAPH).write_bytes(b"no graph")
    _, key = retouching.opened("retoucher.vae_decoder")
    with pytest.raises(Exception, match="onnxruntime does not open"):
        opened(graph, key, tmp_path)
