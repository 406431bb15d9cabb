"""The folder of a run as the commands leave it: the article story's own records, and a file for every picture."""

import asyncio
import hashlib
from pathlib import Path
from typing import Any

from models.domain import Attributes, ExtractionOrder
from serve_app.catalogue.listing import Listing
from serve_app.runs.folder import RunFolder
from serve_app.stories.article import Options, photograph
from serve_app.stories.steps import Steps

SHIRT = Listing("Herren-T-Shirt", "Herren-T-Shirt mit Rundhals.", "T-Shirt", "r-neck,basic,dark blue,mel")
BLOUSE = Listing("Damen-Bluse", 'Bluse mit "V-Ausschnitt";\nkurz & <leicht>', "Bluse", "weiß")
COLOURLESS = Listing("Damen-Bluse", "Bluse mit V-Ausschnitt.", "Bluse", "S 03 Bluse")
HEADER = ("name", "description", "model_name", "model_descr")


async def _english(text: str) -> str:
    return f"en: {text}"


async def _nothing(order: ExtractionOrder) -> Attributes:
    return Attributes()


async def _undrawn(order: object) -> Any:
    raise AssertionError(f"a dry run asks for nothing drawn: {order!r}")


STEPS = Steps(_english, _nothing, _undrawn, _undrawn, _undrawn)


def records_of(listing: Listing, **options: Any) -> list[dict[str, Any]]:
    """What the story makes of a listing, up to the pictures; planned ones are then given a score."""
    outcomes = asyncio.run(photograph(listing, Options(dry_run=True, **options), STEPS, {"renderer": {"adapters": {}}}))
    records = [outcome.record.model_dump(mode="json") for outcome in outcomes]
    for record in records:
        if record["status"] == "planned":
            record |= {"status": "succeeded", "clip_score": 30.5, "score_10": 9.5}
            record["sha256"] = hashlib.sha256(record["article_id"].encode()).hexdigest()
    return records


def saved(root: Path, *records: dict[str, Any]) -> RunFolder:
    folder = RunFolder(root)
    folder.make()
    for record in records:
        folder.save(record, b"picture" if record["status"] == "succeeded" else None)
    return folder
