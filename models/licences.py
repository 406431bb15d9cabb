"""The licence gate: which checkpoints may serve, decided by the SPDX identifier in their manifest."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from models.errors import LicenceError
from models.manifest import Licence, Manifest

Ruling = Literal["allowed", "ask", "denied"]

ALLOWED = frozenset({"Apache-2.0", "MIT", "BSD-2-Clause", "BSD-3-Clause", "ISC", "CC0-1.0", "CC-BY-4.0"})
# Words of an identifier that make commercial use or closed operation impossible.
DENIED_WORDS = frozenset({"nc", "noncommercial", "agpl", "research"})


class LicencePolicy(BaseModel):
    """`accepted` names checkpoints ("renderer", "renderer/fashion") whose licence the operator has read and accepts."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    profile: Literal["marketplace", "research"] = "marketplace"
    accepted: tuple[str, ...] = ()


def ruling(spdx: str, profile: Literal["marketplace", "research"] = "marketplace") -> Ruling:
    """Denied: non-commercial or AGPL weights in the marketplace profile. Ask: whatever is not on the allow list."""
    if spdx in ALLOWED:
        return "allowed"
    words = spdx.lower().replace("non-commercial", "noncommercial").split("-")
    if profile == "marketplace" and DENIED_WORDS.intersection(words):
        return "denied"
    return "ask"


def refusal(checkpoint: str, licence: Licence, policy: LicencePolicy) -> str | None:
    """Why a checkpoint may not be loaded and what to do; None when it may."""
    found = ruling(licence.spdx, policy.profile)
    if found == "allowed" or (found == "ask" and checkpoint in policy.accepted):
        return None
    if found == "denied":
        return (
            f"{checkpoint}: licence {licence.spdx!r} does not allow marketplace use; choose a checkpoint under one of "
            f"{', '.join(sorted(ALLOWED))}, or set licences.profile to 'research' for work that is not sold"
        )
    return (
        f"{checkpoint}: licence {licence.spdx!r} is not on the allow list; read it, and if it suits your use, name "
        f"{checkpoint!r} in licences.accepted of the deployment's user_config"
    )


def refusals(manifest: Manifest, role: str, policy: LicencePolicy) -> list[str]:
    """One sentence per checkpoint of a role, adapters included, that the policy does not let in."""
    part = manifest.parts[role]
    checkpoints = [(role, part.licence)] + [(f"{role}/{name}", entry.licence) for name, entry in part.adapters.items()]
    return [reason for name, licence in checkpoints if (reason := refusal(name, licence, policy)) is not None]


def admit(manifest: Manifest, role: str, policy: LicencePolicy) -> None:
    """Raises LicenceError when a checkpoint of the role must not be loaded."""
    reasons = refusals(manifest, role, policy)
    if reasons:
        raise LicenceError("; ".join(reasons))
