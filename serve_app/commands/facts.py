"""`vitrine doctor` and `vitrine adapters`: what is there and what it may be used for."""

import json
from pathlib import Path
from typing import Annotated

import typer

from serve_app.commands.calling import Json


def doctor(
    config: Annotated[Path | None, typer.Option(help="Serve config to look at; default: the one for a laptop.")] = None,
    verify: Annotated[
        bool, typer.Option("--verify", help="Hash every checkpoint; takes as long as reading it.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Show which checkpoints are there, which are missing, and what the hardware can run."""
    from serve_app import doctor as examination

    diagnosis = examination.main(config, as_json, verify)
    raise typer.Exit(0 if diagnosis.ready else 1)


def adapters(
    pack: Annotated[Path | None, typer.Option(help="Pack folder; default: the starter pack.")] = None,
    as_json: Json = False,
) -> None:
    """List the adapters (LoRAs) of a pack with their trigger words and licences."""
    from models.manifest import Manifest

    folder = pack or Path(__file__).parents[2] / "models" / "starter" / "pack"
    manifest = Manifest.read(folder / "manifest.toml")
    found = [
        {"part": role, "name": name, "trigger": entry.trigger, "licence": entry.licence.spdx, "base": entry.base_model}
        for role, part in manifest.parts.items()
        for name, entry in part.adapters.items()
    ]
    if as_json:
        print(json.dumps({"pack": manifest.pack, "adapters": found}, ensure_ascii=False, indent=2))
        return
    print(f"{'name':<16} {'part':<12} {'licence':<16} trigger")
    for entry in found:
        print(f"{entry['name']:<16} {entry['part']:<12} {entry['licence']:<16} {entry['trigger'] or '-'}")
