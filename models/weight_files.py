"""A safetensors file read by its own rules before any library opens it: header, dtypes, places of the tensors."""

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from models.errors import PackError

Code = Literal[
    "not_safetensors", "too_large", "damaged", "duplicate_key", "odd_dtype", "not_finite", "unknown_key",
    "unknown_setting",
    "no_pair", "rank", "other_base", "does_not_fit", "other_content",
]  # fmt: skip
MOST_HEADER = 4 << 20  # bytes; a LoRA over every linear map of FLUX needs about 0.2 MB
BYTES = {"F16": 2, "BF16": 2, "F32": 4, "F64": 8, "I8": 1, "U8": 1, "I16": 2, "I32": 4, "I64": 8, "BOOL": 1}


class WeightsError(PackError):
    """A file of weights that is not opened; `code` is stable."""

    def __init__(self, code: Code, message: str) -> None:
        super().__init__(message)
        self.code: Code = code


@dataclass(frozen=True, slots=True)
class Place:
    """Where a tensor lies: `start` and `end` are bytes of the file."""

    dtype: str
    shape: tuple[int, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Header:
    """Every tensor's place by its name, and the texts that came with them."""

    tensors: dict[str, Place]
    texts: dict[str, str]


def header(file: Path, most_bytes: int | None = None) -> Header:
    """Raises WeightsError unless the tensors lie side by side, each as long as its shape says, and fill the file."""
    size = file.stat().st_size
    if file.suffix != ".safetensors":
        raise WeightsError("not_safetensors", f"{file} is no .safetensors file; other formats can run code: convert it")
    if most_bytes is not None and size > most_bytes:
        raise WeightsError("too_large", f"{file} has {size} bytes, at most {most_bytes} are opened")
    with file.open("rb") as stream:
        length = int.from_bytes(stream.read(8), "little")
        if not 2 <= length <= min(MOST_HEADER, size - 8):
            raise damaged(file, f"its header says it has {length} bytes")
        table = _table(file, stream.read(length))
    texts = table.pop("__metadata__", {})
    if not isinstance(texts, dict) or not all(isinstance(text, str) for text in texts.values()):
        raise damaged(file, "its __metadata__ is no object of texts")
    tensors = {name: _place(file, name, entry, 8 + length) for name, entry in table.items()}
    _side_by_side(file, tensors, 8 + length, size)
    return Header(tensors, texts)


def damaged(file: Path, reason: str) -> WeightsError:
    return WeightsError("damaged", f"{file} is no whole safetensors file: {reason}; fetch it anew")


def _table(file: Path, text: bytes) -> dict[str, Any]:
    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        names = [name for name, _ in pairs]
        if len(set(names)) < len(names):
            twice = next(name for name in names if names.count(name) > 1)
            raise WeightsError("duplicate_key", f"{file} names {twice[:80]!r} twice: readers disagree which one counts")
        return dict(pairs)

    try:
        table = json.loads(text.decode("utf-8"), object_pairs_hook=once)
    except (ValueError, RecursionError) as error:
        raise damaged(file, f"its header is no JSON ({str(error)[:60]})") from None
    if not isinstance(table, dict):
        raise damaged(file, "its header is no object")
    return table


def _place(file: Path, name: str, entry: Any, data: int) -> Place:
    try:
        dtype, shape, (start, end) = entry["dtype"], tuple(entry["shape"]), entry["data_offsets"]
    except (TypeError, KeyError, ValueError):
        raise damaged(file, f"the entry of {name[:80]!r} lacks dtype, shape or data_offsets") from None
    if not isinstance(dtype, str) or dtype not in BYTES:
        raise WeightsError("odd_dtype", f"{file}: {name[:80]!r} has the dtype {str(dtype)[:20]!r}; none that is read")
    if not all(type(number) is int and number >= 0 for number in (*shape, start, end)):
        raise damaged(file, f"shape or offsets of {name[:80]!r} are no whole numbers")
    if end - start != math.prod(shape) * BYTES[dtype]:
        raise damaged(file, f"{name[:80]!r} has {end - start} bytes and the shape {list(shape)[:8]}")
    return Place(dtype, shape, data + start, data + end)


def _side_by_side(file: Path, tensors: dict[str, Place], data: int, size: int) -> None:
    at = data
    for place in sorted(tensors.values(), key=lambda place: (place.start, place.end)):
        if place.start != at:
            raise damaged(file, f"its tensors overlap or leave a gap at byte {at}")
        at = place.end
    if at != size:
        raise damaged(file, f"its tensors end at byte {at} and the file at {size}")
