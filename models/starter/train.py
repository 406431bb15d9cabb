"""`python -m models.starter.train PART`: trains one part of the starter pack, or resumes it."""

import argparse
import importlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

PartName = Literal[
    "renderer", "adapters", "translator", "extractor", "scorer", "questions", "segmenter", "judge", "retoucher",
    "upscaler", "reader",
]  # fmt: skip
PACK = Path(__file__).parent / "pack"


@dataclass(frozen=True)
class TrainOptions:
    """What every part's recipe gets: `data` holds shared corpora, `work` checkpoints to resume from, `out` the pack."""

    part: PartName
    data: Path
    work: Path
    out: Path
    device: str
    seed: int
    threads: int
    steps: int | None
    minutes: float | None


def parse(arguments: Sequence[str] | None = None) -> TrainOptions:
    """The command line; `steps` or `minutes` of process time override the recipe's own schedule."""
    parser = argparse.ArgumentParser(prog="python -m models.starter.train", description=__doc__)
    parser.add_argument("part", choices=get_args(PartName))
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("VITRINE_DATA", "../shared/data")))
    parser.add_argument("--work", type=Path, default=Path("training"), help="checkpoints, one folder per part")
    parser.add_argument("--out", type=Path, default=PACK, help="the pack folder that receives the part")
    parser.add_argument("--device", default="cpu", help="cpu, cuda or cuda:1")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--steps", type=int)
    parser.add_argument("--minutes", type=float, help="process time instead of steps")
    return TrainOptions(**vars(parser.parse_args(arguments)))


def main(arguments: Sequence[str] | None = None) -> None:
    options = parse(arguments)
    import torch

    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    importlib.import_module(f"models.starter.recipes.{options.part}").train(options)


if __name__ == "__main__":
    main()
