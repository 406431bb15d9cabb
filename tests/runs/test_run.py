"""A run over a service: duplicates once, every row accounted for, nothing done twice, nothing lost."""

import asyncio
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from calling import HEADER, write_sheet
from local_service import Service

from serve_app.client import UnreachableError
from serve_app.runs.options import RunOptions, WrongUseError
from serve_app.runs.results import finish
from serve_app.runs.run import perform, prepare
from serve_app.runs.tally import Tally
from serve_app.sheets import Columns

TALLIES: list[Tally] = []


def run(sheets: list[Path], out: Path, url: str, **options: Any) -> dict[str, Any]:
    with prepare(sheets, out, RunOptions(**options)) as work:
        if work.pending:
            asyncio.run(perform(work, url, TALLIES.append))
        return finish(work)


def records(out: Path) -> dict[str, dict[str, Any]]:
    found = [json.loads(path.read_text("utf-8")) for path in sorted((out / "records").iterdir())]
    return {record["source"]["name"] + record["article_id"][16:]: record for record in found}


def test_a_duplicate_is_asked_for_once_and_mapped_to_all_its_rows(
    sheet: Path, service: Service, tmp_path: Path
) -> None:
    numbers = run([sheet], tmp_path / "out", service.url)
    assert service.asked == {"Hemd": 1, "Bluse": 1, "Rock?": 1, "Hose": 1}
    assert records(tmp_path / "out")["Hemd"]["source_rows"] == [
        {"file": "sheet.csv", "row": 1},
        {"file": "sheet.csv", "row": 4},
    ]
    counts = ("articles", "unique_articles", "succeeded", "needs_answer", "rejected", "failed", "pictures")
    assert [numbers[name] for name in counts] == [5, 4, 3, 1, 0, 0, 3]


def test_every_picture_lies_under_its_article_id_and_has_the_hash_of_its_record(
    sheet: Path, service: Service, tmp_path: Path
) -> None:
    run([sheet], tmp_path / "out", service.url)
    made = [record for record in records(tmp_path / "out").values() if record["status"] == "succeeded"]
    assert len(made) == 3
    for record in made:
        assert record["image_path"] == f"pictures/{record['article_id']}.png"
        content = (tmp_path / "out" / record["image_path"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == record["sha256"]


def test_bad_rows_are_in_the_records_and_stop_nothing(service: Service, tmp_path: Path) -> None:
    service.broken = {"Kaputt"}
    lines = [",".join(HEADER), "Hemd,Text,,", "a,b,c,d,e,f", "Leer,,,", "Kaputt,Text,,", "Hose,Text,,"]
    (tmp_path / "sheet.csv").write_text("\n".join(lines), "utf-8")
    numbers = run([tmp_path / "sheet.csv"], tmp_path / "out", service.url)
    found = records(tmp_path / "out")
    assert {name: record["status"] for name, record in found.items()} == {
        "Hemd": "succeeded", "a": "rejected", "Leer": "rejected", "Kaputt": "failed", "Hose": "succeeded",
    }  # fmt: skip
    assert (found["a"]["rejection"]["code"], found["Leer"]["rejection"]["code"]) == ("broken_row", "empty")
    assert found["Kaputt"]["failure"] == {"code": "internal", "reason": "the renderer failed"}
    assert numbers["reasons"] == {"broken_row": 1, "empty": 1, "internal": 1}


def test_a_finished_run_asks_for_nothing_more(sheet: Path, service: Service, tmp_path: Path) -> None:
    first = run([sheet], tmp_path / "out", service.url)
    again = run([sheet], tmp_path / "out", "http://127.0.0.1:9")
    assert again == first
    assert set(service.asked.values()) == {1}


def test_what_failed_is_tried_again_and_what_is_done_is_not(sheet: Path, service: Service, tmp_path: Path) -> None:
    service.broken = {"Bluse"}
    assert run([sheet], tmp_path / "out", service.url)["failed"] == 1
    service.broken = set()
    assert run([sheet], tmp_path / "out", service.url)["failed"] == 0
    assert service.asked == {"Hemd": 1, "Bluse": 2, "Rock?": 1, "Hose": 1}


def test_a_lost_picture_is_fetched_again(sheet: Path, service: Service, tmp_path: Path) -> None:
    run([sheet], tmp_path / "out", service.url)
    lost = tmp_path / "out" / records(tmp_path / "out")["Hose"]["image_path"]
    lost.unlink()
    run([sheet], tmp_path / "out", service.url)
    assert lost.exists()
    assert service.asked == {"Hemd": 1, "Bluse": 1, "Rock?": 1, "Hose": 2}


def test_an_edited_sheet_costs_only_its_new_articles(service: Service, tmp_path: Path) -> None:
    sheet = write_sheet(tmp_path / "sheet.csv", ["Hemd", "Hose"])
    run([sheet], tmp_path / "out", service.url)
    write_sheet(sheet, ["Hose", "Rock", "Hose"])
    numbers = run([sheet], tmp_path / "out", service.url)
    found = records(tmp_path / "out")
    assert sorted(found) == ["Hose", "Rock"]
    assert [row["row"] for row in found["Hose"]["source_rows"]] == [1, 3]
    assert len(list((tmp_path / "out" / "pictures").iterdir())) == numbers["pictures"] == 2
    assert service.asked == {"Hemd": 1, "Hose": 1, "Rock": 1}


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"seed": 7}, "seed was 0, now 7"),
        ({"policy": "neutral", "candidates": 3}, "candidates was 2, now 3; policy was ask, now neutral"),
        ({"limit": 1}, "limit was 2, now 1"),
        ({"columns": Columns(name="Titel", description="").titles()}, None),
    ],
)
def test_a_folder_refuses_a_run_with_other_options(
    sheet: Path, service: Service, tmp_path: Path, changed: dict[str, Any], says: str | None
) -> None:
    run([sheet], tmp_path / "out", service.url, limit=2)
    if says is None:
        sheet.write_text("Titel,model_name,model_descr\nHemd,,\n", "utf-8")
        says = "columns was name, description, model_name, model_descr, now Titel, , model_name, model_descr"
    with pytest.raises(WrongUseError, match=says):
        run([sheet], tmp_path / "out", service.url, **{"limit": 2, **changed})


