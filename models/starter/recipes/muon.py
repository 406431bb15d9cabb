"""The optimiser of the denoiser: Muon for the matrices of the blocks, AdamW for everything else."""

from typing import Any

import torch
from torch import nn

MUON_RATE = 3e-3  # with updates scaled to AdamW's root mean square
ADAMW_RATE = 2e-3
NOT_MATRICES = ("norm", "embed", "proj_out", "shared", "time_text")


class Together:
    """Two optimisers as one: a common schedule, a common state."""

    def __init__(self, model: nn.Module) -> None:
        named = [(name, weight) for name, weight in model.named_parameters() if weight.requires_grad]
        matrices = [
            weight for name, weight in named if weight.ndim == 2 and not any(word in name for word in NOT_MATRICES)
        ]
        chosen = {id(weight) for weight in matrices}
        rest = [weight for _, weight in named if id(weight) not in chosen]
        muon = torch.optim.Muon(matrices, lr=MUON_RATE, weight_decay=0.01, adjust_lr_fn="match_rms_adamw")
        adamw = torch.optim.AdamW(rest, lr=ADAMW_RATE, betas=(0.9, 0.98), weight_decay=0.0)
        self.rates = {muon: MUON_RATE, adamw: ADAMW_RATE}

    def step(self, factor: float) -> None:
        for optimiser, rate in self.rates.items():
            for group in optimiser.param_groups:
                group["lr"] = rate * factor
            optimiser.step()
            optimiser.zero_grad(set_to_none=True)

    def state_dict(self) -> dict[str, Any]:
        return {str(index): optimiser.state_dict() for index, optimiser in enumerate(self.rates)}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        for index, optimiser in enumerate(self.rates):
            optimiser.load_state_dict(state[str(index)])


class Average:
    """Exponential moving average of a model's weights; what is shipped."""

    def __init__(self, model: nn.Module, decay: float = 0.999) -> None:
        self.decay, self.model = decay, model
        self.weights = {name: weight.detach().clone() for name, weight in model.state_dict().items()}

    @torch.no_grad()
    def update(self, step: int) -> None:
        """Averages over fewer steps at the beginning."""
        decay = min(self.decay, (1 + step) / (10 + step))
        for name, weight in self.model.state_dict().items():
            if weight.is_floating_point():
                self.weights[name].lerp_(weight, 1 - decay)

    def state_dict(self) -> dict[str, Any]:
        return self.weights

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.weights = {name: weight.clone() for name, weight in state.items()}
