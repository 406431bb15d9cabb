"""`python -m models.starter.evaluate PART`: a part's held-out figures; the last line is one JSON document."""

import argparse
import importlib
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from models.checkpoint import STARTER_PACK

PartName = Literal[
    "renderer", "adapters", "translator", "extractor", "scorer", "segmenter", "judge", "retoucher", "upscaler", "reader"
]


@dataclass(frozen=True)
class EvaluateOptions:
    """`data` holds the shared corpora, `pack` the weights; `count` pictures per figure, or the part's own number."""

    part: PartName
    data: Path
    pack: Path
    seed: int
    threads: int
    count: int | None


def parse(arguments: Sequence[str] | None = None) -> EvaluateOptions:
    parser = argparse.ArgumentParser(prog="python -m models.starter.evaluate", description=__doc__)
    parser.add_argument("part", choices=get_args(PartName))
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("VITRINE_DATA", "../shared/data")))
    parser.add_argument("--pack", type=Path, default=STARTER_PACK)
    parser.add_argument("--seed", type=int, default=9_000, help="of the drawings; no training uses one above 1,000")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--count", type=int)
    return EvaluateOptions(**vars(parser.parse_args(arguments)))


def main(arguments: Sequence[str] | None = None) -> None:
    options = parse(arguments)
    import torch

    torch.set_num_threads(options.threads)
    figures = importlib.import_module(f"models.starter.evaluations.{options.part}").evaluate(options)
    for name, value in figures.items():
        print(f"{name}: {value}")
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
