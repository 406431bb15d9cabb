"""The quote of a dry run: what its articles would take, and what that rests on."""

from serve_app.api.batch_schemas import Quote
from serve_app.batches.batches import Batch
from serve_app.batches.quote import Pace, Planned, recent_pace
from serve_app.jobs.database import Database
from serve_app.settings import Environment


async def quotes(database: Database, batches: list[Batch]) -> dict[str, Quote]:
    """Batch -> quote, of those that are dry runs."""
    dry = [batch for batch in batches if batch.dry_run]
    if not dry:
        return {}
    lately = await recent_pace(database)
    return {batch.id: quote(batch, lately, Environment()) for batch in dry}


def quote(batch: Batch, lately: Pace, environment: Environment) -> Quote:
    """What was planned so far, times the candidates, by the pace of late and the price of a picture."""
    planned, price = Planned(**(batch.planned or {})), environment.eur_per_picture
    pictures = planned.pictures * int(batch.options["candidates"])
    return Quote(
        rows=batch.taken - batch.open,
        articles=planned.articles,
        pictures=pictures,
        seconds=round(pictures * lately.seconds / lately.pictures, 1) if lately.pictures else None,
        cost_eur=round(pictures * price, 4),
        basis=[_of_seconds(lately), _of_cost(price, "eur_per_picture" in environment.model_fields_set)],
    )


def _of_seconds(lately: Pace) -> str:
    if not lately.pictures:
        return "seconds: unknown, for no article was drawn here yet"
    return f"seconds: {lately.seconds / lately.pictures:.2g} s a picture, as articles were drawn here lately"


def _of_cost(price: float, stated: bool) -> str:
    if stated:
        return f"cost_eur: {price:g} EUR per rendered picture, as VITRINE_EUR_PER_PICTURE says"
    return (
        f"cost_eur: {price:g} EUR per rendered picture, which is an assumption: a GPU rented at 2 EUR an hour that "
        "needs 3.6 s for one; VITRINE_EUR_PER_PICTURE states another price"
    )
