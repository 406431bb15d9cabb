"""The code of the client's README runs as it stands."""

import re
import shutil
import sys
from pathlib import Path

import pytest
from over_http import over_http

import serve_app.client

ROOT = Path(__file__).parents[2]
BLOCKS = re.findall(r"```python\n(.*?)```", (ROOT / "serve_app" / "client" / "README.md").read_text("utf-8"), re.DOTALL)


def test_the_readme_has_code_for_both_clients() -> None:
    assert {"AsyncVitrine" in block for block in BLOCKS} == {True, False}


def test_the_code_of_the_readme_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "vitrine_client", serve_app.client)
    monkeypatch.chdir(tmp_path)
    shutil.copy(ROOT / "examples" / "articles.csv", "sheet.csv")
    with over_http(tmp_path / "service") as url:
        monkeypatch.setenv("VITRINE_URL", url)
        monkeypatch.delenv("VITRINE_API_KEY", raising=False)
        names: dict[str, object] = {"__name__": "readme"}
        for block in BLOCKS:
            exec(block, names)
    assert isinstance(names["picture"], bytes)
    assert Path("result.xlsx").read_bytes().startswith(b"PK")
    assert capsys.readouterr().out.splitlines()[-1].strip() == "succeeded"
