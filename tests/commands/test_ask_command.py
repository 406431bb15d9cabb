"""`vitrine ask`: scores and questions of a sheet or one article, worst first, without a model or a service."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from called import ROOT, Command

EXAMPLES = ROOT / "examples" / "articles.csv"
CPU_S = 2.0  # with the imports and the process that reads the sheet; .9 measured on two shared cores


def test_a_sheet_is_listed_worst_first_with_its_questions_and_its_mean(vitrine: Command) -> None:
    said = vitrine("ask", EXAMPLES)
    assert said.code == 0, said
    scores = [float(line[:5]) for line in said.out.splitlines() if re.match(r"[01]\.\d{3} articles.csv row", line)]
    assert len(scores) == 23
    assert scores == sorted(scores)
    assert "articles.csv row 23" in said.out, "the broken row is named"
    assert f"mean {sum(scores) / len(scores):.3f} of 23 rows" in said.out
    assert "lexicon and shorthand alone" in said.out
    assert re.search(r"Welche Grundfarbe hat der Artikel\? \(colours, \d\.\d\d bits: weiß \d+%", said.out)


def test_the_same_as_json_has_bits_shares_and_names(vitrine: Command) -> None:
    said = json.loads(vitrine("ask", EXAMPLES, "--json").out)
    assert len(said["rows"]) == 23
    assert said["mean"] == pytest.approx(sum(row["score"] for row in said["rows"]) / 23, abs=1e-3)
    assert [(row["row"], row["fault"].partition(":")[0]) for row in said["unusable"]] == [(23, "empty")]
    asked = [row["question"] for row in said["rows"] if row["question"]]
    assert all(question["removes"] >= 0.5 for question in asked)
    assert all(len(one["names"]) == 2 for question in asked for one in question["suggested"])


def test_one_article_is_asked_about_by_its_columns(vitrine: Command) -> None:
    said = vitrine("ask", "--name", "Herren-T-Shirt", "--model-descr", "r-neck,black,print")
    assert said.code == 0, said
    assert "Was zeigt der Druck?" in said.out, said.out


def test_a_french_listing_is_read_by_its_lexicon(vitrine: Command) -> None:
    said = json.loads(vitrine("ask", "--name", "Chemise homme bleu", "--language", "fr", "--json").out)
    assert "colours" not in [one["attribute"] for one in said["rows"][0]["open"]], said


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "give a sheet, or one article"),
        ((EXAMPLES, "--name", "Hemd"), "give a sheet, or one article"),
        (("no_such.csv",), "there is no file or folder 'no_such.csv'"),
        (("--name", "Hemd", "--language", "../de"), "no lexicon of the language '../de'; there are: de, es, fr"),
    ],
)
def test_wrong_use_is_code_2_with_what_to_do(vitrine: Command, arguments: tuple[str | Path, ...], told: str) -> None:
    said = vitrine("ask", *arguments)
    assert (said.code, told in said.err) == (2, True), said


def test_text_of_a_listing_does_not_steer_the_terminal(vitrine: Command) -> None:
    said = vitrine("ask", "--name", "Herren-Hemd \x1b[31mrot")
    assert "\x1b" not in said.out


def test_it_loads_no_model_and_takes_a_second_of_one_core() -> None:
    script = (
        "import resource, sys\nfrom serve_app.cli import app\n"
        f"try:\n    app(['ask', {str(EXAMPLES)!r}])\nexcept SystemExit:\n    pass\n"
        "used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]\n"
        "print('USED', sum(u.ru_utime + u.ru_stime for u in used), {'torch', 'ray', 'httpx'} & set(sys.modules))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True,
        cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    _, seconds, loaded = done.stdout.splitlines()[-1].split(" ", 2)
    assert loaded == "set()"
    assert float(seconds) < CPU_S
