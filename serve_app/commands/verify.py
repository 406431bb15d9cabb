"""`vitrine verify`: what a picture's file says of itself."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from serve_app.commands.calling import Json, document, plain
from serve_app.commands.check import content_of

if TYPE_CHECKING:
    from serve_app.provenance.answer import VerifyAnswer

UNPROVEN = 1  # exit code of a file whose manifest is not valid and that carries no mark of ours


def verify(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="PNG, JPEG or WebP.")],
    home: Annotated[
        Path | None, typer.Option(help="Data folder; default: that of the run whose picture it is, else VITRINE_HOME.")
    ] = None,
    tenant: Annotated[
        str | None, typer.Option(help="Whose delivered pictures the file is looked up among; default: without keys.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Show what a picture says of itself: manifest, digital source type, mark, and whether the store knows it.

    Exit code 0 when the manifest is valid or the mark is ours, 1 otherwise.
    """
    found = asyncio.run(_verified(content_of(file), home or _of_run(file), tenant))
    if as_json:
        print(document(found.model_dump(mode="json")))
    else:
        for line in lines(found):
            print(plain(line))
    raise typer.Exit(0 if found.manifest.state == "valid" or found.mark else UNPROVEN)


def _of_run(file: Path) -> Path | None:
    """The data folder of the run in whose output folder a picture lies: its service marked and signed it."""
    from serve_app.provenance.identity import FOLDER
    from serve_app.runs.folder import STATE

    state = file.absolute().parent.parent / STATE
    return state if (state / FOLDER).is_dir() else None


async def _verified(content: bytes, home: Path | None, tenant: str | None) -> "VerifyAnswer":
    from serve_app.jobs.store import LOCAL
    from serve_app.provenance.answer import answer
    from serve_app.provenance.identity import known
    from serve_app.provenance.registry import entries
    from serve_app.provenance.verify import Verifier
    from serve_app.settings import Environment, Settings, has_store, home_of, open_store

    settings = Settings(home=home)
    found = Verifier(known(Environment(), home_of(settings))).examine(content)
    if not has_store(settings):
        return answer(found)
    async with open_store(settings) as store:
        return answer(found, await entries(store.database, tenant or LOCAL, found))


def lines(found: "VerifyAnswer") -> list[str]:
    """What each layer says: manifest, source type, mark, and what the store knows."""
    manifest, mark, registry = found.manifest, found.mark, found.registry
    by = "" if manifest.signer is None else f", signed by {manifest.signer}{' (ours)' if manifest.ours else ''}"
    by += "" if manifest.stamped is None else f", time stamp {manifest.stamped}"
    seen = "none" if mark is None else f"{mark.payload}, score {mark.score:.1f}, by chance {mark.chance:.0e}"
    said = [
        f"manifest     {manifest.state}{by} {' '.join(manifest.faults)}".rstrip(),
        f"source type  {found.digital_source_type or 'none'}",
        f"mark         {seen}",
    ]
    if registry is not None:
        said += [f"same file    {registry.same.sha256} of {registry.same.job}"] if registry.same else []
        said += [f"same mark    {one.sha256} of {one.job}" for one in registry.marked]
        said += [f"looks alike  {one.sha256} of {one.job}, {one.distance} of 64 bits apart" for one in registry.alike]
    return said
