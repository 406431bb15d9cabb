"""What a check says of a file."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from serve_app.delivery.profile import Range

State = Literal["pass", "fail", "unknown"]
Level = Literal["required", "advised"]


class Ruling(BaseModel):
    """One rule: measured `value` within `least` and `most` in `unit`, with the reason in words, `de` and `en`."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    rule: str
    state: State
    value: float | str | None = None
    least: float | None = None
    most: float | None = None
    unit: str = ""
    reason: dict[str, str]
    level: Level = "required"


class Report(BaseModel):
    """Every rule of a profile as one file keeps it; `passes`: no required one is broken, what is unknown stops none."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    profile: str
    passes: bool
    rulings: tuple[Ruling, ...]

    @property
    def failed(self) -> list[Ruling]:
        """Required rules that the file breaks."""
        return [ruling for ruling in self.rulings if ruling.level == "required" and ruling.state == "fail"]


class Delivery(Report):
    """The file of an article for one marketplace: where it is, how it was made, how it keeps the rules."""

    format: str
    size: tuple[int, int]
    bytes: int
    sha256: str
    url: str
    path: str | None = None  # in the folder of a run
    steps: tuple[str, ...]


def said(de: str, en: str) -> dict[str, str]:
    return {"de": de, "en": en}


def within(rule: str, value: float, bounds: Range, unit: str, what: dict[str, str]) -> Ruling:
    """A measured number against its bounds; `what` names it, per language."""
    good = bounds.holds(value)
    wanted = {"de": _wanted(bounds, "mindestens", "höchstens"), "en": _wanted(bounds, "at least", "at most")}
    measured = f"{value:.10g} {unit}".rstrip()
    reason = {language: f"{what[language]}: {measured}, {wanted[language]}" for language in ("de", "en")}
    return Ruling(
        rule=rule,
        state="pass" if good else "fail",
        value=value,
        least=bounds.least,
        most=bounds.most,
        unit=unit,
        reason=reason,
    )


def _wanted(bounds: Range, least: str, most: str) -> str:
    sides = ((least, bounds.least), (most, bounds.most))
    return ", ".join(f"{word} {bound:.10g}" for word, bound in sides if bound is not None)
