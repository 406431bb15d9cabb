"""What the doctor misses and says how to fetch, fetched; a mark in the pack says that all of it is there."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import yaml

from models.errors import VitrineError
from serve_app.doctor import Check, examine

MARK = ".fetched"
BEGUN = ".fetching"  # commands of a fetch that has not ended, for they may have left halves
MANIFEST = Path(__file__).parent.parent / "models" / "production" / "manifest.toml"
FETCHES = "hf download "  # how the doctor's remedies begin that bring files


@dataclass(frozen=True)
class Fetched:
    """Folders that are complete now, and the commands that it took."""

    packs: list[str]
    commands: list[str]


class FetchError(VitrineError):
    """A pack that is not complete afterwards, or that was fetched by another manifest."""


def fetch(config: Path, run: Callable[[str], int], say: Callable[[str], None] = print) -> Fetched:
    """Completes the packs that a Serve config names; `run` gives the exit code of a command. Raises FetchError.

    What a stopped fetch had begun is fetched again first: `hf download` keeps whole files and completes the others.
    An adapter whose licence was not accepted is left out: the service would not load it either.
    """
    packs = _packs(config)
    if not packs:
        raise FetchError(
            f"{config} names no pack: its models are those of the starter pack, which is part of the project"
        )
    for pack in packs:
        _placed(pack)
    begun = packs[0] / BEGUN
    left = begun.read_text("utf-8").splitlines() if begun.exists() else []
    commands = list(dict.fromkeys([*left, *(check.remedy for check in _missing(config))]))
    begun.write_text("\n".join(commands), "utf-8")
    for command in commands:
        say(command)
        if code := run(command):
            raise FetchError(f"exit code {code} of: {command}")
    if lacking := _missing(config):
        raise FetchError("; ".join(f"{check.name}: {check.says}" for check in lacking))
    begun.unlink()
    for pack in packs:
        (pack / MARK).touch()
        say(f"{pack} is complete")
    return Fetched([str(pack) for pack in packs], commands)


def shell(command: str) -> int:
    """Runs a remedy, whose words go to stderr: text of this project and its manifest, never of a request."""
    return subprocess.run(["bash", "-c", command], stdout=sys.stderr, check=False).returncode  # noqa: S603, S607


def _packs(config: Path) -> list[Path]:
    document = yaml.safe_load(config.read_text("utf-8"))
    chosen = [
        one.get("user_config") or {} for application in document["applications"] for one in application["deployments"]
    ]
    return sorted({Path(one["pack"]) for one in chosen if "pack" in one})


def _placed(pack: Path) -> None:
    """The production manifest, where the pack has none yet."""
    there = pack / "manifest.toml"
    if not there.exists():
        pack.mkdir(parents=True, exist_ok=True)
        there.write_bytes(MANIFEST.read_bytes())
    elif there.read_bytes() != MANIFEST.read_bytes():
        raise FetchError(
            f"{there} is not this version's manifest; fetch into a folder of its own and name that in the config"
        )


def _missing(config: Path) -> list[Check]:
    checks = examine(config).checks
    refused = {check.name for check in checks if check.state == "refused"}
    return [
        check
        for check in checks
        if check.state == "missing" and check.remedy.startswith(FETCHES) and check.name not in refused
    ]
