"""Bombs and broken files, each made here: a typed error within 5 seconds, and this process does not grow."""

import resource
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hostile_sheets import BOMBS, tall_parquet

from serve_app.sheets import COLUMNS, SheetError, find, read

SECONDS = 5.0
GROWTH_KB = 300 * 1024


@pytest.mark.parametrize(("name", "make", "codes"), BOMBS, ids=[name for name, _, _ in BOMBS])
def test_a_hostile_sheet_is_a_typed_error_within_five_seconds(
    tmp_path: Path, name: str, make: Callable[[Path], None], codes: set[str]
) -> None:
    make(tmp_path / name)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.perf_counter()
    with pytest.raises(SheetError) as refused:
        for _ in read(find([tmp_path / name])[0]):
            pass
    seconds = time.perf_counter() - started
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert refused.value.code in codes, f"{refused.value.code}: {refused.value}"
    assert seconds < SECONDS, f"{name}: {seconds:.1f} s"
    assert grown < GROWTH_KB, f"{name}: this process grew by {grown >> 10} MB"


def test_a_text_repeated_a_thousand_times_by_a_small_file_is_cut(tmp_path: Path) -> None:
    tall_parquet(tmp_path / "tall.parquet")
    lengths = {len(str(value)) for row in read(find([tmp_path / "tall.parquet"])[0]) for value in row.values}
    assert lengths == {32_767}


def test_a_cell_longer_than_a_cell_can_be_is_cut(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(",".join(COLUMNS) + "\n" + "x" * (20 << 20) + ",b,c,d\n")
    (row,) = read(find([tmp_path / "a.csv"])[0])
    assert [len(str(value)) for value in row.values] == [32_767, 1, 1, 1]


def test_deeply_nested_json_is_a_broken_row(tmp_path: Path) -> None:
    good = '{"name": "a", "description": "b", "model_name": "c", "model_descr": "d"}'
    (tmp_path / "a.jsonl").write_text(good + "\n" + "[" * 200_000 + "\n")
    first, second = read(find([tmp_path / "a.jsonl"])[0])
    assert first.fault is None
    assert "not valid JSON" in str(second.fault)
