"""What forms with files have in common: whose turn it is to be decoded, and what is wrong with a file as a problem."""

import asyncio
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar

from fastapi import Request
from starlette.datastructures import FormData, UploadFile

from serve_app.api.errors import ProblemError
from serve_app.uploads import PictureError, limits

WORKING = asyncio.Semaphore(4)  # requests that hold a file or a decoded picture; the others wait with theirs on disk
# Two decoders, whatever becomes of who asked: one whose client has left ends in its thread and holds no other's place.
DECODERS = ThreadPoolExecutor(2, thread_name_prefix="decode")
Done = TypeVar("Done")


async def in_turn(work: Callable[..., Done], *given: Any) -> Done:
    """In a decoder's thread."""
    return await asyncio.get_running_loop().run_in_executor(DECODERS, work, *given)


def multipart(request: Request, what: str) -> None:
    """Raises ProblemError for another kind of body; `what` the form is to hold."""
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise ProblemError("invalid_request", f"send a multipart form with {what}", "invalid_form")


def once(form: FormData, several: Collection[str] = ()) -> None:
    """Raises ProblemError where a field is given twice that is none of `several`: which one counts would be a guess."""
    for name, count in Counter(name for name, _ in form.multi_items()).items():
        if count > 1 and name not in several:
            said = f"{name[:80]!r} is given {count} times; once"
            raise ProblemError("invalid_request", said, "invalid_value", name[:80])


def file_of(name: str, sent: Any) -> UploadFile:
    """The file of a field; raises ProblemError for a text and for one that is too large."""
    if not isinstance(sent, UploadFile):
        raise ProblemError("invalid_request", f"{name}: send a file, not a text", "invalid_value", name)
    if (sent.size or 0) > limits.FILE_BYTES:
        said = f"{name}: {sent.size} bytes, at most {limits.FILE_BYTES >> 20} MB are read"
        raise ProblemError("too_large", said, "too_large", name)
    return sent


@contextmanager
def readable(name: str) -> Iterator[None]:
    """What makes the picture of a field unreadable, as a problem."""
    try:
        yield
    except PictureError as wrong:
        kind = "too_large" if wrong.code == "too_large" else "invalid_request"
        raise ProblemError(kind, f"{name}: {wrong}", wrong.code, name) from None
