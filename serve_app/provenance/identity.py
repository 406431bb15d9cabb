"""The secrets of provenance: key of the mark, certificate and its key, from files that the environment names."""

import os
import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path

from serve_app.jobs.files import sync
from serve_app.provenance.certificate import Credential, development_chain
from serve_app.provenance.errors import ProvenanceError
from serve_app.settings import Environment

FOLDER = "provenance"  # in the data folder
MARK, CHAIN, KEY = "mark.key", "certificate.pem", "certificate.key"
KEY_BYTES = 32  # of the mark's key


@dataclass(frozen=True)
class Identity:
    """What an operator marks and signs with; `stamps`: address of a time stamp service."""

    mark_key: bytes
    credential: Credential
    stamps: str | None = None


def identity(environment: Environment, home: Path) -> Identity:
    """The operator's secrets, or a machine's own for development, made on first use; raises ProvenanceError.

    In production nothing is made, and a chain that was made for development is refused.
    """
    named = (environment.mark_key, environment.certificate, environment.certificate_key)
    if None in named[1:] and named[1:] != (None, None):
        raise ProvenanceError("VITRINE_CERTIFICATE and VITRINE_CERTIFICATE_KEY belong together; set both or none")
    if environment.profile == "production" and None in named:
        raise ProvenanceError(
            "in production VITRINE_MARK_KEY, VITRINE_CERTIFICATE and VITRINE_CERTIFICATE_KEY name files; set all three"
        )
    own = None if None not in named else _own(home / FOLDER)
    places = [given or (own or home) / name for given, name in zip(named, (MARK, CHAIN, KEY), strict=True)]
    mark_key, chain, key = map(_read, places)
    if len(mark_key) < KEY_BYTES:
        raise ProvenanceError(f"{places[0]}: {len(mark_key)} bytes; the mark's key has at least {KEY_BYTES}")
    credential = Credential.checked(chain, key)
    if environment.profile == "production" and credential.development:
        raise ProvenanceError(f"{places[1]} was made for development; production signs with a certificate of a CA")
    return Identity(mark_key, credential, environment.timestamps)


def known(environment: Environment, home: Path) -> Identity | None:
    """The same for who only reads: None where nothing was named and nothing was made yet."""
    named = (environment.mark_key, environment.certificate, environment.certificate_key)
    return identity(environment, home) if None not in named or (home / FOLDER).is_dir() else None


def _read(place: Path) -> bytes:
    try:
        return place.expanduser().read_bytes().strip()
    except OSError as error:
        raise ProvenanceError(f"cannot read {place}: {error.strerror}") from None


def _own(folder: Path) -> Path:
    """The machine's own secrets; of several processes that start at once, one makes them for all."""
    if folder.is_dir():
        return folder
    made = folder.with_name(f".{FOLDER}.{secrets.token_hex(8)}")
    made.mkdir(parents=True, mode=0o700)
    credential = development_chain()
    contents = {MARK: secrets.token_hex(KEY_BYTES).encode(), CHAIN: credential.chain, KEY: credential.key}
    for name, content in contents.items():
        with os.fdopen(os.open(made / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    try:
        made.rename(folder)
    except OSError:  # another process was first
        shutil.rmtree(made)
    sync(folder.parent)
    return folder
