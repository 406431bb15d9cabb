"""What both clients send for picture files, and how they read what comes back."""

from pathlib import Path

import httpx
import pytest
from either import Either

from serve_app.client import VitrineClientError

BROKEN = {"rule": "min_px", "state": "fail", "level": "required"}
ADVISED = {"rule": "fill", "state": "fail", "level": "advised"}
REPORT = {"profile": "zalando", "passes": False, "rulings": [BROKEN, ADVISED]}
MADE = REPORT | {"format": "jpeg", "size": [762, 1100], "bytes": 9, "sha256": "ab", "url": "/v1/pictures/ab.jpg"}


def test_a_file_is_sent_with_its_name_and_profile_and_again_after_a_lost_connection(
    either: Either, tmp_path: Path
) -> None:
    path = tmp_path / "hemd.png"
    path.write_bytes(b"picture")
    either.give(httpx.ReadError("broken"), httpx.Response(200, json=REPORT))
    found = either("files.check", path, "zalando")
    for request in either.asked:
        assert request.url.path == "/v1/check"
        assert b'name="file"; filename="hemd.png"' in request.content
        assert b"picture" in request.content
        assert b"zalando" in request.content
    assert len(either.asked) == 2
    assert (found.profile, found.failed) == ("zalando", [BROKEN])


def test_bytes_and_a_mask_are_files_of_one_form(either: Either) -> None:
    either.give(httpx.Response(200, json=MADE))
    made = either("files.finish", b"picture", "zalando", mask=b"white")
    (request,) = either.asked
    assert request.url.path == "/v1/finish"
    assert b'name="file"' in request.content
    assert b'name="mask"' in request.content
    assert (made.url, made.size, made.passes) == ("/v1/pictures/ab.jpg", [762, 1100], False)


def test_what_a_file_says_of_itself_is_typed(either: Either) -> None:
    manifest = {"state": "absent", "ours": False}
    either.give(httpx.Response(200, json={"sha256": "ab", "manifest": manifest, "registry": {"same": None}}))
    found = either("files.verify", b"picture")
    assert either.asked[0].url.path == "/v1/verify"
    assert (found.manifest, found.mark, found.registry) == (manifest, None, {"same": None})


def test_a_file_that_is_not_there_is_named(either: Either, tmp_path: Path) -> None:
    with pytest.raises(VitrineClientError, match=r"cannot read .*none\.png: No such file"):
        either("files.verify", tmp_path / "none.png")
    assert not either.asked
