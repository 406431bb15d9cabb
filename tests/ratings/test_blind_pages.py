"""Nothing of a rating page but the pictures themselves says where they come from."""

import io
import json
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from models.errors import VitrineError
from serve_app.ratings import GENERATED, PHOTO
from serve_app.ratings.blind import Found, Hidden, Key, alike, blinded, chosen, generated, photographs
from serve_app.ratings.page import WORDS, page


def picture(size: tuple[int, int], colour: str = "navy") -> Image.Image:
    made = Image.new("RGB", size, "white")
    made.paste(colour, (size[0] // 4, size[1] // 4, size[0] * 3 // 4, size[1] * 3 // 4))
    return made


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run of four pictures and one article without."""
    folder = tmp_path / "run"
    (folder / "pictures").mkdir(parents=True)
    (folder / "records").mkdir()
    for number in range(5):
        name = f"{number:016x}"
        record = {
            "article_id": name, "source": {"name": f"Hemd {number}", "description": "langarm"}, "sha256": name * 4,
            "clip_score": 70.0 + number, "score_10": 10.0 - number,
            "verdict": {"colours": {"state": "fail" if number == 3 else "pass"}},
        }  # fmt: skip
        if number < 4:
            record["image_path"] = f"pictures/{name}.png"
            picture((64, 64), "navy").save(folder / "pictures" / f"{name}.png")
        (folder / "records" / f"{name}.json").write_text(json.dumps(record), "utf-8")
    return folder


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    for number in range(3):
        exif = Image.Exif()
        exif[0x010F] = "Camera"
        picture((120, 150), "red").save(folder / f"red-{number}.jpg", exif=exif)
    return folder


def test_what_a_run_drew_is_found_with_what_is_hidden_of_it(run: Path) -> None:
    found = generated([run])
    assert len(found) == 4
    assert found[0].text == "Hemd 0\nlangarm"
    assert [one.hidden.passed for one in found] == [True, True, True, False]
    assert (found[2].hidden.clip_score, found[2].hidden.score_10, found[2].hidden.origin) == (72.0, 8.0, GENERATED)


def test_all_pictures_have_one_size_one_format_and_no_metadata(run: Path, photos: Path) -> None:
    _, shown = blinded([*generated([run]), *photographs(photos)], 0)
    opened = [Image.open(io.BytesIO(one.content)) for one in shown]
    assert {(one.format, one.size, one.mode) for one in opened} == {("WEBP", (64, 64), "RGB")}
    assert not any(one.getexif() or "xmp" in one.info for one in opened)


def test_the_page_says_nothing_of_origin_name_or_score(run: Path, photos: Path) -> None:
    key, shown = blinded([*generated([run]), *photographs(photos)], 0)
    text = re.sub(r"data:image/webp;base64,[^\"]*", "", page(key.page, shown))
    hidden = [one for entry in key.pictures.values() for one in (entry.name, entry.sha256)]
    assert not [one for one in hidden if one in text]
    forms = [re.sub(r'data-id="\d+"|Picture \d+', "", form) for form in re.findall(r"<form.*?</form>", text, re.DOTALL)]
    assert (len(forms), len(set(forms))) == (7, 1)


def test_texts_are_shown_only_where_every_picture_has_one(run: Path, photos: Path) -> None:
    _, mixed = blinded([*generated([run]), *photographs(photos)], 0)
    assert not any(one.text for one in mixed)
    (photos / "texts.csv").write_text(
        "file,text\n" + "".join(f"red-{number}.jpg,Rotes Hemd\n" for number in range(3)), "utf-8"
    )
    key, whole = blinded([*generated([run]), *photographs(photos)], 0)
    assert all(one.text for one in whole)
    assert page(key.page, whole).count("Rotes Hemd") == 3
    _, alone = blinded(generated([run]), 0)
    assert all(one.text for one in alone)


@pytest.mark.parametrize(
    ("made", "photographed", "most", "expected"),
    [(40, 40, 20, (10, 10)), (4, 40, 20, (4, 16)), (40, 3, 20, (17, 3)), (40, 0, 20, (20, 0)), (2, 3, 20, (2, 3))],
)
def test_half_are_photographs_where_there_are_enough(
    made: int, photographed: int, most: int, expected: tuple[int, int]
) -> None:
    def some(count: int, origin: str) -> list[Found]:
        hidden = [Hidden.model_validate({"origin": origin, "name": str(n), "sha256": str(n)}) for n in range(count)]
        return [Found(Path("x"), "", one) for one in hidden]

    picked = [one.hidden.origin for one in chosen(some(made, GENERATED), some(photographed, PHOTO), most, 1)]
    assert (picked.count(GENERATED), picked.count(PHOTO)) == expected


def test_the_same_seed_makes_the_same_page(run: Path, photos: Path) -> None:
    def made(seed: int) -> Key:
        return blinded(chosen(generated([run]), photographs(photos), 6, seed), seed)[0]

    assert made(1) == made(1)
    assert made(1) != made(2)


def test_a_picture_keeps_its_shape_on_white() -> None:
    square = np.asarray(Image.open(io.BytesIO(alike(picture((100, 50)), 50))))
    assert square.shape == (50, 50, 3)
    assert (square[:10] > 250).all()
    assert square[25, 25, 2] > square[25, 25, 0] + 60


def test_a_picture_without_ground_stands_on_white(tmp_path: Path) -> None:
    folder = tmp_path / "cut"
    folder.mkdir()
    Image.new("RGBA", (40, 40), (0, 0, 0, 0)).save(folder / "cut.png")
    _, (shown,) = blinded(photographs(folder), 0)
    assert np.asarray(Image.open(io.BytesIO(shown.content))).min() > 250


@pytest.mark.parametrize("language", ["en", "de"])
def test_a_page_is_in_its_language_and_fetches_nothing(language: str, run: Path) -> None:
    key, shown = blinded(generated([run]), 0)
    text = page(key.page, shown, language)
    assert all(
        word in text for name, word in WORDS[language].items() if name not in ("rating", "title") and "'" not in word
    )
    assert "default-src 'none'" in text
    assert not re.search(r"(src|href)=\"(?!data:)", text)


def test_both_languages_have_the_same_words() -> None:
    assert WORDS["en"].keys() == WORDS["de"].keys()


def test_an_empty_folder_holds_no_photographs(tmp_path: Path) -> None:
    with pytest.raises(VitrineError, match="holds no photographs"):
        photographs(tmp_path)


def test_a_file_that_is_no_picture_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"no picture")
    with pytest.raises(VitrineError, match=r"a\.jpg is no picture that can be read"):
        blinded(photographs(tmp_path), 0)


def test_texts_need_their_columns(photos: Path) -> None:
    (photos / "texts.csv").write_text("name,words\n", "utf-8")
    with pytest.raises(VitrineError, match=r"texts\.csv needs the columns file and text"):
        photographs(photos)


def test_a_folder_without_pictures_is_no_run(tmp_path: Path) -> None:
    with pytest.raises(VitrineError, match="holds no pictures"):
        generated([tmp_path])
