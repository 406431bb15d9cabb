"""The C2PA manifest: who made the file and by which models; signed last, for it covers every byte."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from io import BytesIO
from typing import Any, Literal

from serve_app.provenance.certificate import Credential
from serve_app.provenance.errors import ProvenanceError
from serve_app.provenance.metadata import VOCABULARY, SourceType, format_of

ABOUT = "vitrine.generation"  # label of our own assertion
UNTRUSTED = "signingCredential.untrusted"  # of a signer that is on no list; said apart from what is broken
OFFLINE = {
    "verify": {"remote_manifest_fetch": False, "ocsp_fetch": False, "verify_after_sign": False, "verify_trust": True},
    "builder": {"thumbnail": {"enabled": False}},
}
PADDING = re.compile(rb"\x63pad(?:\x58(.)|\x59(..))", re.DOTALL)  # CBOR: key, byte string, its length
State = Literal["valid", "invalid", "none"]


@dataclass(frozen=True)
class Origin:
    """What a manifest says of a picture; `about` is our own assertion: models and adapters with hashes and licences."""

    source_type: SourceType
    about: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a reader finds; `faults` are C2PA's codes, `ours` whether the operator's own certificate signed it."""

    state: State
    signer: str | None = None
    ours: bool = False
    generator: str | None = None
    about: Mapping[str, Any] | None = None
    ingredients: int = 0
    faults: tuple[str, ...] = ()


def signed(content: bytes, origin: Origin, credential: Credential) -> bytes:
    """The file with its manifest; raises ProvenanceError. Any later change of a byte makes it invalid."""
    from c2pa import Builder, C2paError, C2paSignerInfo, C2paSigningAlg, Context, Settings, Signer

    found = format_of(content)
    if found is None:
        raise ProvenanceError("only JPEG, PNG and WebP files are signed")
    out = BytesIO()
    try:
        with (
            Signer.from_info(C2paSignerInfo(C2paSigningAlg.ES256, credential.chain, credential.key, None)) as signer,
            Context(Settings.from_dict(OFFLINE)) as context,
            Builder(_definition(origin, found), context) as builder,
        ):
            builder.sign(signer, found, BytesIO(content), out)
    except C2paError as error:
        raise ProvenanceError(f"the file cannot be signed: {str(error)[:200]}") from None
    return out.getvalue()


def read(content: bytes, anchor: bytes | None) -> Manifest:
    """What the file's manifest says; `anchor`: PEM of the certificate under which the operator signs."""
    from c2pa import C2paError, Context, Reader, Settings

    settings = OFFLINE | ({"trust": {"user_anchors": anchor.decode()}} if anchor else {})
    try:
        with (
            Context(Settings.from_dict(settings)) as context,
            Reader(format_of(content), BytesIO(content), None, context) as reader,
        ):
            found = json.loads(reader.json())
    except C2paError.ManifestNotFound:
        return Manifest("none")
    except C2paError as error:
        return Manifest("invalid", faults=(str(error)[:120],))
    return _seen(found, ("vitrine.padding",) if _padded(content) else ())


def _definition(origin: Origin, found: str) -> dict[str, Any]:
    action = {"action": "c2pa.created", "digitalSourceType": VOCABULARY + origin.source_type}
    return {
        "claim_generator_info": [{"name": "Vitrine", "version": version("vitrine")}],
        "format": found,
        "assertions": [
            {"label": "c2pa.actions.v2", "data": {"actions": [action]}},
            {"label": ABOUT, "data": dict(origin.about)},
        ],
    }


def _padded(content: bytes) -> bool:
    """Whether the padding of the signature, which no hash covers and C2PA wants to be zeros, holds anything else."""
    for found in PADDING.finditer(content):
        length = int.from_bytes(found.group(1) or found.group(2), "big")
        if any(content[found.end() : found.end() + length]):
            return True
    return False


def _seen(found: dict[str, Any], more: tuple[str, ...]) -> Manifest:
    active = found["manifests"].get(found.get("active_manifest"), {})  # it may be there and not be readable
    failures = found.get("validation_results", {}).get("activeManifest", {}).get("failure", ())
    faults = tuple(dict.fromkeys(each["code"] for each in failures))
    broken = (*(code for code in faults if code != UNTRUSTED), *more)
    return Manifest(
        state="valid" if active and not broken else "invalid",
        signer=(active.get("signature_info") or {}).get("issuer"),
        ours=UNTRUSTED not in faults,
        generator=next((info.get("name") for info in active.get("claim_generator_info") or ()), None),
        about=next((each["data"] for each in active.get("assertions", ()) if each["label"] == ABOUT), None),
        ingredients=len(active.get("ingredients", ())),
        faults=broken,
    )
