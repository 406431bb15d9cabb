"""Compiled blocks give what the module gives, and a module that does not compile stays as it was."""

from pathlib import Path

import pytest
import torch
from diffusers import FluxTransformer2DModel

from models.engines.errors import EngineError
from models.engines.graph import Graph
from models.engines.graphs.flux import flux_transformer
from models.engines.shapes import Profile, Span
from models.engines.torch_engines import Compiled, Eager

PROFILE = Profile({"batch": Span(1, 2, 2), "image_tokens": Span.only(16), "text_tokens": Span.only(8)})


@pytest.fixture
def graph() -> Graph:
    torch.manual_seed(0)
    transformer = FluxTransformer2DModel(
        in_channels=8, num_layers=1, num_single_layers=0, attention_head_dim=16, num_attention_heads=1,
        joint_attention_dim=8, pooled_projection_dim=8, axes_dims_rope=(4, 6, 6),
    )  # fmt: skip
    return flux_transformer(transformer.eval())


def call(graph: Graph) -> dict[str, torch.Tensor]:
    inputs = graph.example(PROFILE.usual(), seed=1)
    return inputs | {"txt_ids": torch.zeros(8, 3), "img_ids": torch.arange(48.0).reshape(16, 3)}


def test_compiled_blocks_give_what_the_module_gives_and_are_kept_on_disk(
    graph: Graph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TORCHINDUCTOR_CACHE_DIR", raising=False)
    monkeypatch.delenv("TRITON_CACHE_DIR", raising=False)
    with torch.inference_mode():
        truth = Eager(graph)(**call(graph))[0]
        compiled = Compiled(graph, PROFILE, tmp_path)
        assert (compiled(**call(graph))[0] - truth).abs().max() / truth.abs().max() < 1e-4
    assert [type(region).__name__ for region in graph.regions] == ["FluxTransformerBlock"]
    assert any((tmp_path / "inductor").rglob("*.so")), list((tmp_path / "inductor").rglob("*"))[:5]


def test_without_a_compiler_the_module_serves_as_it_was(
    graph: Graph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.which", lambda name: None)
    with pytest.raises(EngineError, match="C\\+\\+ compiler"):
        Compiled(graph, PROFILE, tmp_path)
    assert all(region._compiled_call_impl is None for region in graph.regions)


def test_a_module_that_does_not_compile_is_put_back(
    graph: Graph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_: object, **__: object) -> None:
        raise RuntimeError("Inductor found no rule")

    monkeypatch.setattr(type(graph.body), "forward", failing)
    with pytest.raises(EngineError, match="Inductor found no rule"):
        Compiled(graph, PROFILE, tmp_path)
    assert all(region._compiled_call_impl is None for region in graph.regions)
    assert Eager(graph)(**call(graph))[0].isfinite().all()
