"""A picture that was delivered, once more as the file that a marketplace takes."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace

from models.domain import Mask
from serve_app.catalogue.record import Record
from serve_app.conductor.stages import Owner
from serve_app.delivery.deliver import deliver
from serve_app.delivery.enlarging import Enlarged
from serve_app.delivery.finish import FinishError
from serve_app.jobs.store import Placed, Store
from serve_app.provenance.seal import UNMARKED, Touch

Label = Callable[[bytes], bytes]


@dataclass(frozen=True)
class Offer:
    """For which profile, with which mask of the product; `touch` marks a picture, `label` says in a file what it is."""

    profile: str
    mask: Mask
    label: Label
    touch: Touch | None = None


async def offered(store: Store, owner: Owner, record: Record, main: Enlarged, offer: Offer) -> Placed | None:
    """Stored, with its verdict in the record; None, and a note there, for a picture that shows no product.

    `main`: the picture without a mark, for the file carries one of its own size.
    """
    try:
        made = await asyncio.to_thread(deliver, main, offer.mask, offer.profile, offer.label, offer.touch)
    except FinishError as error:
        record.notes.append(f"delivery: {error}")
        return None
    record.delivery = made.delivery
    placed = await store.place(owner.tenant, owner.job, made.content, made.ending)
    shown = None if offer.touch is None else offer.touch.last
    if shown is None:
        return placed
    if shown.mark is None:
        record.notes.append(f"delivery: {UNMARKED}")
    return replace(placed, mark=shown.mark, look=shown.look)
