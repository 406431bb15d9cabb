"""Recipes by kind and what they say of themselves."""

import sys
from pathlib import Path
from subprocess import run

import pytest

from models.errors import LicenceError, PackError
from models.recipes import about, recipe_of, scorer_recipe

MANIFEST = """
pack = "p"
version = 3
[thresholds]
type_margin = 1.5
[parts.scorer]
kind = "clip"
path = "scorer"
licence = { spdx = "SPDX" }
"""


def pack(folder: Path, spdx: str = "MIT") -> dict[str, object]:
    (folder / "manifest.toml").write_text(MANIFEST.replace("SPDX", spdx))
    return {"kind": "clip", "pack": str(folder)}


def test_an_unknown_kind_names_the_kinds_there_are() -> None:
    with pytest.raises(PackError, match=r"scorer has no recipe of kind 'clap'; choose one of clip, double"):
        recipe_of("scorer", {"kind": "clap"})


def test_a_misspelt_field_is_refused() -> None:
    with pytest.raises(PackError, match="delay"):
        recipe_of("scorer", {"kind": "double", "delay": 1})


def test_the_licence_is_asked_before_anything_is_loaded(tmp_path: Path) -> None:
    with pytest.raises(LicenceError, match=r"CC-BY-NC-4\.0"):
        scorer_recipe(pack(tmp_path, "CC-BY-NC-4.0"))


def test_the_digest_changes_with_the_pack_but_not_with_place_or_threads(tmp_path: Path) -> None:
    here, there, other = (tmp_path / name for name in ("here", "there", "other"))
    for folder in (here, there, other):
        folder.mkdir()
    digest = about("scorer", pack(here))["digest"]
    assert about("scorer", pack(there) | {"threads": 3})["digest"] == digest
    assert about("scorer", pack(other, "ISC"))["digest"] != digest


def test_a_scorer_tells_the_story_its_thresholds(tmp_path: Path) -> None:
    assert about("scorer", pack(tmp_path))["thresholds"] == {"type_margin": 1.5}


def test_choosing_a_recipe_imports_no_heavy_library() -> None:
    code = "import sys, models.recipes as r; r.recipe_of('scorer', {'kind': 'double'}); print('torch' in sys.modules)"
    assert run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "False"
