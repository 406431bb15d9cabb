"""Hostile LoRA files, each made here: every one is refused by its code before a library opens it."""

import json
import os
import pickle
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from peft import LoraConfig

from models.adapter_files import check_adapter
from models.checkpoint import STARTER_PACK
from models.errors import PackError
from models.flux.recipe import FluxRecipe
from models.manifest import AdapterEntry, Licence, Manifest, sha256_of
from models.weight_files import WeightsError

SHIPPED = STARTER_PACK / "adapters/sketch/pytorch_lora_weights.safetensors"
BASE = STARTER_PACK / "renderer"
MODULE = "transformer.proj_out"  # of the starter: 192 wide, 96 high
A, B = f"{MODULE}.lora_A.weight", f"{MODULE}.lora_B.weight"
ENTRY = AdapterEntry(path="x", licence=Licence(spdx="Apache-2.0"), base_model="starter")
Tensors = dict[str, Any]


def written(tensors: Tensors, texts: Any = None, head: bytes | None = None, dtype: str | None = None) -> bytes:
    """A safetensors file of these arrays; `head` in the place of its header, `dtype` in the place of all dtypes."""
    kinds = {"float16": "F16", "float32": "F32", "float64": "F64", "int64": "I64", "uint16": "BF16"}
    entries: dict[str, Any] = {} if texts is None else {"__metadata__": texts}
    at = 0
    for name, array in tensors.items():
        kind = dtype or kinds[str(array.dtype)]
        entries[name] = {"dtype": kind, "shape": list(array.shape), "data_offsets": [at, at + array.nbytes]}
        at += array.nbytes
    table = json.dumps(entries).encode() if head is None else head
    return struct.pack("<Q", len(table)) + table + b"".join(array.tobytes() for array in tensors.values())


def pair(rank: int = 4, kind: str = "float16", wide: int = 192, high: int = 96) -> Tensors:
    return {A: np.full((rank, wide), 0.5).astype(kind), B: np.full((high, rank), 0.5).astype(kind)}


def of_a_text_encoder() -> Tensors:
    """That would fit: 96 wide and high in the starter."""
    name = "text_encoder.encoder.layers.0.self_attn.q_proj"
    both = pair(wide=96, high=96)
    return {f"{name}.lora_A.weight": both[A], f"{name}.lora_B.weight": both[B]}


def spoilt(value: float) -> Tensors:
    tensors = pair()
    tensors[B][-1, -1] = value
    return tensors


def quiet_nan_in_bfloat16() -> Tensors:
    tensors = pair(kind="uint16")
    tensors[A][0, 0] = 0x7FC0
    return tensors


def named_twice() -> bytes:
    entry = json.dumps({"dtype": "F16", "shape": [4, 192], "data_offsets": [0, 4 * 192 * 2]})
    return written({A: pair()[A]}, head=f'{{"{A}": {entry}, "{A}": {entry}}}'.encode())


def overlapping() -> bytes:
    both = {"dtype": "F16", "shape": [4, 192], "data_offsets": [0, 1536]}
    return written({A: pair()[A]}, head=json.dumps({A: both, B: both | {"shape": [192, 4]}}).encode())


def importing() -> bytes:
    settings = {"transformer.r": 4, "transformer.megatron_config": {"x": 1}, "transformer.megatron_core": "antigravity"}
    return written(pair(), {"lora_adapter_metadata": json.dumps(settings)})


def settings(**given: Any) -> Callable[[], bytes]:
    text = json.dumps({f"transformer.{name}": value for name, value in given.items()})
    return lambda: written(pair(), {"lora_adapter_metadata": text})


def elsewhere() -> bytes:
    return written({name.replace("proj_out", "proj_in"): array for name, array in pair().items()})


def huge_shape() -> bytes:
    head = {A: {"dtype": "F16", "shape": [2**62, 4], "data_offsets": [0, 1536]}}
    return written({A: pair()[A]}, head=json.dumps(head).encode())


