"""What processes hold in memory while they work, as a load test looks at it."""

from dataclasses import dataclass
from pathlib import Path

import psutil

MB = 1e6


@dataclass
class Memory:
    """USS of one process in bytes: when it had done `settles` units of work, and the most from then on."""

    name: str
    pid: int
    settles: int
    settled: int | None = None
    most: int = 0

    def look(self, done: int) -> None:
        """Takes a sample; nothing when the process has ended."""
        try:
            uss = psutil.Process(self.pid).memory_full_info().uss
        except psutil.NoSuchProcess:
            return
        if self.settled is None and done >= self.settles:
            self.settled = uss
        if self.settled is not None:
            self.most = max(self.most, uss)

    @property
    def growth_mb(self) -> float:
        return 0.0 if self.settled is None else (self.most - self.settled) / MB


def peak_mb(pid: int) -> float:
    """The most RSS that a living process ever had, as the kernel kept it."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) * 1024 / MB
