"""Log lines of INFO and above name what they are about, and tell no text of it."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from asking import client_of
from bench import SHIRT, Bench
from in_process import serving
from ray._common.formatters import JSONFormatter
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from models.telemetry import logs
from models.telemetry.ids import bound
from serve_app.jobs.database import EVERYONE, Database

MARKER = "Xanthippe"  # a word of the listing that nothing else says


class Lines(logging.Handler):
    """Keeps every line as Serve writes it with `encoding: JSON`."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(JSONFormatter())
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@pytest.fixture
def serve_lines() -> Iterator[Lines]:
    """Serve's logger of a replica as its configuration leaves it, at INFO, and ours behind it."""
    serve, kept = logging.getLogger(logs.SERVE), Lines()
    ours = [logging.getLogger(name) for name in logs.OURS]
    before = [(logger, logger.handlers, logger.level, logger.propagate) for logger in (serve, *ours)]
    serve.handlers, serve.propagate = [kept], False
    serve.setLevel(logging.INFO)
    logs.begin()
    yield kept
    for logger, handlers, level, propagate in before:
        logger.handlers, logger.propagate = handlers, propagate
        logger.setLevel(level)


async def test_no_line_tells_a_text_of_a_listing(serve_lines: Lines, tmp_path: Path) -> None:
    bench = Bench(translator={"refuse": "Zirkon"})
    marked = SHIRT | {"description": f"Freizeithemd {MARKER} aus Baumwolle, langarm"}
    broken = SHIRT | {"description": f"Freizeithemd Zirkon {MARKER} aus Baumwolle"}  # which the double refuses
    async with serving(tmp_path, bench.steps(), bench.fleet()) as service, client_of(service) as client:
        answers = [
            await client.post("/v1/articles", json=marked | {"options": {"candidates": 1}}),
            await client.post("/v1/articles", json=broken),
            await client.post("/v1/articles", json=marked | {MARKER: 1}),
            await client.post("/v1/images/generations", json={"prompt": f"a {MARKER} shirt", "size": "128x128"}),
            await client.get(f"/v1/{MARKER}"),
        ]
    assert [answer.status_code for answer in answers] == [200, 500, 422, 200, 404]
    assert len(serve_lines.lines) >= 7, "requests and jobs have their lines"
    assert not [line for line in serve_lines.lines if MARKER in line]


async def test_lines_of_a_job_name_request_job_and_tenant(serve_lines: Lines, tmp_path: Path) -> None:
    bench = Bench()
    async with serving(tmp_path, bench.steps(), bench.fleet()) as service, client_of(service) as client:
        answer = await client.post(
            "/v1/articles", json=SHIRT | {"options": {"candidates": 1}}, headers={"X-Request-Id": "order-17"}
        )
    job = answer.headers["location"].removeprefix("/v1/jobs/")
    ended = next(line for line in serve_lines.lines if f"job {job} succeeded" in line)
    for field in (f'"job": "{job}"', '"tenant": "local"', '"request_id": "order-17"'):
        assert field in ended, ended
    request = next(line for line in serve_lines.lines if "POST /v1/articles 200" in line)
    assert '"request_id": "order-17"' in request


def test_lines_without_ids_have_no_fields_for_them(serve_lines: Lines) -> None:
    logging.getLogger("serve_app.somewhere").info("nobody's")
    with bound(tenant="shop"):
        logging.getLogger("models.somewhere").info("the shop's")
    nobodys, shops = serve_lines.lines
    assert '"tenant"' not in nobodys
    assert '"tenant": "shop"' in shops


async def test_an_error_of_the_database_does_not_tell_its_values(url: str) -> None:
    database = Database.open(url)
    with pytest.raises(SQLAlchemyError) as raised:
        async with database.writing(EVERYONE) as connection:
            await connection.execute(text("SELECT nothing FROM nowhere WHERE a = :value"), {"value": MARKER})
    await database.close()
    assert MARKER not in str(raised.value)
