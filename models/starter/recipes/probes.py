"""Linear questions about the scorer's picture embedding, asked in training only: shape and weave are learnt sooner."""

from collections.abc import Sequence
from dataclasses import asdict

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from models.starter.drawing import Garment
from models.starter.judge.labels import expected


class Probes(nn.Module):
    """One softmax per attribute over the values that occur among the garments."""

    def __init__(self, garments: Sequence[Garment], width: int) -> None:
        super().__init__()
        rows = [_facts(garment) for garment in garments]
        self.values = {name: sorted({row[name] for row in rows}) for name in rows[0]}
        self.head = nn.Linear(width, sum(map(len, self.values.values())))

    def forward(self, embeddings: Tensor, garments: Sequence[Garment]) -> Tensor:
        """Mean cross entropy over the attributes; embeddings (n, width)."""
        rows = [_facts(garment) for garment in garments]
        logits = self.head(embeddings).split([len(values) for values in self.values.values()], dim=1)
        losses = []
        for (name, values), answer in zip(self.values.items(), logits, strict=True):
            targets = torch.tensor([values.index(row[name]) for row in rows], device=answer.device)
            losses.append(F.cross_entropy(answer, targets))
        return torch.stack(losses).mean()


def _facts(garment: Garment) -> dict[str, str]:
    said: dict[str, str] = asdict(expected(garment))
    return said | {"neckline": garment.drawn_neckline or "none", "second": garment.second or "none"}
