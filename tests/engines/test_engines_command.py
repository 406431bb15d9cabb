"""`vitrine engines` from a shell's point of view."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from models.engines.cache import EngineCache
from models.engines.workshop import Workshop
from models.errors import VitrineError
from serve_app.cli import app

MODULE = "renderer.text_encoder"


def said(*words: str) -> Result:
    return CliRunner().invoke(app, ["engines", *words])


@pytest.fixture
def own(workshop: Workshop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of one engine."""
    built = workshop.build(MODULE, "onnxruntime").folder
    folder = tmp_path / "engines"
    (folder / built.name).mkdir(parents=True)
    for file in built.iterdir():
        (folder / built.name / file.name).write_bytes(file.read_bytes())
    monkeypatch.setenv("VITRINE_ENGINES", str(folder))
    return folder / built.name


def test_a_built_engine_is_listed_verified_and_not_built_again(own: Path) -> None:
    before = (own / "graph.onnx").stat().st_mtime_ns
    built = json.loads(said("build", "--module", MODULE, "--device", "cpu", "--json").stdout)
    assert (own / "graph.onnx").stat().st_mtime_ns == before
    (listed,) = [json.loads(line) for line in said("list", "--json").stdout.splitlines()]
    assert built == listed
    assert listed["key"]["module"] == MODULE
    assert 0 < listed["measured"]["error"] <= 1e-4
    outcome = said("verify", "--numerics")
    assert outcome.exit_code == 0, outcome.output
    assert "sound, error " in outcome.output


def test_a_changed_file_fails_verification_and_is_swept(own: Path) -> None:
    (own / "graph.onnx").write_bytes(b"something else")
    outcome = said("verify")
    assert outcome.exit_code == 1
    assert "graph.onnx is not the file that was built" in outcome.output
    assert own.name in said("gc", "--dry-run").output
    assert own.is_dir()
    said("gc")
    assert list(EngineCache().entries()) == []


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("build", "--module", "renderer.unet"), "has no module 'renderer.unet'"),
        (("build", "--engine", "openvino"), "'openvino' is none of onnxruntime, tensorrt"),
        (("build", "--adapter", "sketch:much"), "--adapter is like sketch"),
        (("build", "--adapter", "noir"), "holds no adapter 'noir'"),
    ],
)
def test_wrong_words_are_answered_with_what_is_possible(own: Path, words: tuple[str, ...], reason: str) -> None:
    outcome = said(*words)
    assert isinstance(outcome.exception, VitrineError), outcome.output
    assert reason in str(outcome.exception)


def test_an_empty_cache_lists_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VITRINE_ENGINES", str(tmp_path / "none"))
    for verb in ("list", "verify", "gc"):
        outcome = said(verb)
        assert (outcome.exit_code, outcome.output) == (0, ""), outcome.output
