"""Records become items on offer: one for every picture and every row of the sheet that sells it."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from serve_app.exports.offers import Offer, Offers, Price, price
from serve_app.exports.sources import Group


@dataclass(frozen=True, slots=True)
class Choice:
    """Which records leave, and how they speak.

    `base_url`: where the folder of `pictures` is published; `currency`: of prices that name none; `translated`: titles
    and descriptions in English, as the models wrote them; `min_score`: pictures below it stay.
    """

    base_url: str = ""
    currency: str = ""
    translated: bool = False
    min_score: float | None = None


@dataclass(frozen=True, slots=True)
class File:
    """A picture as it leaves: below the published folder, with the hash of its bytes."""

    path: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Item:
    """`group` is shared by the variants of an article, `options` tell them apart: none for an article without variants.

    `machine_made`: title and description come from the models; else they are the seller's words.
    """

    id: str
    group: str
    options: tuple[tuple[str, str], ...]
    title: str
    description: str
    machine_made: bool
    picture: File
    image_link: str
    price: Price | None
    offer: Offer
    record: dict[str, Any]

    @property
    def attributes(self) -> dict[str, Any]:
        found: dict[str, Any] = self.record["attributes"]
        return found

    @property
    def colours(self) -> list[str]:
        """Colours of the garment, its own first; those of a print are none."""
        order = ("base", "unknown", "contrast", "layer")
        worn = [colour for colour in self.attributes.get("colours", []) if colour["role"] in order]
        return list(dict.fromkeys(c["value"] for c in sorted(worn, key=lambda colour: order.index(colour["role"]))))


def items(groups: Iterable[Group], offers: Offers, choice: Choice, left_out: Counter[str]) -> Iterator[Item]:
    """The variants of an article together. `left_out` counts the records that do not leave, by the reason."""
    for article, records in groups:
        reasons = [_stays(record, choice.min_score) for record in records]
        left_out.update(reason for reason in reasons if reason)
        drawn = [record for record, reason in zip(records, reasons, strict=True) if record and not reason]
        yield from _variants(article, drawn, offers.get(article, (Offer(),)), choice)


def _stays(record: dict[str, Any] | None, min_score: float | None) -> str:
    """Why a record does not leave; empty when it does."""
    if record is None:
        return "damaged"
    if record["status"] != "succeeded":
        return str(record["status"])
    return f"score below {min_score}" if min_score is not None and (record["score_10"] or 0.0) < min_score else ""


def _variants(
    article: str, records: Sequence[dict[str, Any]], offers: Sequence[Offer], choice: Choice
) -> Iterator[Item]:
    sold = [(record, number, offer) for record in records for number, offer in enumerate(offers, 1)]
    ids = [_id(article, *each) for each in sold]
    told = _apart([(record["article_id"].removeprefix(article), offer.size) for record, _, offer in sold], ids)
    for name, options, (record, _, offer) in zip(ids, told, sold, strict=True):
        title, description = _words(record, choice.translated)
        picture = _picture(record)
        yield Item(
            id=name,
            group=article,
            options=options,
            title=title,
            description=description,
            machine_made=choice.translated,
            picture=picture,
            image_link=f"{choice.base_url.rstrip('/')}/{quote(picture.path)}" if choice.base_url else "",
            price=price(offer.price, choice.currency) if offer.price else None,
            offer=offer,
            record=record,
        )


def _picture(record: dict[str, Any]) -> File:
    """The file that was finished for a marketplace where there is one."""
    delivered = record.get("delivery") or {}
    if delivered.get("path"):
        return File(delivered["path"], delivered["sha256"])
    return File(record["image_path"], record["sha256"])


def _id(article: str, record: dict[str, Any], number: int, offer: Offer) -> str:
    """The seller's own id, with the colour where there are several; else the record's, with a number from 2 on."""
    way: str = record["article_id"].removeprefix(article)
    if offer.id:
        return f"{offer.id}{way}"
    return f"{article}{way}" if number == 1 else f"{article}{way}-{number}"


def _apart(axes: list[tuple[str, str]], ids: list[str]) -> list[tuple[tuple[str, str], ...]]:
    """What tells each variant from the others: colour, size, or the id where these do not."""
    columns = {"Color": [way.strip("-").replace("-", " ") for way, _ in axes], "Size": [size for _, size in axes]}
    differ = {name: values for name, values in columns.items() if len(set(values)) > 1}
    if len(set(zip(*differ.values(), strict=True))) < len(ids) and len(ids) > 1:
        differ["Article"] = ids
    return [tuple(zip(differ, values, strict=True)) for values in zip(*differ.values(), strict=True)] or [()] * len(ids)


def _words(record: dict[str, Any], translated: bool) -> tuple[str, str]:
    """Title and description."""
    if translated:
        title = record["clip_prompt"].removeprefix("a ").removeprefix("an ")
        return title[:1].upper() + title[1:], record["translation"]
    name, description = record["source"]["name"], record["source"]["description"]
    return name or description, description or name
