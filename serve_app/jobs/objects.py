"""Pictures and sheets as objects: in a folder, or in S3, Google Cloud Storage or Azure by their address.

A bucket's credentials come from the environment as its provider names them. For S3: `AWS_ACCESS_KEY_ID`,
`AWS_SECRET_ACCESS_KEY` and `AWS_REGION`, or the role of the machine; for a server that speaks S3 also
`AWS_ENDPOINT_URL`, and `AWS_ALLOW_HTTP=true` without TLS.
"""

import asyncio
import hashlib
import re
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import LocalStore, from_url

from models.errors import VitrineError
from serve_app.jobs.files import sync

KEY = re.compile(r"[a-z0-9_-]{1,64}/[a-z0-9_]{1,40}/[0-9a-f]{64}\.[a-z0-9]{1,5}")
PART = 8 * 1024**2  # bytes of a feed that are in memory at once
AGAIN_S = 10.0  # a bucket's request is begun again so long; obstore's 180 s would keep a client that could come back


class ObjectsError(VitrineError):
    """The object store did not answer, or a key is none of ours."""


class ObjectGoneError(ObjectsError):
    """There is no object under the key; the store did answer."""


class ObjectKeyError(ObjectsError):
    """A key that is none of ours; the store was not asked."""


class Objects:
    """Keys are tenant/ulid/sha256.ext, never a user's text; an object is written once and never changed.

    On S3 that is `If-None-Match: *`. A server that does not know it writes the same content again, as the key says.
    """

    def __init__(self, store: Any, folder: Path | None = None) -> None:
        self._store, self._folder = store, folder

    @classmethod
    def open(cls, place: str | Path) -> "Objects":
        """`place`: a folder, or `s3://bucket/prefix`, `gs://...`, `az://...`."""
        if isinstance(place, str) and "://" in place:
            return cls(from_url(place, retry_config={"retry_timeout": timedelta(seconds=AGAIN_S)}))
        folder = Path(place)
        folder.mkdir(parents=True, exist_ok=True)
        return cls(LocalStore(folder), folder)

    async def put(self, tenant: str, owner: str, content: bytes, ext: str, settled: bool = True) -> tuple[str, str]:
        """Key and SHA-256 of a stored object; the same content of the same owner is stored once.

        `settled` False: a power cut may take it along, which saves a folder's slow fsync for what can be made again.
        """
        digest = hashlib.sha256(content).hexdigest()
        key = f"{tenant}/{owner}/{digest}.{ext}"
        if not KEY.fullmatch(key):
            raise ObjectKeyError(f"{key!r} is no key of an object: tenant/ulid/sha256.ext in small letters")
        try:
            await obstore.put_async(self._store, key, content, mode="create")
        except AlreadyExistsError:
            pass  # perhaps not settled by then
        except (FileNotFoundError, BaseError) as error:  # no bucket, or no answer
            raise ObjectsError(f"cannot store {key}: {_short(error)}") from None
        if settled:
            await self.settle(key)
        return key, digest

    async def settle(self, key: str) -> None:
        """Until a stored object outlives a power cut."""
        if self._folder is None:
            return
        try:
            await asyncio.to_thread(self._settle, self._folder / key)
        except OSError as error:  # a disk that has no room may say so only now
            raise ObjectsError(f"cannot store {key}: {_short(error)}") from None

    async def get(self, key: str) -> bytes | None:
        """The object's bytes; None for one that is not there."""
        if not KEY.fullmatch(key):
            return None
        try:
            found = await obstore.get_async(self._store, key)
            return bytes(await found.bytes_async())
        except FileNotFoundError:
            return None
        except BaseError as error:
            raise ObjectsError(f"cannot read {key}: {_short(error)}") from None

    async def stream(self, key: str) -> AsyncIterator[bytes]:
        """The object in parts, for what does not fit into memory; raises ObjectGoneError when it is not there."""
        try:
            found = await obstore.get_async(self._store, key)
            async for part in found.stream(min_chunk_size=PART):
                yield bytes(part)
        except FileNotFoundError:
            raise ObjectGoneError(f"there is no object {key}") from None
        except BaseError as error:
            raise ObjectsError(f"cannot read {key}: {_short(error)}") from None

    async def delete(self, keys: Sequence[str]) -> None:
        """Forgets objects that nothing refers to; one that is not there is none."""
        for key in keys:
            try:
                await obstore.delete_async(self._store, key)
            except FileNotFoundError:
                continue
            except BaseError as error:
                raise ObjectsError(f"cannot remove {key}: {_short(error)}") from None

    @staticmethod
    def _settle(file: Path) -> None:
        for path in (file, file.parent, file.parent.parent):
            sync(path)


def _short(error: BaseException) -> str:
    return str(error).strip().splitlines()[0][:200]
