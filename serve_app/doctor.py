"""What is there, what is missing with the command that fetches it, and whether the machine can hold it."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

import yaml

from models.checkpoint import UNPINNED, remedy
from models.errors import VitrineError
from models.licences import LicencePolicy, refusals
from models.manifest import Manifest, Part, sha256_of
from models.recipes import Role, manifest_of, recipe_of
from serve_app.settings import OptionalRole

LAPTOP = Path(__file__).parent.parent / "k8s" / "serve" / "laptop.yaml"
REPLICA = 0.4e9  # bytes of a replica beside its weights: Python, torch, transformers (measured: 0.35 GB)
WORK = 1.3  # weights and their working memory over the weights alone, as an estimate
WIDTH = {"float32": 4, "float16": 2, "bfloat16": 2}


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the diagnosis; `remedy` is what to type or change."""

    name: str
    state: Literal["ok", "warning", "missing", "refused"]
    says: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Need:
    """Memory of one replica of a role, in bytes, and where it lies."""

    role: str
    place: Literal["cpu", "gpu"]
    bytes: int


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """`checks` in the order of the graph; `needs` is the memory plan for one replica of each role."""

    checks: list[Check]
    needs: list[Need] = field(default_factory=list)

    @property
    def ready(self) -> bool:
        """Whether the service can start."""
        return all(check.state in ("ok", "warning") for check in self.checks)


def examine(config: Path, verify: bool = False) -> Diagnosis:
    """Looks at a Serve config, the packs that it names and this machine; `verify` reads every file for its hash."""
    chosen = _recipes(config)
    checks: list[Check] = []
    needs: list[Need] = []
    for role in get_args(Role):
        if role not in chosen and role in get_args(OptionalRole):
            continue
        if role not in chosen:
            checks.append(Check(role, "missing", f"{config} has no deployment of this name", "add it to the config"))
            continue
        found, need = _role(role, chosen[role], verify)
        checks += found
        needs += need
    return Diagnosis([*checks, *_memory(needs)], needs)


def _recipes(config: Path) -> dict[str, dict[str, Any]]:
    document = yaml.safe_load(config.read_text("utf-8"))
    deployments = [found for application in document["applications"] for found in application["deployments"]]
    return {found["name"]: found.get("user_config") or {} for found in deployments}


def _role(role: Role, chosen: dict[str, Any], verify: bool) -> tuple[list[Check], list[Need]]:
    policy = LicencePolicy.model_validate(chosen.get("licences", {}))
    try:
        # The gate is looked at below, where it is one line among the others.
        recipe = recipe_of(role, {key: value for key, value in chosen.items() if key != "licences"}, gate=False)
        manifest = manifest_of(recipe)
    except VitrineError as error:
        return [Check(role, "missing", str(error), "correct the deployment's user_config")], []
    if manifest is None:
        return [Check(role, "ok", "a double: for tests only")], []
    pack = Path(str(getattr(recipe, "pack", ".")))
    part = manifest.parts.get(role)
    if part is None:
        return [Check(role, "missing", f"pack {manifest.pack!r} has no {role}", "name another pack")], []
    checks = [*_files(role, part, pack / part.path, verify), *_pins(role, part), *_licences(manifest, role, policy)]
    for name, entry in part.adapters.items():
        file = pack / entry.path
        if not file.exists():
            command = (
                f"hf download {entry.repository} --local-dir {file.parent if file.suffix else file}"
                if entry.repository
                else f"restore {file}"
            )
            checks.append(Check(f"{role}/{name}", "missing", f"no adapter at {file}", command))
    return checks, [_need(role, part, pack / part.path, getattr(recipe, "device", "cpu"))]


def _files(role: str, part: Part, folder: Path, verify: bool) -> Iterator[Check]:
    weights = sorted(folder.rglob("*.safetensors")) if folder.is_dir() else []
    if not weights:
        yield Check(role, "missing", f"no safetensors in {folder}", _command(part, folder))
        return
    absent = [name for name in part.sha256 if not (folder / name).is_file()]
    changed = [name for name in part.sha256 if verify and name not in absent and _differs(part, folder, name)]
    if absent or changed:
        yield Check(
            role, "missing", f"{folder} lacks or differs in {', '.join(absent + changed)}", _command(part, folder)
        )
        return
    yield Check(role, "ok", f"{part.kind} in {folder}, {_weight(folder) / 1e6:,.1f} MB, {part.licence.spdx}")


