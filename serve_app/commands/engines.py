"""`vitrine engines`: build them for a pack, see, check and clear the cache."""

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from models.errors import VitrineError
from serve_app.commands.calling import Json

if TYPE_CHECKING:
    from models.domain import WeightedAdapter
    from models.engines.cache import Entry

DAY = 86_400  # seconds
app = typer.Typer(help="Build, list, check and clear engines.", no_args_is_help=True, rich_markup_mode=None)
Pack = Annotated[Path | None, typer.Option(help="Pack folder; default: the starter pack.")]


@app.command()
def build(  # noqa: PLR0913, PLR0917 - the options of a command are its arguments
    pack: Pack = None,
    module: Annotated[list[str] | None, typer.Option(help="Such as renderer.transformer; repeat; default: all")] = None,
    engine: Annotated[str, typer.Option(help="onnxruntime or tensorrt.")] = "onnxruntime",
    device: Annotated[str, typer.Option(help="auto, cpu or cuda.")] = "auto",
    adapter: Annotated[
        str | None, typer.Option(help="Merged into renderer.transformer; such as sketch or sketch:0.6+room.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Export modules of a pack, compare them with the originals and keep them; what is there is not built again."""
    from models.engines.workshop import Workshop

    shop = Workshop(_pack(pack), _one_of(device, "auto", "cpu", "cuda"))
    kind = _one_of(engine, "onnxruntime", "tensorrt")
    adapters = _weighted(adapter) if adapter else ()
    names = module or (["renderer.transformer"] if adapters else sorted(shop.modules))
    for name in names:
        _say(shop.build(name, kind, adapters), as_json)


@app.command("list")
def list_engines(as_json: Json = False) -> None:
    """List what is in the cache."""
    from models.engines.cache import EngineCache

    cache = EngineCache()
    for folder, entry in cache.entries():
        if entry is None:
            print(
                json.dumps({"folder": str(folder), "fault": "unreadable"}) if as_json else f"{folder.name}  unreadable"
            )
        else:
            _say(entry, as_json)


@app.command()
def verify(
    pack: Pack = None,
    numerics: Annotated[bool, typer.Option("--numerics", help="Run them against the pack's modules too.")] = False,
    as_json: Json = False,
) -> None:
    """Check every engine's files against their digests; exit code 1 when one may not be loaded."""
    from models.engines.cache import EngineCache
    from models.engines.workshop import Workshop

    shop = Workshop(_pack(pack), "auto") if numerics else None
    sound = True
    for folder, entry in EngineCache().entries():
        fault = "its note is not readable" if entry is None else entry.fault()
        checked: str | None = None
        if fault is None and entry is not None and shop is not None:
            fault, checked = shop.verified(entry)
        sound = sound and fault is None
        if as_json:
            print(json.dumps({"folder": str(folder), "fault": fault, "numerics": checked}))
        else:
            print(f"{folder.name}  {fault or 'sound'}{'' if checked is None else ', ' + checked}")
    raise typer.Exit(0 if sound else 1)


@app.command()
def gc(
    unused_days: Annotated[float, typer.Option(min=0, help="Remove what was not loaded for so long.")] = 30.0,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
    as_json: Json = False,
) -> None:
    """Remove engines that are damaged or unused, and what killed builds left."""
    from models.engines.cache import EngineCache

    for folder, reason in EngineCache().sweep(unused_days * DAY, dry_run):
        print(json.dumps({"folder": str(folder), "reason": reason}) if as_json else f"{folder.name}  {reason}")


def _pack(pack: Path | None) -> Path:
    from models.checkpoint import STARTER_PACK

    return pack or STARTER_PACK


def _one_of(given: str, *known: str) -> Any:
    if given not in known:
        raise VitrineError(f"{given!r} is none of {', '.join(known)}")
    return given


def _weighted(text: str) -> "tuple[WeightedAdapter, ...]":
    from serve_app.stories.house import ADAPTERS, adapters_of

    if not re.fullmatch(ADAPTERS, text):
        raise VitrineError(f"--adapter is like sketch, sketch:0.6 or sketch:0.6+room, not {text!r}")
    return adapters_of(text)


def _say(entry: "Entry", as_json: bool) -> None:
    if as_json:
        facts = {"folder": str(entry.folder), "bytes": entry.bytes, "key": entry.key, "measured": entry.measured}
        print(json.dumps(facts, ensure_ascii=False))
        return
    key, megabytes = entry.key, entry.bytes / 1e6
    adapters = f"  {len(key['adapters'])} adapters" if key["adapters"] else ""
    print(
        f"{key['module']:<26} {key['engine']:<12} {key['precision']:<9} {megabytes:9.1f} MB  "
        f"error {entry.measured['error']:.1e}  {key['gpu']}{adapters}"
    )
