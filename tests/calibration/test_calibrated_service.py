"""A calibration in the service: a shadow only tells, an active one judges, and one of other weights is refused."""

import itertools
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from asking import client_of
from bench import ROLES, SHIRT, Bench
from in_process import serving
from sellers import logistic, seller

from models.recipes import about
from serve_app.calibration.applied import Applied, Mode, deciding
from serve_app.calibration.decided import JUDGING
from serve_app.calibration.document import Calibration
from serve_app.calibration.learning import calibrate
from serve_app.calibration.written import toml
from serve_app.calls import Line
from serve_app.fleet import Fleet
from serve_app.stories.house import House

Opened = Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]]
ORDER = SHIRT | {"options": {"candidates": 1, "size": 128, "seed": 3}}
NEVER = -1.0  # a distance that no colour keeps
ALWAYS = 400.0  # and one that every colour keeps


@pytest.fixture
def bench() -> Bench:
    return Bench()


@pytest.fixture
def made(bench: Bench) -> Calibration:
    weights = {role: facts(bench)[role]["digest"] for role in JUDGING}
    return calibrate(seller(logistic(20.0, 0.5), 1000, models=weights))


def facts(bench: Bench) -> dict[str, dict[str, Any]]:
    return {role: about(role, bench.chosen[role]) for role in ROLES}  # type: ignore[arg-type]


def limited(made: Calibration, colour_delta_e: float) -> Calibration:
    """The calibration with another limit of colours."""
    check = made.checks["colours"].model_copy(update={"threshold": colour_delta_e})
    return made.model_copy(update={"checks": {"colours": check}})


@pytest.fixture
def opened(bench: Bench, tmp_path: Path) -> Opened:
    """A client of a fresh service that was given a calibration."""
    stores = itertools.count()

    @asynccontextmanager
    async def open_(content: str | None, mode: Mode = "shadow") -> AsyncIterator[httpx.AsyncClient]:
        file = tmp_path / "calibration.toml"
        if content is not None:
            file.write_text(content, "utf-8")

        async def told(role: str) -> dict[str, Any]:
            return facts(bench)[role]

        asked = {role: (Line(role, 1, 5.0), lambda role=role: told(role)) for role in ROLES}
        fleet = Fleet(asked, Applied(file, mode))
        async with (
            serving(tmp_path / f"store_{next(stores)}", bench.steps(), fleet) as service,
            client_of(service) as client,
        ):
            yield client

    return open_


async def drawn(client: httpx.AsyncClient) -> dict[str, Any]:
    answer = await client.post("/v1/articles", json=ORDER)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def listed(client: httpx.AsyncClient) -> dict[str, Any]:
    served = (await client.get("/v1/models")).json()["data"]
    (found,) = [each for each in served if each["role"] == "calibration"]
    return dict(found)


@pytest.mark.parametrize(("limit", "says"), [(NEVER, "fail"), (ALWAYS, "pass")])
async def test_a_shadow_tells_what_it_would_have_said_and_changes_nothing_else(
    opened: Opened, made: Calibration, limit: float, says: str
) -> None:
    async with opened(toml(limited(made, limit)), "shadow") as client:
        record, served = await drawn(client), await listed(client)
    async with opened("nothing") as client:
        plain = await drawn(client)
    assert record["shadow"]["colours"] == says
    assert {name for name, state in record["shadow"].items() if state != record["verdict"][name]["state"]} <= {
        "colours"
    }
    assert served["kind"] == "shadow"
    assert plain["shadow"] == {}
    changed = {name for name in record if record[name] != plain[name]}
    assert changed <= {"shadow", "models", "timings", "cost"}, changed  # the last two are measured times


async def test_an_active_calibration_judges_by_its_limits(opened: Opened, made: Calibration) -> None:
    for limit, says in ((NEVER, "fail"), (ALWAYS, "pass")):
        async with opened(toml(limited(made, limit)), "active") as client:
            record, served = await drawn(client), await listed(client)
        finding = record["verdict"]["colours"]
        assert (finding["threshold"], finding["state"]) == (limit, says)
        assert record["shadow"] == {}
        assert served["thresholds"] == {"colour_delta_e": limit}
        assert record["models"]["calibration"]["digest"] == served["digest"]


async def test_a_calibration_of_other_weights_is_refused_and_says_why_once(
    opened: Opened, made: Calibration, caplog: pytest.LogCaptureFixture
) -> None:
    other = made.model_copy(update={"models": made.models | {"scorer": "5" * 64}})
    with caplog.at_level(logging.INFO, "serve_app.calibration"):
        async with opened(toml(other), "active") as client:
            record, served = await drawn(client), await listed(client)
    assert served["kind"] == "refused"
    assert "was made with scorer 555555555555, and " in served["reason"]
    assert "run `vitrine calibrate` again" in served["reason"]
    assert record["verdict"]["colours"]["threshold"] == 16.0
    assert [entry.getMessage() for entry in caplog.records if "calibration" in entry.name] == [served["reason"]]


@pytest.mark.parametrize(
    ("content", "says"), [(None, "cannot read the calibration"), ("made = 1", "is no calibration")]
)
async def test_a_file_that_is_none_leaves_the_service_as_it_is(opened: Opened, content: str | None, says: str) -> None:
    async with opened(content, "active") as client:
        record, served = await drawn(client), await listed(client)
    assert record["verdict"]["colours"]["threshold"] == 16.0
    assert served["kind"] == "refused"
    assert says in served["reason"]


def test_weights_that_come_to_fit_bring_the_calibration_into_force(
    bench: Bench, made: Calibration, tmp_path: Path
) -> None:
    (tmp_path / "calibration.toml").write_text(toml(made), "utf-8")
    applied, now = Applied(tmp_path / "calibration.toml", "active"), facts(bench)
    before = now | {"scorer": now["scorer"] | {"digest": "0" * 64}}
    assert [applied(each)["calibration"]["kind"] for each in (before, now, before)] == ["refused", "active", "refused"]
    assert House.of(applied(now)).thresholds.colour_delta_e == made.thresholds["colour_delta_e"]
    assert House.of(applied(before)).thresholds.colour_delta_e == 16.0


def test_only_a_calibration_in_force_decides_which_results_are_the_same(
    bench: Bench, made: Calibration, tmp_path: Path
) -> None:
    keys = []
    for number, limit in enumerate((12.0, 12.0, 13.0)):
        file = tmp_path / f"{number}.toml"
        file.write_text(toml(limited(made, limit)), "utf-8")
        keys.append(deciding(Applied(file, "active")(facts(bench))))
        assert deciding(Applied(file, "shadow")(facts(bench))) == deciding(facts(bench)) == {}
    assert keys[0] == keys[1] != keys[2]


def test_limits_of_checks_that_were_not_calibrated_stay_those_of_the_pack(
    bench: Bench, made: Calibration, tmp_path: Path
) -> None:
    (tmp_path / "calibration.toml").write_text(toml(made), "utf-8")
    now = facts(bench)
    now["scorer"] |= {"thresholds": {"sleeve_margin": -3.0, "colour_delta_e": 9.0}}
    limits = House.of(Applied(tmp_path / "calibration.toml", "active")(now)).thresholds
    assert (limits.sleeve_margin, limits.colour_delta_e) == (-3.0, made.thresholds["colour_delta_e"])
