"""The doctor finds what is missing, refused, unpinned or too large, and says what to type."""

from pathlib import Path

import pytest

from serve_app import doctor
from serve_app.doctor import Check, Diagnosis, examine
from serve_app.embedded import EmbeddedError, running

CONFIG = """
applications:
  - name: vitrine
    import_path: serve_app.graph:build
    deployments:
"""
MANIFEST = """
pack = "p"
version = 1
[parts.scorer]
kind = "clip"
path = "scorer"
repository = "timm/vit"
revision = "unpinned"
licence = { spdx = "SPDX" }
dtype = "float16"
bytes = 1_000_000_000
"""
DOUBLES = ("translator", "extractor", "renderer", "segmenter", "retoucher")


def examined(folder: Path, spdx: str = "MIT", weights: bool = False, **options: bool) -> Diagnosis:
    (folder / "manifest.toml").write_text(MANIFEST.replace("SPDX", spdx))
    if weights:
        (folder / "scorer").mkdir()
        (folder / "scorer" / "open_clip_model.safetensors").write_bytes(b"weights")
    lines = [f"      - {{name: {role}, user_config: {{kind: double}}}}" for role in DOUBLES]
    lines.append(f"      - {{name: scorer, user_config: {{kind: clip, pack: {folder}}}}}")
    config = folder / "serve.yaml"
    config.write_text(CONFIG + "\n".join(lines))
    return examine(config, **options)


def named(diagnosis: Diagnosis, name: str) -> list[Check]:
    return [check for check in diagnosis.checks if check.name == name]


def test_a_missing_checkpoint_names_the_command_that_fetches_it(tmp_path: Path) -> None:
    diagnosis = examined(tmp_path)
    missing = named(diagnosis, "scorer")[0]
    assert missing.state == "missing"
    assert missing.remedy == f"hf download timm/vit --local-dir {tmp_path / 'scorer'}"
    assert not diagnosis.ready


def test_an_unpinned_revision_is_a_warning(tmp_path: Path) -> None:
    diagnosis = examined(tmp_path, weights=True)
    assert [check.state for check in named(diagnosis, "scorer")] == ["ok", "warning"]
    assert diagnosis.ready


def test_a_service_without_an_optional_model_lacks_nothing(tmp_path: Path) -> None:
    diagnosis = examined(tmp_path, weights=True)
    assert named(diagnosis, "upscaler") == []
    assert diagnosis.ready


def test_an_optional_model_that_is_configured_is_looked_at(tmp_path: Path) -> None:
    examined(tmp_path, weights=True)
    config = tmp_path / "serve.yaml"
    config.write_text(
        config.read_text() + f"\n      - {{name: upscaler, user_config: {{kind: swin2sr, pack: {tmp_path}}}}}"
    )
    assert [(check.state, check.says) for check in named(examine(config), "upscaler")] == [
        ("missing", "pack 'p' has no upscaler")
    ]


def test_a_refused_licence_keeps_the_service_from_being_ready(tmp_path: Path) -> None:
    diagnosis = examined(tmp_path, spdx="CC-BY-NC-4.0", weights=True)
    assert "refused" in [check.state for check in named(diagnosis, "scorer")]
    assert not diagnosis.ready


def test_verifying_finds_a_changed_file(tmp_path: Path) -> None:
    examined(tmp_path, weights=True)
    manifest = (tmp_path / "manifest.toml").read_text()
    (tmp_path / "manifest.toml").write_text(manifest + f'sha256 = {{ "open_clip_model.safetensors" = "{"0" * 64}" }}\n')
    states = [named(examine(tmp_path / "serve.yaml", verify), "scorer")[0].state for verify in (False, True)]
    assert states == ["ok", "missing"]


def test_the_memory_plan_counts_float32_on_a_cpu(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "memory", lambda: 1e9)
    diagnosis = examined(tmp_path, weights=True)
    (need,) = diagnosis.needs
    assert (need.role, need.place) == ("scorer", "cpu")
    assert 2e9 < need.bytes < 4e9
    (plan,) = named(diagnosis, "cpu memory")
    assert plan.state == "warning"
    assert "laptop.yaml" in plan.remedy


def test_the_service_does_not_start_without_a_checkpoint(tmp_path: Path) -> None:
    with pytest.raises(EmbeddedError, match="hf download timm/vit"), running(started(tmp_path), port=0, home=tmp_path):
        pytest.fail("it started")


def started(folder: Path) -> Path:
    """A config whose scorer has no weights, whole enough for Serve."""
    examined(folder)
    config = folder / "serve.yaml"
    config.write_text(config.read_text() + "\n      - {name: ingress}\n      - {name: conductor}\n")
    return config
