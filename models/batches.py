"""A batch in which one item's unforeseen failure stays its own."""

import logging
from collections.abc import Callable, Sequence
from typing import TypeVar

from models.domain import Refusal

Item = TypeVar("Item")
Outcome = TypeVar("Outcome")

log = logging.getLogger(__name__)


def apart(run: Callable[[Sequence[Item]], list[Outcome | Refusal]], items: Sequence[Item]) -> list[Outcome | Refusal]:
    """One result per item. When the batch as a whole raises, its items run one by one and the culprit is refused.

    An adapter refuses what it can foresee by itself; this is for what it cannot (a shape, memory, a library's bug).
    """
    try:
        results = run(items)
    except Exception as error:
        if len(items) == 1:
            log.exception("an item failed in its model")
            return [Refusal("model_fault", f"the model failed on this item ({type(error).__name__}); see the log")]
        return [result for item in items for result in apart(run, [item])]
    if len(results) != len(items):
        return [Refusal("model_fault", f"the model answered {len(results)} of {len(items)} items")] * len(items)
    return results
