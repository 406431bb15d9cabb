"""`vitrine fetch`: the checkpoints that a Serve config needs and that are not there yet."""

from pathlib import Path
from typing import Annotated

import typer


def fetch(
    config: Annotated[Path, typer.Option(help="Serve config whose packs are to be complete.")],
) -> None:
    """Fetch what `vitrine doctor` misses; what is there is not fetched again, so a stopped fetch goes on."""
    from serve_app import fetching

    fetching.fetch(config, fetching.shell)
