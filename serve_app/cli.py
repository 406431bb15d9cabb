"""The command `vitrine`; exits with 0 done, 1 some articles failed, 2 wrong use, 3 service unreachable, 130 stopped."""

import os
import sys
from typing import Any

import typer

from models.errors import VitrineError
from serve_app.commands import evaluate, facts, keys, run, serve, train

WRONG_USE, UNREACHABLE, STOPPED, BROKEN_PIPE = 2, 3, 130, 141


class Commands(typer.Typer):
    """Says every foreseen error in one sentence on stderr, with the exit code of its kind."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().__call__(*args, **kwargs)
        except VitrineError as error:
            print(f"vitrine: {error}", file=sys.stderr)
            sys.exit(_code(error))
        except KeyboardInterrupt:
            print("vitrine: stopped", file=sys.stderr)
            sys.exit(STOPPED)
        except BrokenPipeError:
            # The reader of a pipe has gone (`vitrine ... | head`); Python must not complain at its own end.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(BROKEN_PIPE)


def _code(error: VitrineError) -> int:
    from serve_app.client import UnreachableError
    from serve_app.embedded import EmbeddedError

    return UNREACHABLE if isinstance(error, UnreachableError | EmbeddedError) else WRONG_USE


app = Commands(
    help="Turns product listings into catalogue pictures that show the article the listing describes.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("run")(run.run)
app.command("serve")(serve.serve)
app.add_typer(evaluate.app, name="evaluate")
app.command("doctor")(facts.doctor)
app.command("adapters")(facts.adapters)
app.add_typer(train.app, name="train")
app.add_typer(keys.app, name="keys")

if __name__ == "__main__":
    app()
