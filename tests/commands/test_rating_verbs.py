"""evaluate blind, evaluate ratings: from a run to a page, and from raters' files to figures."""

import json
from pathlib import Path

import pytest
from called import Command
from PIL import Image

LISTING = {"name": "Herren-Hemd", "description": "langarm"}


@pytest.fixture
def run(tmp_path: Path) -> Path:
    folder = tmp_path / "run"
    for inner in ("pictures", "records"):
        (folder / inner).mkdir(parents=True)
    for number in range(6):
        name = f"{number:016x}"
        Image.new("RGB", (48, 48), (40 * number, 0, 0)).save(folder / "pictures" / f"{name}.png")
        record = {
            "article_id": name, "image_path": f"pictures/{name}.png", "source": LISTING, "sha256": name * 4,
            "clip_score": 70.0 + number, "score_10": 10.0, "verdict": {"colours": {"state": "pass"}},
        }  # fmt: skip
        (folder / "records" / f"{name}.json").write_text(json.dumps(record), "utf-8")
    return folder


def test_a_run_becomes_a_page_and_answers_become_figures(vitrine: Command, tmp_path: Path, run: Path) -> None:
    out = tmp_path / "page.html"
    said = vitrine("evaluate", "blind", run, "--out", out, "--most", "4", "--language", "de")
    assert (said.code, "4 pictures" in said.out, "Herren-Hemd" in out.read_text("utf-8")) == (0, True, True), said
    key = tmp_path / "page.key.json"
    again = json.loads(vitrine("evaluate", "blind", run, "--out", out, "--most", "4", "--json").out)
    assert again == {"page": str(out), "key": str(key), "pictures": 4}
    hidden = json.loads(key.read_text("utf-8"))
    for rater, mark in (("a", 9), ("b", 10)):
        answers = [{"picture": name, "origin": "photo", "rating": mark} for name in hidden["pictures"]]
        document = {"page": hidden["page"], "rater": rater, "answers": answers}
        (tmp_path / f"{rater}.json").write_text(json.dumps(document), "utf-8")
    told = vitrine("evaluate", "ratings", key, tmp_path / "a.json", tmp_path / "b.json", "--json")
    found = json.loads(told.out)
    assert (found["raters"], found["rating"]["generated"]["mean"]) == (2, 9.5)
    assert found["taken_for_photo"]["generated"] == {"mean": 1.0, "interval": [1.0, 1.0], "of": 4}
    assert vitrine("evaluate", "ratings", key, tmp_path / "a.json").code == 0


def test_what_cannot_become_a_page_is_wrong_use(vitrine: Command, tmp_path: Path, run: Path) -> None:
    assert vitrine("evaluate", "blind", tmp_path, "--out", tmp_path / "page.html").code == 2
    assert "let it end with .html" in vitrine("evaluate", "blind", run, "--out", tmp_path / "page").err
    gone = vitrine("evaluate", "blind", run, "--out", tmp_path / "none" / "page.html")
    assert (gone.code, "choose another --out" in gone.err) == (2, True), gone
    assert vitrine("evaluate", "ratings", tmp_path / "no.json", tmp_path / "a.json").code == 2
