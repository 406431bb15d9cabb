"""One item's failure never fails its neighbours."""

from collections.abc import Sequence

from models.batches import apart
from models.domain import Refusal


def doubled(numbers: Sequence[int]) -> list[int | Refusal]:
    if 13 in numbers:
        raise RuntimeError("unlucky")
    return [2 * number for number in numbers]


def test_the_culprit_of_a_failed_batch_is_refused_and_its_neighbours_are_answered() -> None:
    one, culprit, three = apart(doubled, [1, 13, 3])
    assert (one, three) == (2, 6)
    assert isinstance(culprit, Refusal)
    assert culprit.code == "model_fault"


def test_a_refusal_does_not_tell_what_the_exception_said() -> None:
    (refused,) = apart(doubled, [13])
    assert isinstance(refused, Refusal)
    assert "unlucky" not in refused.reason


def test_a_model_that_loses_items_is_refused_as_a_whole() -> None:
    def short(numbers: Sequence[int]) -> list[int | Refusal]:
        return list(numbers[:-1])

    assert all(isinstance(result, Refusal) for result in apart(short, [1, 2]))
