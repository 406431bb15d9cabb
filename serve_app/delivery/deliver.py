"""A finished picture as a file for one marketplace, labelled, and what the marketplace's rules say of it."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from models.domain import Mask, Picture
from serve_app.delivery.checks import check
from serve_app.delivery.enlarging import Enlarged
from serve_app.delivery.finish import LastTouch, finish
from serve_app.delivery.profile import profile
from serve_app.delivery.ruling import Delivery
from serve_app.delivery.subject import read

ENDINGS = {"jpeg": "jpg"}  # where the ending of a name is not the format's own


@dataclass(frozen=True, eq=False)
class Delivered:
    """The file, the ending of its name, and what the record says of it."""

    content: bytes
    ending: str
    delivery: Delivery


def deliver(
    picture: Picture | Enlarged,
    mask: Mask,
    name: str,
    label: Callable[[bytes], bytes],
    touch: LastTouch | None = None,
) -> Delivered:
    """By the profile `name`; `label` says last in the file what it is. Raises FinishError without a product."""
    rules = profile(name)
    done = finish(picture, mask, rules, touch=touch)
    content = label(done.content)
    report = check(read(content, mask=done.mask), rules)
    digest, ending = hashlib.sha256(content).hexdigest(), ENDINGS.get(done.format, done.format)
    told = Delivery(
        **report.model_dump(),
        format=done.format,
        size=done.size,
        bytes=len(content),
        steps=done.steps,
        sha256=digest,
        url=f"/v1/pictures/{digest}.{ending}",
    )
    return Delivered(content, ending, told)
