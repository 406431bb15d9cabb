"""An engine's key changes with each of its parts, and with nothing else."""

from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.engines.keys import EngineKey, weights_of
from models.engines.shapes import Profile, Span

SPANS = st.lists(st.integers(1, 4096), min_size=3, max_size=3).map(sorted).map(lambda ends: Span(*ends))
PARTS: dict[str, st.SearchStrategy[Any]] = {
    "module": st.sampled_from(["renderer.transformer", "retoucher.unet", "scorer.texts"]),
    "engine": st.sampled_from(["onnxruntime", "tensorrt"]),
    "version": st.text(max_size=20),
    "profiles": st.lists(
        st.dictionaries(st.sampled_from(["batch", "height", "width"]), SPANS, min_size=1).map(Profile), max_size=3
    ).map(tuple),
    "precision": st.sampled_from(["float32", "float16", "bfloat16"]),
    "gpu": st.sampled_from(["cpu", "NVIDIA H200 sm_90", "NVIDIA L4 sm_89"]),
    "weights": st.text("0123456789abcdef", min_size=64, max_size=64),
    "adapters": st.lists(st.tuples(st.text("0123456789abcdef", min_size=4), st.floats(0, 2)), max_size=3).map(tuple),
}
KEYS = st.builds(EngineKey, **PARTS)


def test_every_part_of_a_key_is_tried() -> None:
    assert set(PARTS) == {field.name for field in fields(EngineKey)}


@pytest.mark.parametrize("part", PARTS)
@given(key=KEYS, data=st.data())
def test_the_key_changes_with(part: str, key: EngineKey, data: st.DataObject) -> None:
    other = data.draw(PARTS[part].filter(lambda value: value != getattr(key, part)))
    changed = replace(key, **{part: other})
    assert changed.digest != key.digest
    assert changed.name != key.name


@given(key=KEYS)
def test_the_same_parts_give_the_same_key(key: EngineKey) -> None:
    turned = tuple(Profile(dict(reversed(profile.spans.items()))) for profile in key.profiles)
    assert replace(key, profiles=turned).name == key.name


def test_weights_are_known_by_their_content(tmp_path: Path) -> None:
    for name, content in (("one", b"1"), ("same", b"1"), ("other", b"2"), ("configured", b"1")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "model.safetensors").write_bytes(content)
        (tmp_path / name / "config.json").write_text('{"layers": 2}' if name == "configured" else "{}", "utf-8")
    one, same, other, configured = (weights_of(tmp_path / name) for name in ("one", "same", "other", "configured"))
    assert one == same
    assert len({one, other, configured}) == 3
    (tmp_path / "one" / "model.safetensors").write_bytes(b"33")
    assert weights_of(tmp_path / "one") != one
