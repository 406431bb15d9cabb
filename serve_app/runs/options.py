"""What a run was asked for; a folder holds the results of one such choice."""

from typing import Any

from pydantic import ConfigDict, Field, ValidationError

from models.errors import VitrineError
from serve_app.api.schemas import ArticleOptions
from serve_app.sheets.rows import COLUMNS


class WrongUseError(VitrineError):
    """The command cannot be done as given; the message says what to change."""


class RunOptions(ArticleOptions):
    """Everything on the command line that decides what the pictures show."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    columns: tuple[str, str, str, str] = COLUMNS
    sheets: tuple[str, ...] = ()
    limit: int | None = Field(default=None, ge=1)

    @classmethod
    def checked(cls, **given: Any) -> "RunOptions":
        """Raises WrongUseError with the first value that is out of its range."""
        try:
            return cls(**given)
        except ValidationError as error:
            first = error.errors()[0]
            raise WrongUseError(f"--{first['loc'][0]}: {first['msg']}, not {first['input']!r}") from None

    def article(self) -> dict[str, Any]:
        """The `options` of a request for one article."""
        return self.model_dump(include=set(ArticleOptions.model_fields), exclude_none=True)

    def refuse_other(self, before: dict[str, Any], folder: str) -> None:
        """Raises WrongUseError that names what differs from the run that the folder holds; the limit may grow."""
        kept = RunOptions.model_validate(before)
        names = [name for name in RunOptions.model_fields if name != "limit"]
        differ = [name for name in names if getattr(self, name) != getattr(kept, name)]
        if self.limit is not None and (kept.limit is None or self.limit < kept.limit):
            differ.append("limit")
        if differ:
            changes = "; ".join(
                f"{name} was {_said(getattr(kept, name))}, now {_said(getattr(self, name))}" for name in differ
            )
            raise WrongUseError(
                f"{folder} holds a run with other options: {changes}. Choose another --out, or the same options"
            )


def _said(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return "not set" if value is None else str(value)
