"""A calibration as a TOML file that people read, review and keep under version control."""

import datetime as dt
import json
import tomllib
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from serve_app.calibration.document import Calibration, CalibrationError

HEAD = """# Limits of the verdict's checks, learnt from the sellers' decisions.
# false_accepts: of the pictures that a limit lets through, those that the seller found wrong, with the interval.
# false_rejects: of the pictures that the seller found right, those that it stops.
# It holds for the weights under [models]; VITRINE_CALIBRATION names it to the service.
"""


def toml(calibration: Calibration) -> str:
    return HEAD + _table(calibration.model_dump(mode="python"), ())


def read(file: Path) -> Calibration:
    """Raises CalibrationError."""
    try:
        return parsed(file.read_bytes(), str(file))
    except OSError as error:
        raise CalibrationError(f"cannot read the calibration {file}: {error.strerror}") from None


def parsed(content: bytes, called: str) -> Calibration:
    """Raises CalibrationError."""
    try:
        return Calibration.model_validate(tomllib.loads(content.decode("utf-8")))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise CalibrationError(f"{called} is no calibration: {where}: {first['msg']}") from None
    except ValueError as error:
        raise CalibrationError(f"{called} is no calibration: {error}") from None


def _table(found: dict[str, Any], path: tuple[str, ...]) -> str:
    """The plain values first, then a table for each group of further ones."""
    plain = {name: value for name, value in found.items() if not _is_group(value)}
    lines = [f"{name} = {_value(value)}" for name, value in plain.items()]
    head = f"\n[{'.'.join(path)}]\n" if path and (lines or not found) else ""
    groups = [_table(value, (*path, name)) for name, value in found.items() if _is_group(value)]
    return head + "".join(f"{line}\n" for line in lines) + "".join(groups)


def _is_group(value: Any) -> bool:
    """A count stands in one line, everything else that has names in a table."""
    return isinstance(value, dict) and set(value) != {"count", "of"}


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{name} = {_value(inner)}" for name, inner in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_value, value)) + "]"
    if isinstance(value, dt.date):
        return value.isoformat()
    return json.dumps(value, ensure_ascii=True)
