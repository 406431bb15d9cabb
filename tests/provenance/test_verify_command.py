"""`vitrine verify` says of a file what its layers say, without any service."""

import json
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from settings_of import development

from loadtests.attacks import garment
from serve_app.cli import app
from serve_app.provenance.identity import identity
from serve_app.provenance.manifest import Origin
from serve_app.provenance.seal import Seal, payload_of


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("MARK_KEY", "CERTIFICATE", "CERTIFICATE_KEY", "PROFILE", "DATABASE_URL"):
        monkeypatch.delenv(f"VITRINE_{name}", raising=False)
    return tmp_path / "home"


@pytest.fixture
def picture(home: Path, tmp_path: Path) -> Path:
    sealed = Seal(identity(development(), home)).article(garment(5, 256), "an order", Origin("trainedAlgorithmicMedia"))
    place = tmp_path / "picture.png"
    place.write_bytes(sealed.content)
    return place


def called(*arguments: str | Path) -> int:
    with pytest.raises(SystemExit) as ended:
        app(["verify", *map(str, arguments)])
    assert isinstance(ended.value.code, int)
    return ended.value.code


def test_a_signed_file_is_told_in_words_and_as_json(
    picture: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert called(picture, "--home", home) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "manifest     valid, signed by Vitrine (ours)"
    assert said[1].endswith("trainedAlgorithmicMedia")
    assert called(picture, "--home", home, "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["manifest"]["state"], found["mark"]["payload"]) == ("valid", f"{payload_of('an order'):011x}")
    assert found["registry"] is None, "there is no store in the data folder"


def test_a_changed_file_and_one_that_says_nothing_end_with_1(
    picture: Path, home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plain = BytesIO()
    Image.fromarray(garment(6, 256)).save(plain, "JPEG")
    (tmp_path / "plain.jpg").write_bytes(plain.getvalue())
    assert called(tmp_path / "plain.jpg", "--home", home) == 1
    assert capsys.readouterr().out.splitlines() == ["manifest     none", "source type  none", "mark         none"]
    assert called(tmp_path / "gone.png", "--home", home) == 2
    assert "cannot read" in capsys.readouterr().err


def test_without_a_data_folder_a_manifest_is_read_and_nothing_is_made(
    picture: Path, tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert called(picture, "--home", tmp_path / "elsewhere") == 0
    assert capsys.readouterr().out.startswith("manifest     valid, signed by Vitrine\n")
    assert not (tmp_path / "elsewhere").exists()


def test_a_picture_in_the_folder_of_a_run_is_read_by_the_key_of_that_run(
    tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = tmp_path / "run"
    seal = Seal(identity(development(), run / ".state"))
    sealed = seal.article(garment(5, 256), "an order", Origin("trainedAlgorithmicMedia"))
    place = run / "pictures" / "one.png"
    place.parent.mkdir()
    place.write_bytes(sealed.content)
    assert called(place) == 0
    assert "signed by Vitrine (ours)" in capsys.readouterr().out
