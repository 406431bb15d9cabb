"""Linear maps in 8 bits: how far they are from the truth, and which stay as they are."""

import pytest
import torch
from diffusers import FluxTransformer2DModel
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

from models.engines.errors import EngineError
from models.engines.fp8 import (
    LARGEST,
    LAYER_LIMIT,
    MODULE_LIMIT,
    STEP,
    RowwiseLinear,
    quantised,
    relative,
    require_hopper,
    rounded,
)

SMALLEST = 2.0**-10  # half of the format's smallest number


def matrix(rows: int, columns: int, seed: int, scale: float = 1.0) -> Tensor:
    return scale * torch.randn(rows, columns, generator=torch.Generator().manual_seed(seed))


@given(seed=st.integers(0, 2**32), scale=st.floats(-30, 30).map(lambda power: 10.0**power))
def test_no_number_is_rounded_by_more_than_a_sixteenth(seed: int, scale: float) -> None:
    values = matrix(8, 64, seed, scale)
    bits, row = rounded(values)
    error = (bits.float() * row - values).abs()
    assert (error <= STEP * values.abs() * 1.001 + SMALLEST * row).all()
    assert (bits.float().abs().amax(-1) == LARGEST).all()


def test_a_row_of_zeros_stays_one() -> None:
    bits, row = rounded(torch.zeros(2, 16))
    assert not bits.float().any()
    assert row.isfinite().all()


def test_one_row_does_not_take_anothers_scale() -> None:
    values = torch.cat([matrix(1, 64, 0), matrix(1, 64, 1, 1e4)])
    bits, row = rounded(values)
    assert relative(bits[0].float() * row[0], values[0]) < 0.04


def test_a_map_in_8_bits_is_near_the_one_in_16() -> None:
    linear = nn.Linear(256, 128).to(torch.bfloat16)
    given_rows = matrix(64, 256, 2).to(torch.bfloat16).reshape(4, 16, 256)
    with torch.no_grad():
        out, truth = RowwiseLinear(linear)(given_rows), linear(given_rows)
    assert out.shape == (4, 16, 128)
    assert out.dtype == torch.bfloat16
    assert 0.005 < relative(out, truth) < LAYER_LIMIT


class Blocks(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(3)
        self.x_embedder = nn.Linear(64, 64)
        self.good, self.bad, self.odd = nn.Linear(64, 64), nn.Linear(64, 64), nn.Linear(64, 40)
        self.norm_out = nn.ModuleDict({"linear": nn.Linear(40, 40)})

    def forward(self, rows: Tensor) -> Tensor:
        middle = self.good(self.x_embedder(rows))
        found: Tensor = self.norm_out["linear"](self.odd(middle + self.bad(middle)))
        return found


def test_the_gate_refuses_the_map_that_does_not_bear_it_and_keeps_the_others() -> None:
    module, rows = Blocks(), matrix(32, 64, 4)
    with torch.no_grad():
        # Two columns that nearly cancel: what is left of them is smaller than their rounding.
        module.bad.weight.normal_(std=1e-4)
        module.bad.weight[:, 0] = 1.0
        module.bad.weight[:, 1] = -0.97
        module.good.weight[1], module.good.bias[1] = module.good.weight[0], module.good.bias[0]
        made, report = quantised(module, lambda one: one(rows))
    assert set(report.maps) == {"good"}
    assert "would be off by" in report.refused["bad"]
    assert "no multiple of 16" in report.refused["odd"]
    assert {"x_embedder", "norm_out.linear"} <= set(report.refused)
    assert isinstance(made.get_submodule("good"), RowwiseLinear)
    assert isinstance(made.get_submodule("bad"), nn.Linear)
    assert 0 < report.whole < MODULE_LIMIT


def test_a_module_that_comes_out_too_far_off_is_refused() -> None:
    module = nn.Sequential(*[nn.Linear(64, 64) for _ in range(4)])
    rows = matrix(32, 64, 5)

    def steep(one: nn.Module) -> Tensor:
        out: Tensor = torch.tanh(1e6 * one(rows))  # the sign of each number
        return out

    with torch.no_grad(), pytest.raises(EngineError, match="leave fp8 off"):
        quantised(module, steep)


def test_a_transformers_twin_is_near_it_and_leaves_it_alone() -> None:
    torch.manual_seed(6)
    transformer = FluxTransformer2DModel(
        in_channels=32, num_layers=1, num_single_layers=2, attention_head_dim=32, num_attention_heads=2,
        joint_attention_dim=32, pooled_projection_dim=32, axes_dims_rope=(8, 12, 12),
    ).eval()  # fmt: skip
    call = {
        "hidden_states": torch.randn(2, 16, 32), "encoder_hidden_states": torch.randn(2, 8, 32),
        "pooled_projections": torch.randn(2, 32), "timestep": torch.tensor([1.0, 0.25]),
        "txt_ids": torch.zeros(8, 3), "img_ids": torch.rand(16, 3),
    }  # fmt: skip
    with torch.no_grad():
        before = transformer(**call, return_dict=False)[0]
        made, report = quantised(transformer, lambda one: one(**call, return_dict=False)[0])
        assert torch.equal(before, transformer(**call, return_dict=False)[0])
        assert relative(made(**call, return_dict=False)[0], before) == report.whole
    assert 0 < report.whole < MODULE_LIMIT
    kept = {name for name, one in made.named_modules() if isinstance(one, RowwiseLinear)}
    assert kept == set(report.maps)
    assert {"transformer_blocks.0.attn.to_q", "single_transformer_blocks.1.proj_out"} <= kept
    assert {"x_embedder", "proj_out", "norm_out.linear", "transformer_blocks.0.norm1.linear"} <= set(report.refused)
    assert made.get_submodule("proj_out").weight is transformer.proj_out.weight


def test_without_a_hopper_gpu_fp8_is_refused() -> None:
    with pytest.raises(EngineError, match="Hopper"):
        require_hopper(torch.device("cpu"))
