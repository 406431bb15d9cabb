"""`vitrine run --profile`: each picture once more as the marketplace's file, in the folder and in the statistics."""

import asyncio
import hashlib
import json
from pathlib import Path

import pytest
from over_http import over_http

from serve_app.runs.options import RunOptions, WrongUseError
from serve_app.runs.results import finish
from serve_app.runs.run import perform, prepare

SHEET = "name,description,model_name,model_descr\nHerren-Hemd,Freizeithemd langarm,,rot kariert\n"


def test_a_run_delivers_the_files_of_its_marketplace(tmp_path: Path) -> None:
    sheet, out = tmp_path / "sheet.csv", tmp_path / "out"
    sheet.write_text(SHEET, "utf-8")
    options = RunOptions.checked(profile="zalando", candidates=1, size=256)
    with over_http(tmp_path / "service") as url, prepare([sheet], out, options) as work:
        asyncio.run(perform(work, url, lambda _: None))
        numbers = finish(work)
    (record,) = (json.loads(path.read_text("utf-8")) for path in (out / "records").iterdir())
    delivery = record["delivery"]
    file = out / delivery["path"]
    assert file == out / "delivered" / f"{record['article_id']}.jpg"
    assert hashlib.sha256(file.read_bytes()).hexdigest() == delivery["sha256"]
    assert numbers["delivery"]["profile"] == "zalando"
    assert (numbers["delivery"]["files"], numbers["delivery"]["pass"]) == (1, int(delivery["passes"]))


def test_a_run_for_an_unknown_marketplace_is_wrong_use() -> None:
    with pytest.raises(WrongUseError, match=r"--profile.*zalando"):
        RunOptions.checked(profile="zalanda")
