"""The bounded cache of answers."""

from hypothesis import given
from hypothesis import strategies as st

from models.lru import Lru, lookups


@given(st.integers(0, 40), st.lists(st.tuples(st.integers(0, 8), st.integers(0, 20))))
def test_what_is_kept_never_weighs_more_than_the_bound_and_is_what_was_put_last(
    most: int, puts: list[tuple[int, int]]
) -> None:
    cache: Lru[int] = Lru("weighed", most, weigh=lambda answer: answer)
    latest: dict[int, int] = {}
    for key, weight in puts:
        cache.put(key, weight)
        latest[key] = weight
        found = {key: cache.get(key) for key in range(9)}
        assert sum(weight or 0 for weight in found.values()) <= most
        assert all(found[key] in (None, latest.get(key)) for key in found)


def test_the_longest_unused_goes_first() -> None:
    cache: Lru[str] = Lru("used", 2)
    cache.put("a", "1")
    cache.put("b", "2")
    cache.get("a")
    cache.put("c", "3")
    assert [cache.get(key) for key in "abc"] == ["1", None, "3"]
    assert len(cache) == 2


def test_every_lookup_is_counted_under_the_caches_name() -> None:
    cache: Lru[str] = Lru("counted", 2)
    cache.get("a")
    cache.put("a", "1")
    cache.get("a")
    cache.get("a")
    assert (lookups["counted", "hit"], lookups["counted", "miss"]) == (2, 1)


def test_a_bound_of_nothing_keeps_nothing() -> None:
    cache: Lru[str] = Lru("nothing", 0)
    cache.put("a", "1")
    assert cache.get("a") is None
