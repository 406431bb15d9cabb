"""A fuzzer over the whole OpenAPI document; `python -m loadtests.fuzz` is the same with a larger budget."""

from pathlib import Path

import pytest
from over_http import on_loopback

from loadtests.fuzz import fuzz, report

EXAMPLES = 3  # per operation in the random phases; coverage makes some 1,300 cases by itself
CHECKS = 14


@pytest.mark.timeout(600)
def test_every_operation_keeps_to_its_document_whatever_is_sent(tmp_path: Path) -> None:
    with on_loopback(tmp_path) as (url, secret):
        found = fuzz(url, secret, EXAMPLES)
    assert found.errors == []
    assert found.failures == {}, report(found, show=5)
    assert [status for status in found.statuses if status >= 500] == []
    assert set(found.phases) == {"examples", "coverage", "fuzzing", "stateful"}
    assert len(found.checks) == CHECKS, sorted(found.checks)
    assert sum(found.cases.values()) > 1_000
