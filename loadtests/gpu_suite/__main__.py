"""All GPU figures by one command, without a network: ten minutes on one H200.

    python -m loadtests.gpu_suite --out FOLDER [--seconds 540] [--tiny] [--engines eager compiled fp8]

Needs torch, transformers and diffusers alone: no Ray, no pydantic, no pack, no checkpoint. Every part keeps its cells
in FOLDER/PART.json and goes on from there when it is called again, also after a kill. `--tiny` runs the same code with
small models, on a CPU where there is no GPU. Prints tables, writes FOLDER/gpu_suite.json and prints it as one line.
"""

import argparse
import json
import time
from pathlib import Path
from typing import Any

import torch

from loadtests.gpu_suite import bridge, ceilings, denoiser, pictures, stages
from loadtests.gpu_suite.denoiser import ENGINES, Denoisers
from loadtests.gpu_suite.kept import Kept
from loadtests.gpu_suite.sizes import FULL, TINY, Sizes


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seconds", type=float, default=540.0, help="after which no further cell begins")
    parser.add_argument("--tiny", action="store_true")
    parser.add_argument("--attention", default="_native_cudnn", help="diffusers' name of a backend")
    parser.add_argument("--engines", nargs="+", choices=ENGINES, default=list(ENGINES))
    args = parser.parse_args(arguments)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    if device.type == "cpu" and not args.tiny:
        parser.error("no GPU is there, and full-size models would take days; give --tiny")
    args.out.mkdir(parents=True, exist_ok=True)
    torch._dynamo.config.cache_size_limit = 64  # shapes of one block; the default of 8 would fall back to eager
    kept = Kept(args.out, time.monotonic() + args.seconds)
    torch.manual_seed(0)
    sizes = TINY if args.tiny else FULL
    measure(kept, sizes, Denoisers(sizes, device, args.attention), args.engines)
    parts = (ceilings.PART, *(f"step_{engine}" for engine in args.engines), stages.PART, pictures.PART, bridge.PART)
    document = kept.finished(parts, about(device, args) | {"of_ceiling": shares(kept, args.engines)})
    tables(document, parts)
    print(json.dumps(document))


def measure(kept: Kept, sizes: Sizes, made: Denoisers, engines: list[str]) -> None:
    """All parts, what matters most before the rest."""
    ceilings.measure(kept, sizes, made.device)
    for engine in engines:
        denoiser.measure(kept, sizes, made, engine)
        pictures.measure(kept, sizes, made, engine)
        if engine == "eager":
            stages.measure(kept, sizes, made.device)
    made.forget(guided=False)
    for engine in engines:
        bridge.measure(kept, sizes, made, engine)


def shares(kept: Kept, engines: list[str]) -> dict[str, float]:
    """Of what a matrix product of that precision reaches on this device, per engine and shape."""
    known, found = kept.cells(ceilings.PART), dict[str, float]()
    for engine in engines:
        ceiling = known.get("matmul_fp8" if engine == "fp8" else "matmul_bf16", {}).get("tflop_per_s")
        for name, cell in kept.cells(f"step_{engine}").items():
            if ceiling and "tflop_per_s" in cell:
                found[f"{engine} {name}"] = cell["tflop_per_s"] / ceiling
    return found


def about(device: torch.device, args: argparse.Namespace) -> dict[str, Any]:
    """What was measured, and on what."""
    named = torch.cuda.get_device_name(device) if device.type == "cuda" else "cpu"
    return {
        "benchmark": "gpu_suite", "device": named, "sizes": "tiny" if args.tiny else "full",
        "attention": args.attention, "torch": torch.__version__,
        "at": time.strftime("%Y-%m-%d"), "weights": "seeded random",
    }  # fmt: skip


def tables(document: dict[str, Any], parts: tuple[str, ...]) -> None:
    """A line per cell: the figures without their ranges."""
    for part in parts:
        print(f"\n{part}")
        for name, cell in document[part].items():
            said = [
                f"{key} {_short(value)}" for key, value in cell.items() if not key.endswith(("min", "max", "range"))
            ]
            print(f"  {name:<28} {'  '.join(said)}")


def _short(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


if __name__ == "__main__":
    main()
