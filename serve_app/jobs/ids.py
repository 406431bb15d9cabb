"""Ids that sort by time and say what they name."""

from typing import Literal

from ulid import ULID

Kind = Literal["job", "batch", "evt", "msg", "we", "key", "upload", "dec", "pub", "rep"]


def new_id(kind: Kind) -> str:
    """A fresh id such as `job_01kagv3s0c1d2x3y4z5a6b7c8d`."""
    return f"{kind}_{str(ULID()).lower()}"
