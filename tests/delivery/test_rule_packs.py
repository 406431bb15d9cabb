"""Rule packs: every marketplace is there and dated, and built files are judged as their faults say."""

import pytest
from cases import CASES, Case, cases

from serve_app.delivery.checks import check
from serve_app.delivery.profile import ProfileError, names, profile
from serve_app.delivery.subject import read


def test_every_marketplace_has_a_dated_pack() -> None:
    packs = [profile(name) for name in names()]
    assert len(packs) >= 9, names()
    assert all(pack.checked_on.year >= 2026 and pack.source_url for pack in packs)


def test_an_unknown_profile_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ProfileError, match=r"'zalanda'.*zalando"):
        profile("zalanda")


def test_a_name_that_leaves_the_folder_is_no_profile() -> None:
    with pytest.raises(ProfileError):
        profile("../profiles/zalando")


def judged(name: str, case: Case) -> set[str]:
    scene = case.scene
    report = check(read(scene.file(), scene.name), profile(name))
    return {ruling.rule for ruling in report.rulings if ruling.state == "fail"}


@pytest.mark.parametrize("name", names())
def test_built_files_are_judged_as_their_faults_say(name: str) -> None:
    built = cases(profile(name))
    wrong = [
        (case.title, case.scene.garment.type, sorted(found), sorted(case.broken))
        for case in built
        if not case.broken <= (found := judged(name, case)) <= case.broken | case.perhaps
    ]
    assert len(built) >= CASES
    assert wrong == [], f"{len(wrong)} of {len(built)}: {wrong}"
