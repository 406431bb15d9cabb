"""Engines are loaded from our own folder only, and only as they were built."""

import errno
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from models.engines.cache import LEFT_AFTER_S, NOTE, EngineCache
from models.engines.errors import EngineError
from models.engines.keys import EngineKey
from models.engines.shapes import Profile, Span

KEY = EngineKey("m", "onnxruntime", "1", (Profile({"batch": Span(1, 2, 4)}),), "float32", "cpu", "00", (("ab", 0.5),))


def written(folder: Path) -> dict[str, Any]:
    (folder / "graph.onnx").write_bytes(b"a graph")
    return {"error": 1e-6}


@pytest.fixture
def cache(tmp_path: Path) -> EngineCache:
    cache = EngineCache(tmp_path / "engines")
    cache.keep(KEY, written)
    return cache


def test_what_was_kept_is_found_with_its_key(cache: EngineCache) -> None:
    entry = cache.find(KEY)
    assert entry is not None
    assert entry.key["adapters"] == [["ab", 0.5]]
    assert (entry.folder / "graph.onnx").read_bytes() == b"a graph"


def changed(folder: Path) -> None:
    (folder / "graph.onnx").write_bytes(b"A graph")


def added(folder: Path) -> None:
    (folder / "graph.onnx.data").write_bytes(b"more weights")


def taken(folder: Path) -> None:
    (folder / "graph.onnx").unlink()


def linked(folder: Path) -> None:
    (folder / "graph.onnx").rename(folder.parent / "moved")
    (folder / "graph.onnx").symlink_to(folder.parent / "moved")


def renamed(folder: Path) -> None:
    note = (folder / NOTE).read_text("utf-8")
    (folder / NOTE).write_text(note.replace('"gpu": "cpu"', '"gpu": "NVIDIA L4 sm_89"'), "utf-8")


def outside(folder: Path) -> None:
    (folder.parent / "graph.onnx").write_bytes(b"a graph")
    (folder / "graph.onnx").unlink()
    note = (folder / NOTE).read_text("utf-8")
    (folder / NOTE).write_text(note.replace('"graph.onnx"', '"../graph.onnx"'), "utf-8")


def opened_to_all(folder: Path) -> None:
    folder.chmod(0o777)


@pytest.mark.parametrize("harm", [changed, added, taken, linked, renamed, outside, opened_to_all])
def test_an_engine_is_not_loaded_after_its_folder_was(cache: EngineCache, harm: Callable[[Path], None]) -> None:
    harm(cache.folder / KEY.name)
    with pytest.raises(EngineError):
        cache.find(KEY)


def test_a_folder_that_others_may_write_to_takes_no_engine(tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared").chmod(0o777)
    with pytest.raises(EngineError, match="chmod go-w"):
        EngineCache(tmp_path / "shared").keep(KEY, written)


def test_a_build_that_fails_leaves_nothing(cache: EngineCache) -> None:
    def failing(folder: Path) -> dict[str, Any]:
        written(folder)
        raise EngineError("no memory")

    before = sorted(cache.folder.iterdir())
    with pytest.raises(EngineError, match="no memory"):
        cache.keep(EngineKey("n", *list(vars(KEY).values())[1:]), failing)
    assert sorted(cache.folder.iterdir()) == before


def test_of_two_builds_at_once_the_first_stays(cache: EngineCache) -> None:
    def other(folder: Path) -> dict[str, Any]:
        (folder / "graph.onnx").write_bytes(b"another graph")
        return {"error": 2e-6}

    assert cache.keep(KEY, other).measured == {"error": 1e-6}
    found = cache.find(KEY)
    assert found is not None
    assert (found.folder / "graph.onnx").read_bytes() == b"a graph"


def test_sweeping_takes_what_is_damaged_unused_or_left_and_nothing_else(cache: EngineCache) -> None:
    keys = {name: EngineKey(name, *list(vars(KEY).values())[1:]) for name in ("damaged", "unused")}
    for key in keys.values():
        cache.keep(key, written)
    changed(cache.folder / keys["damaged"].name)
    long_ago = time.time() - 40 * 86400
    os.utime(cache.folder / keys["unused"].name / NOTE, (long_ago, long_ago))
    for name, age in ((".building-old", 2 * LEFT_AFTER_S), (".building-new", 60)):
        (cache.folder / name).mkdir()
        os.utime(cache.folder / name, (time.time() - age,) * 2)
    expected = {keys["damaged"].name, keys["unused"].name, ".building-old"}
    assert {folder.name for folder, _ in cache.sweep(30 * 86400, dry=True)} == expected
    assert {folder.name for folder, _ in cache.sweep(30 * 86400)} == expected
    assert {folder.name for folder in cache.folder.iterdir()} == {KEY.name, ".building-new"}


def test_a_loaded_engine_counts_as_used(cache: EngineCache) -> None:
    os.utime(cache.folder / KEY.name / NOTE, (0, 0))
    cache.find(KEY)
    assert cache.sweep(86400) == []


def test_a_folder_that_may_only_be_read_gives_its_engines(cache: EngineCache, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: Any) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(os, "utime", refused)
    assert cache.find(KEY) is not None
