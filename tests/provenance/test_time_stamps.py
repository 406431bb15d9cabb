"""Where an operator names a time stamp service, signed files carry its stamp; a service that is away costs no file."""

import datetime as dt
import shutil
import socket
import time
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import ValidationError
from settings_of import development
from time_stamps import stamping

from loadtests.attacks import garment
from serve_app.catalogue.finishing import png
from serve_app.provenance.identity import Identity, identity
from serve_app.provenance.manifest import Origin, read
from serve_app.provenance.seal import REST_S, Seal
from serve_app.settings import Environment

ORIGIN = Origin("trainedAlgorithmicMedia", {"article": "a1"})


@pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl; on Debian: apt-get install openssl")
def test_a_signed_file_carries_the_stamp_of_the_operators_service(own: Identity, tmp_path: Path) -> None:
    with stamping(tmp_path) as (address, heard):
        content = Seal(replace(own, stamps=address)).labelled(png(garment(1, 256)), ORIGIN)
    found = read(content, own.credential.anchor)
    assert (found.state, found.ours, found.faults) == ("valid", True, ())
    assert found.stamped is not None
    assert abs(dt.datetime.fromisoformat(found.stamped) - dt.datetime.now(dt.UTC)) < dt.timedelta(minutes=5)
    assert len(heard) == 1
    assert len(heard[0]) < 200, "a hash and no more"


def test_without_a_service_nobody_is_asked_and_there_is_no_stamp(own: Identity) -> None:
    assert own.stamps is None
    found = read(Seal(own).labelled(png(garment(1, 256)), ORIGIN), own.credential.anchor)
    assert (found.state, found.stamped) == ("valid", None)


def test_a_service_that_does_not_answer_costs_the_stamp_and_not_the_file(
    own: Identity, caplog: pytest.LogCaptureFixture
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"http://127.0.0.1:{taken.getsockname()[1]}/stamp"
    content = Seal(replace(own, stamps=address)).labelled(png(garment(1, 256)), ORIGIN)
    assert read(content, own.credential.anchor).state == "valid"
    assert address in caplog.text


@pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl; on Debian: apt-get install openssl")
def test_a_service_that_failed_is_left_alone_for_a_while(
    own: Identity, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with stamping(tmp_path) as (address, heard):
        seal = Seal(replace(own, stamps=address))
        with monkeypatch.context() as broken:
            broken.setattr("time_stamps._stamped", lambda *_: b"no reply")
            seal.labelled(png(garment(1, 256)), ORIGIN)
        assert read(seal.labelled(png(garment(2, 256)), ORIGIN), own.credential.anchor).stamped is None
        assert len(heard) == 1, "the second file waited for it as well"
        now = time.monotonic()
        monkeypatch.setattr("serve_app.provenance.seal.time.monotonic", lambda: now + REST_S)
        assert read(seal.labelled(png(garment(3, 256)), ORIGIN), own.credential.anchor).stamped is not None


def test_the_address_comes_from_the_environment_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert (
        identity(development(timestamps="https://stamps.example/tsr"), tmp_path).stamps == "https://stamps.example/tsr"
    )
    monkeypatch.setenv("VITRINE_TIMESTAMPS", "ftp://stamps.example")
    with pytest.raises(ValidationError, match="timestamps"):
        Environment()
