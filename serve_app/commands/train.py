"""`vitrine train starter PART`: retrains a part of the shipped pack by its seeded recipe."""

import typer

app = typer.Typer(help="Train models.", no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def _group() -> None:
    """Train models."""


@app.command(
    "starter",
    add_help_option=False,
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
)
def starter(context: typer.Context) -> None:
    """Retrain a part of the starter pack: PART [--data DIR] [--steps N] [--out DIR] [--device cpu|cuda]."""
    from models.starter import train

    train.main(context.args)
