"""What a LoRA's file must be before it is loaded: it comes from strangers, and a library would believe it."""

import hmac
import json
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np

from models.manifest import AdapterEntry, sha256_of
from models.weight_files import Header, Place, WeightsError, header

MOST_BYTES = 1 << 30  # rank 128 over all of FLUX in 16 bits has about 0.7 GB
MOST_RANK = 128
MOST_ALPHA = 1 << 20  # far above any that is trained with; neither infinity nor NaN passes
DTYPES = {"F16": ("<u2", 0x7C00), "BF16": ("<u2", 0x7F80), "F32": ("<u4", 0x7F800000)}  # the bits of the exponent
# The transformer's alone: prompt embeds are kept by the prompt, so an adapter must not change the encoders.
NAME = re.compile(r"(?P<module>transformer(\.\w+)+)\.lora_(?P<side>[AB])\.weight")
SETTINGS = "lora_adapter_metadata"  # the one text that diffusers reads: arguments of peft's LoraConfig, as JSON
# Of these settings; any other one may be given only as "nothing", for some name modules that are imported.
HARMLESS = "lora_dropout peft_type peft_version inference_mode use_rslora qalora_group_size"
PLAIN = re.compile(r"\^?[\w.-]+")  # a module's name; peft takes it for a pattern, and some patterns never end
NOTHING: tuple[object, ...] = (None, False, "none", "megatron.core", {}, [])  # peft's own defaults
CHUNK = 1 << 22  # numbers looked at at once


def check_adapter(file: Path, entry: AdapterEntry, base: str, folder: Path) -> None:
    """Raises WeightsError unless the file is a whole, finite LoRA in diffusers' format that fits its base model.

    `base`: name of the model that it will be put on; `folder`: where that pipeline lies.
    """
    if entry.base_model != base:
        raise WeightsError("other_base", f"{file} was made for {entry.base_model!r}, not for {base!r}; leave it out")
    found = header(file, MOST_BYTES)
    if entry.sha256 is not None and not hmac.compare_digest(sha256_of(file), entry.sha256.lower()):
        raise WeightsError("other_content", f"{file} is not the file whose SHA-256 the manifest names; fetch it anew")
    _settings(file, found.texts.get(SETTINGS))
    shapes = _shapes(folder / "transformer")
    for module, sides in _pairs(file, found).items():
        _fits(file, module, sides, shapes)
    for name, place in found.tensors.items():
        _finite(file, name, place)


def ranks(file: Path) -> dict[str, int]:
    """Module of the transformer -> rank, of a file that was checked."""
    pairs = _pairs(file, header(file, MOST_BYTES))
    return {module.partition(".")[2]: sides["A"].shape[0] for module, sides in pairs.items()}


def _pairs(file: Path, found: Header) -> dict[str, dict[str, Place]]:
    """Module -> its two matrices, "A" (rank, in) and "B" (out, rank)."""
    pairs: dict[str, dict[str, Place]] = {}
    for name, place in found.tensors.items():
        read = NAME.fullmatch(name)
        if read is None:
            said = "pipeline.save_lora_weights of diffusers writes the names that are read"
            raise WeightsError("unknown_key", f"{file}: {name[:80]!r} is no LoRA of a FLUX transformer; {said}")
        if place.dtype not in DTYPES:
            raise WeightsError("odd_dtype", f"{file}: {name!r} is {place.dtype}; weights are {', '.join(DTYPES)}")
        pairs.setdefault(read["module"], {})[read["side"]] = place
    if not pairs:
        raise WeightsError("no_pair", f"{file} holds no tensor")
    return pairs


def _fits(file: Path, module: str, sides: dict[str, Place], shapes: dict[str, tuple[int, ...]]) -> None:
    if set(sides) != {"A", "B"} or any(len(place.shape) != 2 for place in sides.values()):
        raise WeightsError("no_pair", f"{file}: {module!r} has not two matrices, lora_A and lora_B")
    (rank, wide), (high, same) = sides["A"].shape, sides["B"].shape
    if rank != same or not 1 <= rank <= MOST_RANK:
        said = f"{module!r} has the ranks {rank} and {same}; both are the same, 1 to {MOST_RANK}"
        raise WeightsError("rank", f"{file}: {said}")
    wanted = shapes.get(module.partition(".")[2] + ".weight")
    if wanted != (high, wide):
        has = "does not have it" if wanted is None else f"has {wanted} there"
        raise WeightsError("does_not_fit", f"{file}: {module!r} changes a map of {(high, wide)}; the base model {has}")


def _shapes(folder: Path) -> dict[str, tuple[int, ...]]:
    """Shapes of the base model's tensors."""
    headers = [header(file) for file in sorted(folder.glob("*.safetensors"))]
    return {name: place.shape for each in headers for name, place in each.tensors.items()}


def _settings(file: Path, text: str | None) -> None:
    try:
        given = json.loads(text or "{}")
        odd = [name for name, value in given.items() if not _harmless(name.rpartition(".")[2], value)]
    except (ValueError, RecursionError, AttributeError):
        odd = [SETTINGS]
    if odd:
        said = "no LoRA here needs that, or not with this value"
        raise WeightsError("unknown_setting", f"{file} sets {odd[0][:80]!r}; {said}: save it anew")


def _harmless(setting: str, value: object) -> bool:
    """Ranks are memory that is taken before a weight is read; most ways of drawing first weights decompose a map."""
    match setting:
        case "r":
            known = _rank(value)
        case "rank_pattern":
            known = value is None or _each(value, _rank)
        case "lora_alpha":
            known = _number(value)
        case "alpha_pattern":
            known = value is None or _each(value, _number)
        case "init_lora_weights":
            known = value is None or isinstance(value, bool) or value == "gaussian"
        case "target_modules":
            known = value is None or _plain(value)
        case _:
            known = value in NOTHING or setting in HARMLESS.split()
    return known


def _each(modules: object, harmless: Callable[[object], bool]) -> bool:
    return isinstance(modules, dict) and _plain(modules) and all(map(harmless, modules.values()))


def _plain(names: object) -> bool:
    listed = [names] if isinstance(names, str) else list(names) if isinstance(names, list | dict) else [None]
    return all(isinstance(name, str) and PLAIN.fullmatch(name) for name in listed)


def _rank(value: object) -> bool:
    return type(value) is int and 1 <= value <= MOST_RANK


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= MOST_ALPHA


def _finite(file: Path, name: str, place: Place) -> None:
    kind, exponent = DTYPES[place.dtype]
    count = (place.end - place.start) // np.dtype(kind).itemsize
    for first in range(0, count, CHUNK):
        length = min(CHUNK, count - first)
        bits = np.fromfile(file, kind, length, offset=place.start + first * np.dtype(kind).itemsize)
        if len(bits) != length or bool(((bits & exponent) == exponent).any()):
            raise WeightsError("not_finite", f"{file}: {name!r} holds NaN or infinity; the training went wrong")