HOSTILE: list[tuple[str, str, Callable[[], bytes]]] = [
    ("nothing at all", "damaged", lambda: b""),
    ("a pickle under another name", "damaged", lambda: pickle.dumps({A: [0.0] * 9})),
    ("a zip of torch.save", "damaged", lambda: b"PK\x03\x04archive/data.pkl" + bytes(64)),
    ("a header of 2**63 bytes", "damaged", lambda: struct.pack("<Q", 2**63) + b"{}"),
    ("a header longer than the file", "damaged", lambda: struct.pack("<Q", 4_000) + b"{}"),
    ("a header that is deeply nested", "damaged", lambda: written({}, head=b"[" * 100_000)),
    ("a header that is a list", "damaged", lambda: written({}, head=b"[1, 2]")),
    ("half a file", "damaged", lambda: written(pair())[:-700]),
    ("something hung behind", "damaged", lambda: written(pair()) + b"#!/bin/sh"),
    ("tensors that overlap", "damaged", overlapping),
    ("a shape of 2**64 numbers", "damaged", huge_shape),
    ("a key that stands twice", "duplicate_key", named_twice),
    ("numbers of 64 bits", "odd_dtype", lambda: written(pair(kind="float64"))),
    ("whole numbers", "odd_dtype", lambda: written(pair(kind="int64"))),
    ("a dtype that nobody knows", "odd_dtype", lambda: written(pair(), dtype="F8_E4M3")),
    ("NaN", "not_finite", lambda: written(spoilt(np.nan))),
    ("infinity", "not_finite", lambda: written(spoilt(-np.inf))),
    ("NaN in bfloat16", "not_finite", lambda: written(quiet_nan_in_bfloat16())),
    ("a key of the autoencoder", "unknown_key", lambda: written({"vae.decoder.lora_A.weight": pair()[A]})),
    ("a key that is a path", "unknown_key", lambda: written({"../../etc/passwd": pair()[A]})),
    ("a whole weight of the base", "unknown_key", lambda: written({f"{MODULE}.weight": pair()[A]})),
    ("a map of a text encoder", "unknown_key", lambda: written(of_a_text_encoder())),
    ("a setting that imports a module", "unknown_setting", importing),
    ("first weights by decomposing the base", "unknown_setting", settings(init_lora_weights="pissa")),
    ("first weights by a number", "unknown_setting", settings(init_lora_weights=1)),
    ("a rank of a thousand million", "unknown_setting", settings(r=10**9)),
    ("a rank that is nothing", "unknown_setting", settings(r=0)),
    ("a rank that is a text", "unknown_setting", settings(r="4")),
    ("a rank of one map beyond the limit", "unknown_setting", settings(r=4, rank_pattern={"proj_out": 129})),
    ("a rank of one map that is true", "unknown_setting", settings(rank_pattern={"proj_out": True})),
    ("a scale without end", "unknown_setting", settings(r=4, lora_alpha=float("inf"))),
    ("a scale that is no number", "unknown_setting", settings(r=4, lora_alpha="8")),
    ("a scale of one map that is a list", "unknown_setting", settings(r=4, alpha_pattern={"proj_out": [8]})),
    ("a pattern that never ends", "unknown_setting", settings(rank_pattern={"(\\w+)+!": 4})),
    ("modules by a pattern that never ends", "unknown_setting", settings(target_modules="(.+)+!")),
    ("one half of a pair", "no_pair", lambda: written({A: pair()[A]})),
    ("no tensors", "no_pair", lambda: written({})),
    ("rank 129", "rank", lambda: written(pair(129))),
    ("rank 0", "rank", lambda: written(pair(0))),
    ("a map of another width", "does_not_fit", lambda: written(pair(wide=3072, high=64))),
    ("a module that is not there", "does_not_fit", elsewhere),
]  # fmt: skip


def refused(file: Path, entry: AdapterEntry = ENTRY, base: str = "starter") -> str:
    with pytest.raises(WeightsError) as error:
        check_adapter(file, entry, base, BASE)
    return error.value.code


@pytest.mark.parametrize(("code", "make"), [case[1:] for case in HOSTILE], ids=[case[0] for case in HOSTILE])
def test_a_hostile_adapter_is_refused_by_its_code(tmp_path: Path, code: str, make: Callable[[], bytes]) -> None:
    file = tmp_path / "lora.safetensors"
    file.write_bytes(make())
    assert refused(file) == code


def test_the_files_differ_from_good_ones_in_one_thing_only(tmp_path: Path) -> None:
    for number, content in enumerate(
        (written(pair()), written(pair(128)), written(pair(kind="float32"), {"by": "me"}))
    ):
        file = tmp_path / f"{number}.safetensors"
        file.write_bytes(content)
        check_adapter(file, ENTRY, "starter", BASE)
    check_adapter(SHIPPED, ENTRY, "starter", BASE)


def test_the_settings_that_peft_writes_by_itself_are_taken(tmp_path: Path) -> None:
    config = LoraConfig(r=8, rank_pattern={"proj_out": 4}, init_lora_weights="gaussian", target_modules=["proj_out"])
    given = config.to_dict() | {"peft_type": "LORA", "target_modules": ["proj_out"]}
    file = tmp_path / "lora.safetensors"
    file.write_bytes(settings(**given)())
    check_adapter(file, ENTRY, "starter", BASE)


def test_another_suffix_another_base_another_content_or_too_many_bytes_are_refused(tmp_path: Path) -> None:
    whole = tmp_path / "lora.safetensors"
    whole.write_bytes(written(pair()))
    renamed = tmp_path / "lora.bin"
    renamed.write_bytes(whole.read_bytes())
    assert refused(renamed) == "not_safetensors"
    assert refused(whole, base="black-forest-labs/FLUX.1-schnell") == "other_base"
    pinned = ENTRY.model_copy(update={"sha256": sha256_of(whole)})
    check_adapter(whole, pinned, "starter", BASE)
    assert refused(SHIPPED, pinned) == "other_content"
    os.truncate(whole, (1 << 30) + 1)  # a sparse file: no disk is used
    assert refused(whole) == "too_large"


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """The starter pack with a hostile file in the place of one of its adapters."""
    for part in STARTER_PACK.iterdir():
        if part.name not in ("adapters", "manifest.toml"):
            (tmp_path / part.name).symlink_to(part)
    manifest = (STARTER_PACK / "manifest.toml").read_text("utf-8")
    (tmp_path / "manifest.toml").write_text(manifest, "utf-8")
    for name, entry in Manifest.read(STARTER_PACK / "manifest.toml").parts["renderer"].adapters.items():
        (tmp_path / entry.path).parent.mkdir(parents=True)
        (tmp_path / entry.path).write_bytes(written(spoilt(np.nan)) if name == "sketch" else written(pair()))
    return tmp_path


def test_a_renderer_does_not_start_with_a_hostile_adapter(pack: Path) -> None:
    with pytest.raises(PackError, match="NaN or infinity"):
        FluxRecipe(pack=pack, device="cpu").load()
