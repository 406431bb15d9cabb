"""The distribution `vitrine-client`: built from its own folder, small, and a stranger to the service's libraries."""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from email.parser import Parser
from importlib.metadata import files, requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

FOLDER = Path(__file__).parents[2] / "serve_app" / "client"
INSTALLED_MB = 60.0
HEAVY = ("torch", "ray", "pydantic", "fastapi", "numpy", "serve_app", "models", "deployments")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from a copy: what a build leaves behind is no part of the tree."""
    folder = tmp_path_factory.mktemp("client")
    source = folder / "source"
    shutil.copytree(FOLDER, source, ignore=shutil.ignore_patterns("build", "*.egg-info", "__pycache__"))
    options = ["--no-deps", "--no-build-isolation", "--no-index", "-q", "-w", str(folder)]
    subprocess.run([sys.executable, "-m", "pip", "wheel", *options, str(source)], check=True, env=_environment())
    (built,) = folder.glob("*.whl")
    return built


def _environment() -> dict[str, str]:
    """Without what leads Python to this repository."""
    return {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "PIP_NO_INDEX")}


def test_the_wheel_holds_the_sources_their_marker_of_types_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as packed:
        found = {name for name in packed.namelist() if ".dist-info/" not in name}
        (described,) = [packed.read(name).decode() for name in packed.namelist() if name.endswith("/METADATA")]
    assert found == {f"vitrine_client/{path.name}" for path in [*FOLDER.glob("*.py"), FOLDER / "py.typed"]}
    about = Parser().parsestr(described)
    needed = {line.split(">")[0] for line in about.get_all("Requires-Dist") or ()}
    assert needed == {"httpx", "httpx-sse", "standardwebhooks"}
    assert (about["License-Expression"], about["Version"]) == ("Apache-2.0", "0.1.0")


def test_importing_the_wheel_brings_none_of_the_service_s_libraries(wheel: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(tmp_path)
    said = f"""
import json, sys
sys.path.insert(0, {str(tmp_path)!r})
before = set(sys.modules)
import vitrine_client
print(json.dumps([vitrine_client.__file__, sorted({{name.partition(".")[0] for name in set(sys.modules) - before}})]))
"""
    ran = subprocess.run(
        [sys.executable, "-c", said], check=True, capture_output=True, text=True, cwd=tmp_path, env=_environment()
    )
    where, brought = json.loads(ran.stdout)
    assert where == str(tmp_path / "vitrine_client" / "__init__.py")
    assert {"httpx", "vitrine_client"} <= set(brought)
    assert not set(HEAVY) & set(brought), set(HEAVY) & set(brought)


def test_the_wheel_and_all_that_it_needs_take_a_few_megabytes(wheel: Path) -> None:
    needed, left = set[str](), ["httpx", "httpx-sse", "standardwebhooks"]
    while left:
        name = canonicalize_name(left.pop())
        if name not in needed:
            needed.add(name)
            wanted = [Requirement(line) for line in requires(name) or ()]
            left += [each.name for each in wanted if each.marker is None or each.marker.evaluate({"extra": ""})]
    assert not needed & set(HEAVY), needed
    paths = [path.locate() for name in needed for path in files(name) or ()]
    megabytes = (wheel.stat().st_size + sum(Path(path).stat().st_size for path in paths if Path(path).exists())) / 1e6
    assert 0.5 < megabytes < INSTALLED_MB, f"{megabytes:.1f} MB: {sorted(needed)}"
