"""The command `vitrine`.

Exit codes: 0 done, 1 some articles failed by a fault of the system, 2 wrong use, 3 service unreachable, busy or out of
order, 130 stopped, 141 whoever read the output has gone.
"""

import os
import sys
from typing import Any

import typer
from typer.core import TyperGroup

from models.errors import VitrineError
from serve_app.commands import (
    ask,
    batches,
    bench,
    calibrate,
    cancel,
    capacity,
    check,
    decide,
    engines,
    evaluate,
    export,
    facts,
    fetch,
    finish,
    keys,
    run,
    serve,
    status,
    submit,
    top,
    train,
    verify,
    watch,
)

WRONG_USE, UNREACHABLE, STOPPED, BROKEN_PIPE = 2, 3, 130, 141


class Verbs(TyperGroup):
    """Says that it was stopped, and tells a reader that has gone from a fault; typer does neither."""

    def invoke(self, ctx: Any) -> Any:
        try:
            try:
                return super().invoke(ctx)
            finally:
                sys.stdout.flush()
        except KeyboardInterrupt:
            print("vitrine: stopped", file=sys.stderr)
            raise typer.Exit(STOPPED) from None
        except BrokenPipeError:
            # The reader of a pipe has gone (`vitrine ... | head`); Python must not complain at its own end.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(BROKEN_PIPE) from None


class Commands(typer.Typer):
    """Says every foreseen error in one sentence on stderr, with the exit code of its kind."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().__call__(*args, **kwargs)
        except Exception as error:
            code = _code(error)
            if code is None:
                raise
            print(f"vitrine: {error}", file=sys.stderr)
            sys.exit(code)


def _code(error: Exception) -> int | None:
    """The exit code of a foreseen error."""
    from serve_app import client
    from serve_app.embedded import EmbeddedError

    away = client.UnreachableError | client.TimedOutError | client.ServiceError | client.BusyError
    if isinstance(error, away | EmbeddedError):
        return UNREACHABLE
    return WRONG_USE if isinstance(error, client.VitrineClientError | VitrineError) else None


app = Commands(
    cls=Verbs,
    help="Turns product listings into catalogue pictures that show the article the listing describes.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("run")(run.run)
app.command("serve")(serve.serve)
app.command("submit")(submit.submit)
app.command("status")(status.status)
app.command("watch")(watch.watch)
app.command("cancel")(cancel.cancel)
app.command("top")(top.top)
app.add_typer(batches.app, name="batches")
app.command("ask")(ask.ask)
app.command("decide")(decide.decide)
app.command("decisions")(decide.decisions)
app.command("calibrate")(calibrate.calibrate)
app.command("export")(export.export)
app.command("check")(check.check)
app.command("finish")(finish.finish)
app.add_typer(evaluate.app, name="evaluate")
app.command("bench", context_settings={"allow_extra_args": True, "ignore_unknown_options": True})(bench.bench)
app.command("capacity")(capacity.capacity)
app.command("verify")(verify.verify)
app.command("doctor")(facts.doctor)
app.command("adapters")(facts.adapters)
app.command("fetch")(fetch.fetch)
app.add_typer(engines.app, name="engines")
app.add_typer(train.app, name="train")
app.add_typer(keys.app, name="keys")

if __name__ == "__main__":
    app()
