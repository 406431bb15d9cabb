"""A picture that was delivered, once more as the file that a marketplace takes."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from models.domain import Mask, Picture
from serve_app.catalogue.record import Record
from serve_app.conductor.stages import Owner
from serve_app.delivery.deliver import deliver
from serve_app.delivery.finish import FinishError
from serve_app.jobs.store import Placed, Store

Label = Callable[[bytes], bytes]


@dataclass(frozen=True)
class Offer:
    """For which profile, with which mask of the product; `label` says in an encoded file what it is."""

    profile: str
    mask: Mask
    label: Label


async def offered(store: Store, owner: Owner, record: Record, main: Picture, offer: Offer) -> Placed | None:
    """Stored, with its verdict in the record; None, and a note there, for a picture that shows no product.

    `main`: the picture as it was delivered, so that its mark goes along.
    """
    try:
        made = await asyncio.to_thread(deliver, main, offer.mask, offer.profile, offer.label)
    except FinishError as error:
        record.notes.append(f"delivery: {error}")
        return None
    record.delivery = made.delivery
    return await store.place(owner.tenant, owner.job, made.content, made.ending)
