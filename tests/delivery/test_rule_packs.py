"""Rule packs: every marketplace is there and dated, and built files are judged as their faults say."""

from dataclasses import replace

import numpy as np
import pytest
from cases import CASES, Case, cases
from scenes import GARMENTS, Scene

from serve_app.delivery.checks import check
from serve_app.delivery.profile import ProfileError, Rules, names, profile
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


# Told by no built file: too many pixels by `test_too_many_pixels_fail`, and what a file can only lack by its own test.
ELSEWHERE = {"megapixels", "digital_source_type"}


@pytest.mark.parametrize("name", names())
def test_every_rule_has_good_and_bad_cases(name: str) -> None:
    pack = profile(name)
    built = cases(pack)
    rulings = check(read(built[1].scene.file(), "bluse.jpg"), pack).rulings
    rules = (
        {ruling.rule for ruling in rulings} - ELSEWHERE - ({"synthesis"} if pack.synthesis != "forbidden" else set())
    )
    bad = {rule: sum(rule in case.broken for case in built) for rule in rules}
    assert all(0 < count < len(built) for count in bad.values()), bad


@pytest.mark.parametrize(("name", "side"), [("google.merchant", 8000), ("shopify", 4472)])
def test_too_many_pixels_fail(name: str, side: int) -> None:
    pack = profile(name)
    alone = pack.model_copy(update={"required": Rules(megapixels=pack.required.megapixels), "advised": Rules()})
    small = read(Scene(GARMENTS[0], (64, 64), (0.8, 0.8)).file())
    states = []
    for width in (side, side + 100):
        large = np.broadcast_to(np.uint8(255), (side, width, 3))
        states.append(check(replace(small, pixels=large), alone).rulings[0].state)
    assert states == ["pass", "fail"]


def test_only_a_file_that_names_its_source_type_passes_that_rule() -> None:
    scene = Scene(GARMENTS[0], (640, 640), (0.8, 0.8))
    states = []
    for term in (None, "trainedAlgorithmicMedia"):
        report = check(read(replace(scene, source_type=term).file()), profile("google.merchant"))
        states += [ruling.state for ruling in report.rulings if ruling.rule == "digital_source_type"]
    assert states == ["unknown", "pass"], "a photograph may lack it, and the file cannot say which it is"


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
