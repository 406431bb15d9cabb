"""Secrets are made for development, once and for nobody else to read; production makes none."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from settings_of import development

from serve_app.provenance.certificate import development_chain
from serve_app.provenance.errors import ProvenanceError
from serve_app.provenance.identity import CHAIN, FOLDER, KEY, MARK, identity, known


def written(folder: Path) -> dict[str, Path]:
    """An operator's files, under the names of their settings; the chain is one for development."""
    credential = development_chain()
    files = {"mark_key": b"m" * 32, "certificate": credential.chain, "certificate_key": credential.key}
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return {name: folder / name for name in files}


def test_a_machine_makes_its_secrets_once_and_only_its_owner_reads_them(tmp_path: Path) -> None:
    assert known(development(), tmp_path) is None
    first = identity(development(), tmp_path)
    assert identity(development(), tmp_path) == first == known(development(), tmp_path)
    assert first.credential.development
    for name in (MARK, CHAIN, KEY):
        assert stat.S_IMODE((tmp_path / FOLDER / name).stat().st_mode) == 0o600, name


def test_processes_that_start_at_once_share_one_identity(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: identity(development(), tmp_path).mark_key, range(8)))
    assert len(set(made)) == 1
    assert [path.name for path in tmp_path.iterdir()] == [FOLDER]


def test_files_that_the_environment_names_come_first(tmp_path: Path) -> None:
    named = written(tmp_path)
    found = identity(development(**named), tmp_path / "home")
    assert (found.mark_key, found.credential.chain) == (b"m" * 32, named["certificate"].read_bytes().strip())
    assert not (tmp_path / "home").exists()


def test_production_makes_nothing_and_refuses_a_development_chain(tmp_path: Path) -> None:
    with pytest.raises(ProvenanceError, match="set all three"):
        identity(development(profile="production"), tmp_path)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(ProvenanceError, match="made for development"):
        identity(development(profile="production", **written(tmp_path)), tmp_path)


@pytest.mark.parametrize(
    ("setting", "content", "said"),
    [
        ("mark_key", b"short", "5 bytes"),
        ("certificate", b"no certificate", "no PEM"),
        ("certificate_key", development_chain().key, "not that of the certificate"),
    ],
)
def test_a_secret_that_cannot_be_used_is_named(setting: str, content: bytes, said: str, tmp_path: Path) -> None:
    named = written(tmp_path)
    named[setting].write_bytes(content)
    with pytest.raises(ProvenanceError, match=said):
        identity(development(**named), tmp_path)


def test_a_certificate_without_its_key_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ProvenanceError, match="belong together"):
        identity(development(certificate=written(tmp_path)["certificate"]), tmp_path)
    with pytest.raises(ProvenanceError, match="cannot read"):
        identity(development(**written(tmp_path) | {"mark_key": tmp_path / "gone"}), tmp_path)
