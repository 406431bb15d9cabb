"""Which machine an embedded database serves: a note beside its file, renewed for as long as somebody works with it.

SQLite's log lives in memory that the processes of one machine share; a second machine on a network folder would damage
the file by looking into it, so the note is read before the database is opened. A note that nobody renewed for `HELD_S`
holds nothing: a store that was moved, or whose machine is gone, opens again.
"""

import json
import secrets
import socket
import uuid
from dataclasses import asdict, dataclass
from pathlib import Path

from models.errors import VitrineError
from serve_app.jobs.files import write_whole

HELD_S = 60.0  # renewed three times as often, by the conductors
MACHINE_ID, BOOT_ID = Path("/etc/machine-id"), Path("/proc/sys/kernel/random/boot_id")


class OtherMachineError(VitrineError):
    """Another machine works with the database."""


@dataclass(frozen=True, slots=True)
class Machine:
    """`boot`: of the running kernel, so also that of the containers on it; `id` and `name` outlive it."""

    name: str
    id: str
    boot: str

    @classmethod
    def here(cls) -> "Machine":
        return cls(socket.gethostname(), _read(MACHINE_ID) or f"{uuid.getnode():012x}", _read(BOOT_ID))

    def same(self, other: "Machine") -> bool:
        """Whether files are shared with the other one as processes share them, or it is this one before a reboot."""
        return (self.boot != "" and self.boot == other.boot) or (self.id, self.name) == (other.id, other.name)


def hold(database: Path, here: Machine | None = None) -> None:
    """Notes that this machine works with the file; raises OtherMachineError when another one has done so lately."""
    here = here or Machine.here()
    note = database.with_name(f"{database.name}.machine")
    held, left_s = _held(note), HELD_S - _age_s(note)
    if held is not None and not held.same(here) and left_s > 0:
        raise OtherMachineError(
            f"{database} is in use on the machine {held.name!r}, this is {here.name!r}, and SQLite serves one machine: "
            "set VITRINE_DATABASE_URL to postgresql://user:password@host/name. If the other machine is gone, "
            f"the file opens here in {left_s:.0f} s"
        )
    write_whole(note, json.dumps(asdict(here)).encode())


def _held(note: Path) -> Machine | None:
    try:
        return Machine(**json.loads(note.read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def _age_s(note: Path) -> float:
    """By the clock of the file system, which all machines that see the note have in common."""
    probe = note.with_name(f".{secrets.token_hex(8)}.part")
    probe.touch()
    try:
        return probe.stat().st_mtime - note.stat().st_mtime
    except FileNotFoundError:
        return HELD_S
    finally:
        probe.unlink(missing_ok=True)


def _read(path: Path) -> str:
    try:
        return path.read_text("ascii").strip()
    except OSError:
        return ""
