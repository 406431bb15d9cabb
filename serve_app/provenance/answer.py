"""What is told of a file that was verified, the same over HTTP and on the command line."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from pydantic import BaseModel

from serve_app.catalogue.record import picture_url
from serve_app.provenance.manifest import State
from serve_app.provenance.registry import Entries, Known
from serve_app.provenance.verify import Findings


class ManifestAnswer(BaseModel):
    """The C2PA manifest: `ours` says that this service's operator signed it, `stamped` when a time stamp service saw
    the signature, `faults` are C2PA's codes."""

    state: State
    signer: str | None
    ours: bool
    generator: str | None
    about: dict[str, Any] | None
    ingredients: int
    stamped: str | None
    faults: list[str]


class MarkAnswer(BaseModel):
    """The invisible mark; `chance`: of such a score in a picture that was not marked with this key."""

    payload: str
    score: float
    chance: float


class KnownAnswer(BaseModel):
    """A delivered picture of the caller; `distance`: bits of 64 in which its look differs from the file's."""

    sha256: str
    job: str
    picture_url: str | None
    distance: int


class RegistryAnswer(BaseModel):
    """`same`: the very file; `marked`: whose mark it carries; `alike`: what has its shapes, in another colour too."""

    same: KnownAnswer | None
    marked: list[KnownAnswer]
    alike: list[KnownAnswer]


class VerifyAnswer(BaseModel):
    """What a file says of itself; `registry` is what the service knows of it, None where no service was asked."""

    sha256: str
    size: list[int]
    manifest: ManifestAnswer
    digital_source_type: str | None
    mark: MarkAnswer | None
    registry: RegistryAnswer | None


def answer(found: Findings, entries: Entries | None = None) -> VerifyAnswer:
    mark = found.mark
    return VerifyAnswer(
        sha256=found.sha256,
        size=list(found.size),
        manifest=ManifestAnswer.model_validate(asdict(found.manifest)),
        digital_source_type=found.source_type,
        mark=None if mark is None else MarkAnswer(payload=f"{mark.payload:011x}", score=mark.score, chance=mark.chance),
        registry=None if entries is None else _registry(entries),
    )


def _registry(entries: Entries) -> RegistryAnswer:
    same = None if entries.same is None else _known([entries.same])[0]
    return RegistryAnswer(same=same, marked=_known(entries.marked), alike=_known(entries.alike))


def _known(found: Sequence[Known]) -> list[KnownAnswer]:
    return [KnownAnswer(**asdict(one), picture_url=picture_url(one.sha256)) for one in found]
