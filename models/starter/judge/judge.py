"""The trained judge: pictures in, one verdict each out."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from safetensors.torch import load_file

from models.domain import Picture
from models.errors import PackError
from models.starter.judge.labels import HEADS, Verdict
from models.starter.judge.network import JudgeNetwork

FOLDER = Path(__file__).parent
SIDE = 128  # pixels
BATCH = 64


class Judge:
    """`answers`: question -> its possible answers, in the order of the logits."""

    def __init__(self, network: JudgeNetwork, answers: dict[str, list[str]]) -> None:
        self._network = network.eval()
        self._answers = answers

    @classmethod
    def load(cls, folder: Path = FOLDER) -> "Judge":
        """Raises PackError when the weights are missing."""
        labels, weights = folder / "labels.json", folder / "judge.safetensors"
        if not (labels.is_file() and weights.is_file()):
            raise PackError(f"no judge in {folder}; train one with: python -m models.starter.train judge")
        answers: dict[str, list[str]] = json.loads(labels.read_text("utf-8"))
        network = JudgeNetwork({name: len(values) for name, values in answers.items()})
        network.load_state_dict({name: tensor.float() for name, tensor in load_file(weights).items()})
        return cls(network, answers)

    @torch.inference_mode()
    def judge(self, pictures: Sequence[Picture]) -> list[Verdict]:
        """One verdict per picture, of any size; colour is not judged here but measured in the mask."""
        verdicts = []
        for start in range(0, len(pictures), BATCH):
            inputs = torch.stack([_input(picture) for picture in pictures[start : start + BATCH]])
            logits = self._network(inputs)
            best = {name: logits[name].argmax(dim=1).tolist() for name in HEADS}
            for row in range(len(inputs)):
                verdicts.append(Verdict(**{name: self._answers[name][best[name][row]] for name in HEADS}))
        return verdicts


def _input(picture: Picture) -> torch.Tensor:
    small = Image.fromarray(picture.pixels).resize((SIDE, SIDE), Image.Resampling.BICUBIC)
    return torch.from_numpy(np.array(small)).permute(2, 0, 1).float().div(127.5).sub(1.0)