def test_another_sheet_in_the_same_folder_is_refused(sheet: Path, service: Service, tmp_path: Path) -> None:
    run([sheet], tmp_path / "out", service.url)
    other = write_sheet(tmp_path / "other.csv", ["Mantel"])
    with pytest.raises(WrongUseError, match=r"sheets was sheet\.csv, now other\.csv"):
        run([other], tmp_path / "out", service.url)


def test_a_limit_may_grow(sheet: Path, service: Service, tmp_path: Path) -> None:
    assert run([sheet], tmp_path / "out", service.url, limit=1)["articles"] == 1
    assert run([sheet], tmp_path / "out", service.url)["articles"] == 5
    assert set(service.asked.values()) == {1}


def test_colourways_are_several_records_of_one_article(service: Service, tmp_path: Path) -> None:
    sheet = write_sheet(tmp_path / "sheet.csv", ["Hemd"])
    numbers = run([sheet], tmp_path / "out", service.url, policy="colourways=3")
    assert sorted(records(tmp_path / "out")) == ["Hemd", "Hemd-ecru", "Hemd-navy"]
    assert (numbers["unique_articles"], numbers["succeeded"], numbers["pictures"]) == (1, 1, 3)


def test_options_that_the_service_refuses_end_the_run(sheet: Path, service: Service, tmp_path: Path) -> None:
    with pytest.raises(WrongUseError, match="too many"):
        run([sheet], tmp_path / "out", service.url, candidates=8)


def test_an_adapter_that_the_service_lacks_is_refused_before_any_article(
    sheet: Path, service: Service, tmp_path: Path
) -> None:
    with pytest.raises(WrongUseError, match="no adapter 'oil'; the service has sketch"):
        run([sheet], tmp_path / "out", service.url, adapter="oil")
    assert not service.asked


def test_a_service_that_is_gone_leaves_what_is_done(
    sheet: Path, service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("serve_app.client.retries.FIRST_PAUSE_S", 0.001)
    run([sheet], tmp_path / "out", service.url, limit=1)
    with pytest.raises(UnreachableError, match=r"no answer from http://127\.0\.0\.1:9"):
        run([sheet], tmp_path / "out", "http://127.0.0.1:9")
    assert run([sheet], tmp_path / "out", service.url)["succeeded"] == 3
    assert set(service.asked.values()) == {1}


def test_at_most_four_articles_are_asked_for_at_a_time(service: Service, tmp_path: Path) -> None:
    service.pause = 0.05
    sheet = write_sheet(tmp_path / "sheet.csv", [f"Hemd {number}" for number in range(12)])
    run([sheet], tmp_path / "out", service.url)
    assert service.most_at_once == 4


def test_a_second_run_in_the_same_folder_is_refused_while_the_first_works(sheet: Path, tmp_path: Path) -> None:
    with (
        prepare([sheet], tmp_path / "out", RunOptions()),
        pytest.raises(WrongUseError, match="another run works in"),
        prepare([sheet], tmp_path / "out", RunOptions()),
    ):
        pass


def test_a_sheet_without_rows_is_wrong_use(tmp_path: Path) -> None:
    sheet = write_sheet(tmp_path / "sheet.csv", [])
    with pytest.raises(WrongUseError, match="no rows below the header"), prepare([sheet], tmp_path / "o", RunOptions()):
        pass
