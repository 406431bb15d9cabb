"""What both clients offer for picture files of the caller's own; every method raises VitrineClientError."""

from pathlib import Path

from . import routes
from .answers import Delivery, Report, Verification
from .async_wire import AsyncWire
from .wire import Wire

File = str | Path | bytes


class Files:
    """A file is a path or the bytes themselves; a mask is a picture of the same size, white where the product is."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def check(self, file: File, profile: str, *, mask: File | None = None, name: str | None = None) -> Report:
        """Every rule of a marketplace as the file keeps it; some marketplaces have rules for its `name` as well."""
        return self._wire.send(routes.check_file(file, profile, mask, name))

    def finish(self, file: File, profile: str, *, mask: File | None = None) -> Delivery:
        """The picture as the marketplace takes it, cut out, framed, sized, encoded and signed."""
        return self._wire.send(routes.finish_file(file, profile, mask))

    def verify(self, file: File) -> Verification:
        """Manifest, digital source type and mark, and whose delivered picture it is."""
        return self._wire.send(routes.verify_file(file))


class AsyncFiles:
    """A file is a path or the bytes themselves; a mask is a picture of the same size, white where the product is."""

    def __init__(self, wire: AsyncWire) -> None:
        self._wire = wire

    async def check(self, file: File, profile: str, *, mask: File | None = None, name: str | None = None) -> Report:
        """Every rule of a marketplace as the file keeps it; some marketplaces have rules for its `name` as well."""
        return await self._wire.send(routes.check_file(file, profile, mask, name))

    async def finish(self, file: File, profile: str, *, mask: File | None = None) -> Delivery:
        """The picture as the marketplace takes it, cut out, framed, sized, encoded and signed."""
        return await self._wire.send(routes.finish_file(file, profile, mask))

    async def verify(self, file: File) -> Verification:
        """Manifest, digital source type and mark, and whose delivered picture it is."""
        return await self._wire.send(routes.verify_file(file))
