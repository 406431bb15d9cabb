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
from serve_app.provenance.metadata import VOCABULARY, SourceType, format_of, signed_by_somebody

ABOUT = "vitrine.generation"  # label of our own assertion
UNTRUSTED = "signingCredential.untrusted"  # of a signer that is on no list; said apart from what is broken
OFFLINE = {
    "verify": {"remote_manifest_fetch": False, "ocsp_fetch": False, "verify_after_sign": False, "verify_trust": True},
    "builder": {"thumbnail": {"enabled": False}},
}
PADDING = re.compile(rb"\x63pad(?:\x58(.)|\x59(..))", re.DOTALL)  # CBOR: key, byte string, its length
PRIVATE = ("stds.exif", "stds.iptc", "c2pa.metadata", "cawg.metadata")  # where a camera says place, owner and number
State = Literal["valid", "invalid", "none"]


@dataclass(frozen=True)
class Origin:
    """What a manifest says of a picture; `about` is our own assertion: models and adapters with hashes and licences.

    `sources`: the files that it was made from, the one that was changed first; a manifest of theirs is kept in ours.
    `source_type` None: nobody said how they came about.
    """

    source_type: SourceType | None
    about: Mapping[str, Any] = field(default_factory=dict)
    sources: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a reader finds; `ours`: whether the operator's own certificate signed it, `stamped`: the time that a time
    stamp service gave, `faults`: C2PA's codes."""

    state: State
    signer: str | None = None
    ours: bool = False
    generator: str | None = None
    about: Mapping[str, Any] | None = None
    ingredients: int = 0
    stamped: str | None = None
    faults: tuple[str, ...] = ()


def signed(content: bytes, origin: Origin, credential: Credential, stamps: str | None = None) -> bytes:
    """The file with its manifest; raises ProvenanceError. Any later change of a byte makes it invalid.

    `stamps`: address of a time stamp service (RFC 3161), which hears a hash of the signature and nothing else.
    """
    from c2pa import Builder, C2paError, C2paSignerInfo, C2paSigningAlg, Context, Settings, Signer

    found = format_of(content)
    if found is None:
        raise ProvenanceError("only JPEG, PNG, WebP and AVIF files are signed")
    out = BytesIO()
    try:
        with (
            Signer.from_info(C2paSignerInfo(C2paSigningAlg.ES256, credential.chain, credential.key, stamps)) as signer,
            Context(Settings.from_dict(OFFLINE)) as context,
            Builder(_definition(origin, found), context) as builder,
        ):
            for number, source in enumerate(origin.sources):
                builder.add_ingredient(_ingredient(number), str(format_of(source)), BytesIO(source))
            builder.sign(signer, found, BytesIO(content), out)
    except C2paError as error:
        raise ProvenanceError(f"the file cannot be signed: {str(error)[:200]}") from None
    return out.getvalue()


def read(content: bytes, anchor: bytes | None) -> Manifest:
    """What the file's manifest says; `anchor`: PEM of the certificate under which the operator signs."""
    from c2pa import C2paError

    try:
        found = _store(content, anchor)
    except C2paError as error:
        return Manifest("invalid", faults=(str(error)[:120],))
    return Manifest("none") if found is None else _seen(found, ("vitrine.padding",) if _padded(content) else ())


def _store(content: bytes, anchor: bytes | None) -> dict[str, Any] | None:
    """All manifests of a file, and what there is to say against them; None without one."""
    from c2pa import C2paError, Context, Reader, Settings

    settings = OFFLINE | ({"trust": {"user_anchors": anchor.decode()}} if anchor else {})
    try:
        with (
            Context(Settings.from_dict(settings)) as context,
            Reader(format_of(content), BytesIO(content), None, context) as reader,
        ):
            found: dict[str, Any] = json.loads(reader.json())
            return found
    except C2paError.ManifestNotFound:
        return None


def _definition(origin: Origin, found: str) -> dict[str, Any]:
    redacted = [address for source in origin.sources if signed_by_somebody(source) for address in _private(source)]
    return {
        "claim_generator_info": [{"name": "Vitrine", "version": version("vitrine")}],
        "format": found,
        "redactions": redacted,
        "assertions": [
            {"label": "c2pa.actions.v2", "data": {"actions": [*_actions(origin), *map(_redaction, redacted)]}},
            {"label": ABOUT, "data": dict(origin.about)},
        ],
    }


def _actions(origin: Origin) -> list[dict[str, Any]]:
    said = {"digitalSourceType": VOCABULARY + origin.source_type} if origin.source_type else {}
    if not origin.sources:
        return [{"action": "c2pa.created"} | said]
    opened = {"action": "c2pa.opened", "parameters": {"ingredientIds": [_ingredient(0)["label"]]}}
    return [opened, {"action": "c2pa.edited"} | said]


def _redaction(address: str) -> dict[str, Any]:
    return {"action": "c2pa.redacted", "reason": "c2pa.PII.present", "parameters": {"redacted": address}}


def _ingredient(number: int) -> dict[str, Any]:
    """The first one became the picture, the others were looked at."""
    name = f"source {number + 1}"
    return {"title": name, "label": name, "relationship": "inputTo" if number else "parentOf"}


def _private(source: bytes) -> list[str]:
    """Addresses of what the manifests in a file say of place, owner and camera, which we do not hand on."""
    return [
        f"self#jumbf=/c2pa/{name}/c2pa.assertions/{assertion['label']}"
        for name, manifest in (_store(source, None) or {}).get("manifests", {}).items()
        for assertion in manifest.get("assertions", ())
        if assertion["label"].startswith(PRIVATE)
    ]


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
        stamped=(active.get("signature_info") or {}).get("time"),
        faults=broken,
    )
