"""The GPU suite runs here as it runs there, with small models; what it measured it does not measure again."""

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from loadtests.gpu_suite import pictures
from loadtests.gpu_suite.__main__ import main
from loadtests.gpu_suite.denoiser import Denoisers, in_8_bits, tflop, transformer
from loadtests.gpu_suite.kept import Kept
from loadtests.gpu_suite.sizes import FULL, TINY
from loadtests.gpu_suite.weights import built
from models.engines.fp8 import RowwiseLinear

CPU = torch.device("cpu")
LIMIT = 10_000.0


def cells(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {f"{part}/{name}": cell for part, found in document.items() if isinstance(found, dict)
            for name, cell in found.items() if isinstance(cell, dict)}  # fmt: skip


def test_a_whole_run_has_every_figure_and_a_second_one_measures_none_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["--tiny", "--out", str(tmp_path)])
    document = json.loads(capsys.readouterr().out.splitlines()[-1])
    found = cells(document)
    assert not {name: cell["error"] for name, cell in found.items() if "error" in cell}
    assert {"ceilings/matmul_fp8", "step_eager/64x2", "step_compiled/64x1", "step_fp8/64x1", "bridge/fp8"} <= set(found)
    assert all(found[f"pictures/{engine}"]["overlapped_s"] > 0 for engine in ("eager", "compiled", "fp8"))
    assert document["of_ceiling"].keys() == {"eager 64x1", "eager 64x2", "compiled 64x1", "fp8 64x1"}
    assert document["sizes"] == "tiny"
    main(["--tiny", "--out", str(tmp_path)])
    assert cells(json.loads(capsys.readouterr().out.splitlines()[-1])) == found
    assert json.loads((tmp_path / "gpu_suite.json").read_text())["bridge"] == document["bridge"]


def test_the_suite_needs_none_of_what_a_bare_gpu_machine_lacks() -> None:
    absent = ("ray", "pydantic", "fastapi", "sqlalchemy", "open_clip", "peft", "serve_app")
    code = f"import sys; sys.modules |= dict.fromkeys({absent!r}); import loadtests.gpu_suite.__main__"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[2])


def test_a_cell_that_fails_leaves_the_others_and_is_tried_again(tmp_path: Path) -> None:
    def broken() -> dict[str, Any]:
        raise RuntimeError("no kernel")

    kept = Kept(tmp_path, time.monotonic() + LIMIT)
    kept.measure("part", "one", broken)
    kept.measure("part", "two", lambda: {"ms": 2.0})
    assert kept.cells("part")["one"]["error"] == "RuntimeError: no kernel"
    assert kept.missing("part", ["one", "two", "three"]) == ["one", "three"]
    kept.measure("part", "one", lambda: {"ms": 1.0})
    kept.measure("part", "two", broken)
    assert {name: cell["ms"] for name, cell in kept.cells("part").items()} == {"one": 1.0, "two": 2.0}


def test_nothing_begins_after_the_time_is_over(tmp_path: Path) -> None:
    kept = Kept(tmp_path, time.monotonic() - 1.0)
    kept.measure("part", "one", lambda: {"ms": 1.0})
    assert kept.cells("part") == {}


def test_no_weight_is_zero_and_a_seed_gives_the_same_ones() -> None:
    first, again = (built(lambda: transformer(TINY.flux), CPU, torch.bfloat16, seed=4) for _ in range(2))
    for (name, weight), (_, same) in zip(first.named_parameters(), again.named_parameters(), strict=True):
        assert weight.dtype == torch.bfloat16
        assert float(weight.float().std()) > 0, name
        assert torch.equal(weight, same), name


def test_the_count_of_operations_is_that_of_the_published_model() -> None:
    # 12 billion weights, two operations each for every one of 4,096 + 256 tokens in half of them, and attention.
    assert tflop(FULL.flux, 1024, 1, 256) == pytest.approx(278 / 4, rel=0.05)


def test_maps_of_the_blocks_are_in_8_bits_and_those_of_norms_and_ends_are_not() -> None:
    module = built(lambda: transformer(TINY.flux), CPU, torch.bfloat16)
    in_8_bits(module)
    kinds = {name: type(map_) for name, map_ in module.named_modules() if isinstance(map_, nn.Linear | RowwiseLinear)}
    assert kinds["transformer_blocks.0.attn.to_q"] is RowwiseLinear
    assert kinds["single_transformer_blocks.1.proj_out"] is RowwiseLinear
    assert {kinds[name] for name in kinds if "norm" in name or name in ("x_embedder", "proj_out")} == {nn.Linear}


def test_a_stage_that_fails_ends_the_overlapped_run(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> torch.Tensor:
        raise RuntimeError("out of memory")

    monkeypatch.setattr(pictures.Studio, "denoise", broken)
    made = Denoisers(TINY, CPU, "native")
    with pytest.raises(RuntimeError, match="out of memory"):
        pictures._both(TINY, made, "eager")
