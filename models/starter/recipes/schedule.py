"""How long a training runs, in steps or in process time, and where it resumes."""

import math
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from models.starter.recipes.saved_state import load_state, save_state

Batch = TypeVar("Batch")
SAVE_EVERY = 120.0  # seconds of process time; a crash loses at most this


def cosine(done: float, warm: float = 0.02) -> float:
    """Learning-rate factor at a share `done` of the schedule: linear warm-up, then a cosine down to 2 %."""
    if done < warm:
        return done / warm + 1e-3
    return 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * min(1.0, (done - warm) / (1 - warm))))


@dataclass
class Clock:
    """Ends after `steps`, or after `minutes` of process time, so that a shared machine does not shorten a training."""

    name: str
    steps: int | None
    minutes: float | None
    log_every: int = 50
    step: int = 0
    spent: float = 0.0  # seconds of process time, all runs together
    _started: float = 0.0
    _saved: float = 0.0
    _saved_step: int = 0
    _losses: list[float] = field(default_factory=list)
    _file: Path | None = None
    _state: dict[str, Any] = field(default_factory=dict)

    @property
    def elapsed(self) -> float:
        return self.spent + time.process_time() - self._started

    @property
    def done(self) -> float:
        """Share of the schedule that is over, 0-1; a given number of steps wins over minutes."""
        if self.steps is not None:
            return min(1.0, self.step / max(1, self.steps)) if self.steps else 1.0
        return min(1.0, self.elapsed / (60 * (self.minutes or 1.0)))

    def resume(self, file: Path, **state: Any) -> None:
        """Loads the state of objects with `state_dict` from `file` when it exists; `save` writes it there."""
        self._file, self._state = file, state
        self._started = time.process_time()
        if not file.exists():
            return
        kept = load_state(file)
        for name, holder in state.items():
            holder.load_state_dict(kept[name])
        self.step, self.spent = kept["step"], kept["spent"]
        self._saved_step = self.step
        print(f"{self.name}: resumed at step {self.step}, {self.spent / 60:.1f} min", flush=True)

    def save(self) -> None:
        """Writes the checkpoint, unless nothing was trained since the last one."""
        if self._file is None or self.step == self._saved_step:
            return
        states = {name: holder.state_dict() for name, holder in self._state.items()}
        save_state({**states, "step": self.step, "spent": self.elapsed}, self._file)
        self._saved, self._saved_step = self.elapsed, self.step

    def ticking(self, batches: Iterable[Batch]) -> Iterator[Batch]:
        """Yields batches until the schedule is over."""
        if self._file is None:
            self._started = time.process_time()
        self._saved = self.elapsed
        for batch in batches:
            if self.done >= 1.0:
                return
            yield batch
            self.step += 1
            if self.elapsed - self._saved > SAVE_EVERY:
                self.save()

    def report(self, loss: float) -> None:
        """Prints the mean loss every `log_every` steps."""
        self._losses.append(loss)
        if len(self._losses) == self.log_every:
            mean = sum(self._losses) / self.log_every
            print(
                f"{self.name}: step {self.step + 1} done {self.done:.3f} loss {mean:.5f} {self.elapsed / 60:.2f} min",
                flush=True,
            )
            self._losses.clear()
