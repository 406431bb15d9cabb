"""The Dockerfile, read as a list of instructions: it is not built here."""

import re
import tomllib
from pathlib import Path
from typing import NamedTuple

import pytest
from overlays import ROOT
from packaging.requirements import Requirement

LOCKS = ROOT / "k8s" / "image"
FINAL = ("cpu", "gpu")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


class Instruction(NamedTuple):
    name: str
    text: str


def instructions(text: str) -> list[Instruction]:
    """Without comments, with continued lines joined."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n\s*", " ", "\n".join(lines))
    return [Instruction(*line.split(maxsplit=1)) for line in joined.splitlines() if line.strip()]


def stages() -> dict[str, list[Instruction]]:
    """Name of a stage -> its instructions, the FROM first."""
    found: dict[str, list[Instruction]] = {}
    for instruction in instructions((ROOT / "Dockerfile").read_text("utf-8")):
        if instruction.name == "FROM":
            current = found.setdefault(instruction.text.split(" AS ")[1], [])
        current.append(instruction)
    return found


def lineage(name: str) -> list[Instruction]:
    """Instructions of a stage and of those that it is built on."""
    own = stages()[name]
    base = own[0].text.split(" AS ")[0]
    return [*(lineage(base) if base in stages() else []), *own]


def of(name: str, kind: str) -> list[str]:
    return [one.text for one in lineage(name) if one.name == kind]


def pins(lock: Path) -> dict[str, str]:
    """Package -> version."""
    requirements = re.findall(r"^([a-z0-9._-]+==\S+)", lock.read_text("utf-8"), re.MULTILINE)
    parsed = [Requirement(one) for one in requirements]
    return {one.name: str(one.specifier).removeprefix("==") for one in parsed}


def test_there_is_one_base_with_a_full_version() -> None:
    bases = {own[0].text.split(" AS ")[0] for own in stages().values()} - stages().keys()
    assert len(bases) == 1
    assert re.fullmatch(r"python:3\.11\.\d+-slim-[a-z]+", bases.pop())


@pytest.mark.parametrize("name", FINAL)
def test_a_container_starts_as_a_user_without_rights(name: str) -> None:
    assert of(name, "USER")[-1] == "1000:1000"
    after = lineage(name)[[one.name for one in lineage(name)].index("USER") :]
    assert [one.name for one in after if one.name in ("RUN", "COPY")] == []


@pytest.mark.parametrize("name", FINAL)
def test_an_image_has_what_the_operators_probes_call(name: str) -> None:
    """wget; bash is in Debian's slim image."""
    assert any("wget" in text for text in of(name, "RUN"))


@pytest.mark.parametrize("name", FINAL)
def test_an_image_holds_no_compiler_and_no_lists_of_packages(name: str) -> None:
    installed = " ".join(of(name, "RUN"))
    assert not re.search(r"\b(gcc|g\+\+|build-essential|cuda-toolkit|git)\b", installed)
    assert installed.count("apt-get install") == installed.count("--no-install-recommends") == 1
    assert "rm -rf /var/lib/apt/lists" in installed


def test_nothing_is_fetched_but_by_pip_and_apt() -> None:
    every = [one for own in stages().values() for one in own]
    assert [one for one in every if one.name == "ADD"] == []
    assert [one for one in every if re.search(r"https?://|\bcurl\b|latest", one.text)] == []


def test_packages_come_from_locks_with_hashes() -> None:
    installs = [one.text for own in stages().values() for one in own if "pip install" in one.text]
    unhashed = [text for text in installs if "--require-hashes" not in text]
    assert len(installs) - len(unhashed) == len(FINAL)
    assert all("tensorrt" in text for text in unhashed), unhashed
    assert "pip install --no-cache-dir --no-deps" in (LOCKS / "finish.sh").read_text("utf-8")


@pytest.mark.parametrize("name", [*FINAL, "packages-cpu", "packages-gpu"])
def test_what_is_copied_is_there_and_not_ignored(name: str) -> None:
    kept = [line[1:] for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line.startswith("!")]
    copied = [source for text in of(name, "COPY") if "--from" not in text for source in text.split()[:-1]]
    assert copied
    for source in copied:
        assert (ROOT / source).exists(), source
        assert any(source == one or source.startswith(f"{one}/") for one in kept), source


def test_everything_is_ignored_but_what_is_copied() -> None:
    lines = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    assert next(line for line in lines if not line.startswith("#")) == "*"


@pytest.mark.parametrize("name", ["serve", *FINAL])
def test_an_images_lock_says_what_the_projects_lock_says(name: str) -> None:
    lock, whole = LOCKS / f"{name}.lock", pins(ROOT / "requirements.lock")
    own = pins(lock)
    assert {package: version for package, version in own.items() if whole.get(package, version) != version} == {}
    assert set(own) - set(whole) <= {"onnxruntime-gpu"}, "run `make lock`"
    assert lock.read_text("utf-8").count("--hash=sha256:") >= len(own)


def test_the_images_differ_in_onnx_runtime_alone() -> None:
    cpu, gpu = pins(LOCKS / "cpu.lock"), pins(LOCKS / "gpu.lock")
    assert set(cpu) ^ set(gpu) == {"onnxruntime", "onnxruntime-gpu"}
    assert "onnxruntime" not in pins(LOCKS / "serve.lock")


def test_no_tool_of_development_is_in_an_image() -> None:
    own = pins(LOCKS / "serve.lock").keys() | pins(LOCKS / "cpu.lock").keys()
    assert own & {"pytest", "ruff", "mypy", "hypothesis", "moto", "schemathesis", "locust"} == set()


def test_every_package_of_the_project_is_in_the_image() -> None:
    packages = {one.rstrip("*") for one in PROJECT["tool"]["setuptools"]["packages"]["find"]["include"]}
    copied = {source for text in of("service", "COPY") for source in text.split()[:-1]}
    assert packages <= copied


def test_every_dependency_of_the_project_is_in_the_lock() -> None:
    wanted = {Requirement(one).name.lower().replace("_", "-") for one in PROJECT["project"]["dependencies"]}
    assert wanted - pins(LOCKS / "serve.lock").keys() == set(), "run `make lock`"
