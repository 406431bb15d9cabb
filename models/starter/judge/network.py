"""The judge's network: four halvings of the picture, mean and maximum of the rest, one layer for all questions."""

from collections.abc import Mapping
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F

WIDTHS = (24, 48, 96, 128)


class Stage(nn.Module):
    """Halves the picture, then one residual convolution."""

    def __init__(self, before: int, after: int) -> None:
        super().__init__()
        self.down = nn.Conv2d(before, after, 3, stride=2, padding=1, bias=False)
        self.down_norm = nn.BatchNorm2d(after)
        self.same = nn.Conv2d(after, after, 3, padding=1, bias=False)
        self.same_norm = nn.BatchNorm2d(after)

    def forward(self, features: Tensor) -> Tensor:
        halved = F.relu(self.down_norm(self.down(features)))
        return F.relu(halved + self.same_norm(self.same(halved)))


class JudgeNetwork(nn.Module):
    """Pictures (n, 3, 128, 128) in -1..1 to logits per question; `answers`: question -> number of answers."""

    def __init__(self, answers: Mapping[str, int]) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, WIDTHS[0], 3, stride=2, padding=1), nn.ReLU())
        self.stages = nn.Sequential(*(Stage(*pair) for pair in pairwise(WIDTHS)))
        self.answers = dict(answers)
        self.head = nn.Linear(2 * WIDTHS[-1], sum(answers.values()))

    def forward(self, pictures: Tensor) -> dict[str, Tensor]:
        features = self.stages(self.stem(pictures))
        pooled = torch.cat([features.mean(dim=(2, 3)), features.amax(dim=(2, 3))], dim=1)
        logits = self.head(pooled).split(list(self.answers.values()), dim=1)
        return dict(zip(self.answers, logits, strict=True))
