"""One trace covers an article from its request to its answer, over queue and conductor."""

from pathlib import Path

from asking import client_of
from bench import SHIRT, Bench
from in_process import serving
from opentelemetry.sdk.trace import ReadableSpan
from spans import traced

from loadtests.one_trace import Span, article
from serve_app.provenance.identity import identity
from serve_app.provenance.seal import Seal
from serve_app.settings import Environment

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
EXPLAINED = {"extract"}  # what the lexicon explains is not shown to the extractor


def as_span(found: ReadableSpan) -> Span:
    parent = None if found.parent is None else f"{found.parent.span_id:016x}"
    times = (found.start_time or 0) / 1e9, (found.end_time or 0) / 1e9
    return Span(found.name, f"{found.context.trace_id:032x}", parent, *times)


async def test_every_stage_of_an_article_is_in_the_clients_trace(tmp_path: Path) -> None:
    bench = Bench()
    seal = Seal(identity(Environment(), tmp_path))
    with traced() as kept:
        async with serving(tmp_path, bench.steps(), bench.fleet(), seal=seal) as service, client_of(service) as client:
            answer = await client.post(
                "/v1/articles", json=SHIRT | {"options": {"candidates": 1}}, headers={"traceparent": PARENT}
            )
            assert answer.status_code == 200, answer.text
        spans = [as_span(found) for found in kept.get_finished_spans()]
    mine = [span for span in spans if span.trace == PARENT.split("-")[1]]
    request = next(span for span in mine if span.name == "POST /v1/articles")
    assert request.parent == PARENT.split("-")[2]
    found = article(mine)
    assert found.missing <= EXPLAINED, sorted(found.missing)
    assert found.gap_share < 0.5, found.gaps  # loadtests.one_trace measures it; here the models take no time


async def test_requests_without_a_trace_get_one_each(tmp_path: Path) -> None:
    bench = Bench()
    with traced() as kept:
        async with serving(tmp_path, bench.steps(), bench.fleet()) as service, client_of(service) as client:
            for _ in range(2):
                await client.get("/v1/jobs")
        requests = [as_span(found) for found in kept.get_finished_spans() if found.name == "GET /v1/jobs"]
    assert len(requests) == 2
    assert len({span.trace for span in requests}) == 2
