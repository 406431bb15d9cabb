"""What may be spent on one article: pictures, and seconds of the renderer's device."""

import math
from dataclasses import dataclass

from models.domain import Picture, Refusal
from serve_app.catalogue.record import Cost


@dataclass(frozen=True)
class Budget:
    """`device_seconds` None: as long as the pictures take."""

    pictures: int
    device_seconds: float | None = None


class Spending:
    """Books pictures before they are drawn and their seconds afterwards, so that a budget is not exceeded."""

    def __init__(self, budget: Budget) -> None:
        self.budget = budget
        self.pictures, self.device_s = 0, 0.0
        self._per_pixel = 0.0  # the dearest so far; of the first picture nothing is known

    def books(self, size: tuple[int, int], left: int = 0) -> bool:
        """Whether one more picture of (width, height) fits, with `left` for later; booked where it does."""
        foreseen = self.device_s + self._per_pixel * math.prod(size)
        limit = math.inf if self.budget.device_seconds is None else self.budget.device_seconds
        if self.pictures + left >= self.budget.pictures or foreseen > limit:
            return False
        self.pictures += 1
        return True

    def took(self, drawn: Picture | Refusal) -> None:
        """What a booked picture cost."""
        if isinstance(drawn, Picture):
            self.device_s += drawn.device_s
            self._per_pixel = max(self._per_pixel, drawn.device_s / math.prod(drawn.size))

    def cost(self, drafts: int = 0) -> Cost:
        """For the record; `drafts`: how many of the pictures were."""
        return Cost(
            pictures=self.pictures,
            drafts=drafts,
            device_seconds=round(self.device_s, 4),
            most_pictures=self.budget.pictures,
            most_device_seconds=self.budget.device_seconds,
        )