def _weight(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*.safetensors"))


def _differs(part: Part, folder: Path, name: str) -> bool:
    return sha256_of(folder / name) != part.sha256[name]


def _command(part: Part, folder: Path) -> str:
    command = remedy(part, folder).removeprefix("fetch it with: ")
    if part.kind == "marian" and part.repository is not None:
        # Its repository holds no safetensors, and the adapters read nothing else.
        convert = f"m = MarianMTModel.from_pretrained({str(folder)!r}); m.save_pretrained({str(folder)!r})"
        command += f' && python -c "from transformers import MarianMTModel; {convert}"'
    return command


def _pins(role: str, part: Part) -> Iterator[Check]:
    entries: list[tuple[str, str | None, str | None]] = [(role, part.repository, part.revision)]
    entries += [(f"{role}/{name}", entry.repository, entry.revision) for name, entry in part.adapters.items()]
    for name, repository, revision in entries:
        if repository is not None and revision in (None, UNPINNED, "main"):
            yield Check(
                name,
                "warning",
                f"{repository} has no pinned revision, so what is fetched may change",
                "set its revision in the manifest to a commit that you have looked at",
            )


def _licences(manifest: Manifest, role: str, policy: LicencePolicy) -> Iterator[Check]:
    for reason in refusals(manifest, role, policy):
        name, _, says = reason.partition(": ")
        yield Check(name, "refused", says)


def _need(role: str, part: Part, folder: Path, device: str) -> Need:
    gpu = device == "cuda" or (device == "auto" and bool(gpus()))
    # A CPU computes in float32, whatever the checkpoint is stored in.
    widened = 1.0 if gpu else 4 / WIDTH[part.dtype]
    return Need(
        role, "gpu" if gpu else "cpu", int((part.bytes or _weight(folder)) * widened * WORK + (0 if gpu else REPLICA))
    )


def _memory(needs: list[Need]) -> Iterator[Check]:
    places: list[tuple[Literal["cpu", "gpu"], float]] = [("cpu", memory()), ("gpu", float(sum(gpus().values())))]
    for place, there in places:
        needed = sum(need.bytes for need in needs if need.place == place)
        if not needed:
            continue
        says = f"one replica of each needs about {needed / 1e9:.1f} GB of {there / 1e9:.1f} GB"
        # The need is an estimate, a place that does not exist is none.
        state: Literal["ok", "warning", "missing"] = "ok" if needed <= there else "warning" if there else "missing"
        fix = "" if state == "ok" else "use a config for this machine, such as k8s/serve/laptop.yaml"
        yield Check(f"{place} memory", state, says, fix)


def memory() -> float:
    """Bytes of this machine's memory."""
    return float(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))


def gpus() -> dict[str, int]:
    """Index and name -> bytes of memory of each NVIDIA GPU; empty without a driver."""
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return {}
    query = [tool, "--query-gpu=index,name,memory.total", "--format=csv,noheader,nounits"]
    seen = subprocess.run(query, capture_output=True, text=True, timeout=20, check=False)  # noqa: S603
    rows = [line.split(", ") for line in seen.stdout.splitlines() if line.count(", ") == 2]
    return {f"{index} {name}": int(mebibytes) * 1024**2 for index, name, mebibytes in rows}


def main(config: Path | None, as_json: bool = False, verify: bool = False) -> Diagnosis:
    """Prints the diagnosis, as JSON or one line per check with its remedy below."""
    diagnosis = examine(config or LAPTOP, verify)
    if as_json:
        print(json.dumps({"ready": diagnosis.ready, **asdict(diagnosis)}, indent=2))
        return diagnosis
    for check in diagnosis.checks:
        print(f"{check.state:<8} {check.name:<18} {check.says}")
        if check.remedy:
            print(f"{'':<8} {'':<18} -> {check.remedy}")
    print("ready to serve" if diagnosis.ready else "not ready: see the lines above")
    return diagnosis
