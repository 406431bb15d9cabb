"""`vitrine fetch` runs what the doctor says, goes on where it was stopped, and marks a pack that is complete."""

import shlex
from pathlib import Path

import pytest

from serve_app import fetching
from serve_app.doctor import LAPTOP
from serve_app.fetching import BEGUN, MARK, FetchError, fetch

MANIFEST = """
pack = "p"
version = 1
[parts.scorer]
kind = "clip"
path = "scorer"
repository = "timm/vit"
revision = "0123456789012345678901234567890123456789"
licence = { spdx = "MIT" }
dtype = "float16"
bytes = 1_000_000
"""
DOUBLES = ("translator", "extractor", "renderer", "segmenter", "retoucher")


class Hub:
    """Writes weights where a command says; `codes`: exit codes of the first commands."""

    def __init__(self, *codes: int) -> None:
        self.commands: list[str] = []
        self._codes = list(codes)

    def run(self, command: str) -> int:
        self.commands.append(command)
        folder = Path(shlex.split(command)[-1])
        folder.mkdir(exist_ok=True)
        (folder / "open_clip_model.safetensors").write_bytes(b"weights")
        return self._codes.pop(0) if self._codes else 0


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A config whose pack is `tmp_path/pack`, beside this version's manifest."""
    (tmp_path / "manifest.toml").write_text(MANIFEST, "utf-8")
    monkeypatch.setattr(fetching, "MANIFEST", tmp_path / "manifest.toml")
    lines = [f"      - {{name: {role}, user_config: {{kind: double}}}}" for role in DOUBLES]
    lines.append(f"      - {{name: scorer, user_config: {{kind: clip, pack: {tmp_path / 'pack'}}}}}")
    file = tmp_path / "serve.yaml"
    file.write_text("applications:\n  - name: vitrine\n    deployments:\n" + "\n".join(lines), "utf-8")
    return file


def test_what_is_missing_is_fetched_and_the_pack_is_marked(config: Path) -> None:
    hub, said, pack = Hub(), list[str](), config.parent / "pack"
    fetch(config, hub.run, said.append)
    revision = "0123456789012345678901234567890123456789"
    assert hub.commands == [f"hf download timm/vit --revision {revision} --local-dir {pack / 'scorer'}"]
    assert (pack / MARK).exists()
    assert said[-1] == f"{pack} is complete"


def test_what_is_there_is_not_fetched_again(config: Path) -> None:
    fetch(config, Hub().run, lambda _: None)
    second = Hub()
    fetch(config, second.run, lambda _: None)
    assert second.commands == []


def test_a_stopped_fetch_goes_on_though_weights_lie_there(config: Path) -> None:
    """The doctor sees half a checkpoint as one; the commands that had begun tell better."""
    pack = config.parent / "pack"
    with pytest.raises(FetchError, match="exit code 130"):
        fetch(config, Hub(130).run, lambda _: None)
    assert not (pack / MARK).exists()
    second = Hub()
    fetch(config, second.run, lambda _: None)
    assert len(second.commands) == 1
    assert (pack / MARK).exists()
    assert not (pack / BEGUN).exists()


def test_a_command_that_brings_nothing_is_no_success(config: Path) -> None:
    with pytest.raises(FetchError, match="no safetensors"):
        fetch(config, lambda _: 0, lambda _: None)


def test_another_versions_pack_is_left_alone(config: Path) -> None:
    pack = config.parent / "pack"
    pack.mkdir()
    (pack / "manifest.toml").write_text(MANIFEST + "# older\n", "utf-8")
    with pytest.raises(FetchError, match="a folder of its own"):
        fetch(config, Hub().run, lambda _: None)


def test_an_adapter_whose_licence_was_not_accepted_is_left_out(config: Path) -> None:
    denied = '[parts.scorer.adapters.odd]\npath = "odd"\nrepository = "x/odd"\nlicence = { spdx = "LicenseRef-odd" }\n'
    fetching.MANIFEST.write_text(MANIFEST + denied, "utf-8")
    hub = Hub()
    fetch(config, hub.run, lambda _: None)
    assert not any("x/odd" in command for command in hub.commands)


def test_a_remedys_exit_code_is_told() -> None:
    assert fetching.shell("exit 7") == 7


def test_a_config_of_the_starter_pack_has_nothing_to_fetch() -> None:
    with pytest.raises(FetchError, match="names no pack"):
        fetch(LAPTOP, Hub().run)
