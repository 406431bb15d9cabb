"""Pictures of a prompt as files that say what they are: marked, encoded as they were asked for, tagged and signed."""

import asyncio
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from models.domain import Mask, Picture
from serve_app.catalogue.finishing import png
from serve_app.catalogue.framing import resized_mask
from serve_app.conductor.stages import Owner, digests
from serve_app.delivery.deliver import ENDINGS
from serve_app.delivery.profile import Format
from serve_app.jobs.objects import ObjectGoneError
from serve_app.jobs.store import Placed, Store
from serve_app.provenance.manifest import Origin
from serve_app.provenance.seal import Seal, Sealed, adapters_in
from serve_app.stories.house import House, adapters_of
from serve_app.stories.image import ImageOrder


@dataclass(frozen=True)
class Drawn:
    """What was asked for, as the job says it and as an order, and by which models (role -> facts)."""

    asked: dict[str, Any]
    order: ImageOrder
    models: dict[str, Any]

    @property
    def form(self) -> tuple[Format, int]:
        """Format and quality; jobs of an earlier version name none."""
        form, quality = self.asked.get("output", ("png", 100))
        return form, quality

    @property
    def origin(self) -> Origin:
        """Without the files that an edit was made from."""
        order = self.order
        role = "renderer" if order.retouch is None else "retoucher"
        chosen = adapters_of(order.adapter) if order.adapter else ()
        about = {"models": {role: House.of(self.models).models[role]}, "adapters": adapters_in(chosen, self.models)}
        edited = order.original is not None
        return Origin("compositeWithTrainedAlgorithmicMedia" if edited else "trainedAlgorithmicMedia", about)

    def reference(self, tenant: str) -> str:
        """The same for an order that is sent again, in another format too, so that it gives the same pixels."""
        asked = {name: value for name, value in self.asked.items() if name not in ("output", "original")}
        original = self.asked.get("original") or {}
        # Pictures are told by their hashes, whatever came with them.
        named = {name: value for name, value in original.items() if name != "signed"}
        whole = json.dumps([tenant, asked, named, digests(self.models)], sort_keys=True)
        return hashlib.sha256(whole.encode()).hexdigest()


async def placed(store: Store, seal: Seal | None, owner: Owner, drawn: Drawn, shown: Sequence[Picture]) -> list[Placed]:
    """Each picture's file in the object store; saving them is the caller's."""
    if seal is None:
        plain = [await asyncio.to_thread(png, one.pixels) for one in shown]
        return [await store.place(owner.tenant, owner.job, content) for content in plain]
    origin = replace(drawn.origin, sources=await _sources(store, owner.tenant, drawn.asked.get("original")))
    reference, ending = drawn.reference(owner.tenant), ENDINGS.get(drawn.form[0], drawn.form[0])
    found = []
    for number, one in enumerate(shown):
        sealed = await asyncio.to_thread(_sealed, seal, one, f"{reference} {number}", drawn, origin)
        place = await store.place(owner.tenant, owner.job, sealed.content, ending)
        found.append(replace(place, mark=sealed.mark, look=sealed.look))
    return found


def _sealed(seal: Seal, one: Picture, reference: str, drawn: Drawn, origin: Origin) -> Sealed:
    """An edit is marked where it changed: what its mask kept stays as it came."""
    original, (form, quality) = drawn.order.original, drawn.form
    mask = None if original is None else original.mask
    changed = None if mask is None else Mask(resized_mask(mask, one.size), 1.0)
    return seal.picture(seal.marked(one.pixels, reference, changed), origin, form, quality)


async def _sources(store: Store, tenant: str, original: dict[str, Any] | None) -> tuple[bytes, ...]:
    """The pictures of an edit: the file that came where it was signed, else what was kept of it."""
    if original is None:
        return ()
    signed = original.get("signed") or [None] * len(original["pictures"])
    return tuple([await _source(store, tenant, *each) for each in zip(original["pictures"], signed, strict=True)])


async def _source(store: Store, tenant: str, digest: str, signed: str | None) -> bytes:
    content = await (store.picture(tenant, digest) if signed is None else store.objects.get(signed))
    if content is None:
        raise ObjectGoneError(f"there is no picture {digest} any more; send the request again")
    return content
