"""`vitrine bench` runs what lies in its clone and ends as that ends."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from serve_app.cli import app
from serve_app.commands import bench


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A clone whose graph benchmark says what it was asked, and ends with 7."""
    (tmp_path / "loadtests").mkdir()
    said = "import sys, json\nprint('a table')\nprint(json.dumps(sys.argv[1:]))\nsys.exit(7)\n"
    (tmp_path / "loadtests" / "graph_overhead.py").write_text(said)
    monkeypatch.setattr(bench, "ROOT", tmp_path)
    return tmp_path


@pytest.mark.usefixtures("clone")
def test_options_go_to_the_benchmark_and_its_exit_code_comes_back(capfd: pytest.CaptureFixture[str]) -> None:
    ended = CliRunner().invoke(app, ["bench", "graph", "--articles", "3"])
    assert ended.exit_code == 7
    assert capfd.readouterr().out == 'a table\n["--articles", "3"]\n'


@pytest.mark.usefixtures("clone")
def test_json_gives_the_last_line_only() -> None:
    ended = CliRunner().invoke(app, ["bench", "graph", "--json", "--articles", "3"])
    assert (ended.exit_code, ended.stdout) == (7, '["--articles", "3"]\n')


def test_an_installed_vitrine_without_its_clone_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bench, "ROOT", tmp_path)
    with pytest.raises(SystemExit) as ended:
        app(["bench", "cpu"])
    assert ended.value.code == 2
    assert "from a clone" in capsys.readouterr().err


def test_every_suite_is_a_module_of_this_clone() -> None:
    for suite in bench.Suite:
        place = bench.ROOT / bench.MODULES[suite].replace(".", "/")
        assert (place / "__main__.py").exists() or place.with_suffix(".py").exists(), suite
