"""What the story learns from the deployments' own words."""

from pathlib import Path
from typing import Any

from models.recipes import about
from serve_app.stories.house import House

MANIFEST = """
pack = "p"
version = 1
[parts.translator]
kind = "marian"
path = "translator"
licence = { spdx = "MIT" }
options = { source_language = "fr" }
[parts.renderer]
kind = "flux"
path = "renderer"
licence = { spdx = "MIT" }
options = { width = 1024, height = 768, draft = 512, finish = 0.4 }
"""


def facts(folder: Path) -> dict[str, Any]:
    (folder / "manifest.toml").write_text(MANIFEST)
    return {
        "translator": about("translator", {"kind": "marian", "pack": str(folder)}),
        "renderer": about("renderer", {"kind": "flux", "pack": str(folder)}),
    }


def test_language_sizes_and_the_strength_of_the_finish_are_the_manifests(tmp_path: Path) -> None:
    house = House.of(facts(tmp_path))
    assert (house.language, house.size, house.draft, house.finish) == ("fr", (1024, 768), 512, 0.4)


def test_a_draft_is_drawn_where_it_saves_something_and_can_be_finished(tmp_path: Path) -> None:
    house = House.of(facts(tmp_path))
    assert house.drafted((1024, 768), pictures=3) == (512, 384)
    assert house.drafted((1024, 768), pictures=1) is None
    assert house.drafted((512, 512), pictures=3) is None


def test_a_pack_that_names_no_draft_has_none() -> None:
    assert House.of({"renderer": about("renderer", {"kind": "flux"})}).drafted((256, 256), 3) is None
