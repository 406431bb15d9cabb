"""What the README tells people to type exists: targets, verbs, options, files, routes."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import typer

from serve_app.cli import app

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
BLOCKS = "\n".join(re.findall(r"```sh\n(.*?)```", README, re.DOTALL)).replace("\\\n", " ")
LINES = [line.split(" #")[0].strip() for line in BLOCKS.splitlines() if line.strip()]
TARGETS = [line.split()[1] for line in LINES if line.startswith("make ")]
CALLS = [re.sub(r"^.*?bin/vitrine ", "", line) for line in LINES if "bin/vitrine " in line]
LINKS = [link for link in re.findall(r"\]\(([^)#]+)\)", README) if "://" not in link]


def verb(call: str) -> tuple[set[str], list[str]]:
    """Options of the command that a call names, and the words behind it."""
    command: Any = typer.main.get_command(app)
    words = shlex.split(call)
    while hasattr(command, "commands"):
        command = command.commands[words.pop(0)]
    return {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}, words


def test_the_readme_has_the_two_commands() -> None:
    assert {"demo", "test"} <= set(TARGETS), TARGETS
    assert CALLS, BLOCKS


@pytest.mark.parametrize("target", TARGETS)
def test_every_make_target_of_the_readme_exists(target: str) -> None:
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE), target


@pytest.mark.parametrize("call", CALLS)
def test_every_call_of_the_readme_parses(call: str) -> None:
    known, words = verb(call)
    assert not [word for word in words if word.startswith("--") and word not in known], (call, sorted(known))


@pytest.mark.parametrize("link", LINKS)
def test_every_link_of_the_readme_leads_somewhere(link: str) -> None:
    assert (ROOT / link).exists(), link


def test_every_run_option_named_in_the_table_exists() -> None:
    known, _ = verb("run")
    named = set(re.findall(r"`(--[a-z-]+)", README.split("| option")[1].split("\n\n")[0]))
    assert named <= known, named - known
