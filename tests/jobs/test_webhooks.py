"""Webhooks on both databases: what was committed is told, signed, once per endpoint, along the whole schedule."""

import asyncio
import contextlib
import json
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from asking import deliver_due
from sqlalchemy import func, select, text, update
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from models.errors import VitrineError
from serve_app.jobs.database import EVERYONE, Database
from serve_app.jobs.schema import deliveries, endpoints
from serve_app.webhooks import deliveries as sending
from serve_app.webhooks.deliveries import Courier, notify
from serve_app.webhooks.endpoints import EVENTS, MOST_ENDPOINTS, MOST_SECRETS, Endpoint, EndpointError, Endpoints, Event
from serve_app.webhooks.signing import headers_for, new_secret

START = 1_800_000_000.0
URL = "https://shop.example/hooks"
HOUR = 3600.0


@dataclass
class Clock:
    at: float = START

    def __call__(self) -> float:
        return self.at


@dataclass
class Receiver:
    """A tenant's server; answers with `answers` in turn, the last one from then on."""

    clock: Clock
    answers: list[tuple[int, str] | Exception] = field(default_factory=lambda: [(204, "")])
    calls: list[tuple[float, str, bytes, dict[str, str]]] = field(default_factory=list)

    async def __call__(self, url: str, body: bytes, headers: dict[str, str]) -> tuple[int, str]:
        answer = self.answers[min(len(self.calls), len(self.answers) - 1)]
        self.calls.append((self.clock.at, url, body, headers))
        if isinstance(answer, Exception):
            raise answer
        return answer


def courier(database: Database, receiver: Receiver, jitter: float = 0.0) -> Courier:
    return Courier(database, receiver, receiver.clock, lambda: jitter)


async def tell(database: Database, clock: Clock, tenant: str = "a", event: Event = "job.succeeded") -> list[str]:
    async with database.writing(tenant) as connection:
        return await notify(connection, tenant, event, {"id": "job_1"}, clock)


async def endpoint(database: Database, clock: Clock, tenant: str = "a", *events: str, url: str = URL) -> Endpoint:
    return await Endpoints(database, clock).create(tenant, url, events or ("*",))


async def row(database: Database, delivery: str) -> Any:
    async with database.reading(EVERYONE) as connection:
        return (await connection.execute(select(deliveries).where(deliveries.c.id == delivery))).one()


async def run_schedule(database: Database, courier: Courier, clock: Clock, delivery: str) -> None:
    """Jumps from one due time to the next until nothing is due any more."""
    while (due := (await row(database, delivery)).due) is not None:
        clock.at = due - 0.001
        assert await deliver_due(courier) == 0
        clock.at = due
        assert await deliver_due(courier) == 1


def test_two_secrets_sign_with_two_signatures_that_the_public_library_verifies() -> None:
    new, old = new_secret(), new_secret()
    headers = headers_for("msg_1", time.time(), '{"größe": "M"}'.encode(), [new, old])
    assert len(headers["webhook-signature"].split(" ")) == 2
    for secret in (new, old):
        assert Webhook(secret).verify('{"größe": "M"}', headers) == {"größe": "M"}
    with pytest.raises(WebhookVerificationError):
        Webhook(new_secret()).verify('{"größe": "M"}', headers)


def test_a_signature_is_the_one_of_the_specification() -> None:
    headers = headers_for(
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        1614265330.9,
        b'{"test": 2432232314}',
        ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
    )
    assert headers["webhook-timestamp"] == "1614265330"
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


async def test_what_arrives_is_signed_and_thin(database: Database) -> None:
    clock = Clock(time.time())
    receiver = Receiver(clock)
    secret = (await endpoint(database, clock)).secret
    (delivery,) = await tell(database, clock)
    assert await deliver_due(courier(database, receiver)) == 1
    ((_, url, body, headers),) = receiver.calls
    assert url == URL
    payload = Webhook(str(secret)).verify(body, headers)
    assert (payload["type"], payload["data"]) == ("job.succeeded", {"id": "job_1"})
    assert headers["webhook-id"] == delivery
    stored = await row(database, delivery)
    assert (stored.status, stored.tries, stored.due, stored.answer) == ("delivered", 1, None, "204 ")
    assert await deliver_due(courier(database, receiver)) == 0


async def test_the_payload_says_when_it_happened(database: Database) -> None:
    clock = Clock()
    await endpoint(database, clock)
    await tell(database, clock)
    clock.at += 60
    receiver = Receiver(clock)
    await deliver_due(courier(database, receiver))
    assert json.loads(receiver.calls[0][2])["timestamp"] == "2027-01-15T08:00:00.000Z"


async def test_a_receiver_that_never_answers_is_tried_ten_times_over_75_hours(database: Database) -> None:
    clock = Clock()
    receiver = Receiver(clock, [VitrineError("shop.example cannot be reached"), (500, "down"), (302, "moved")])
    await endpoint(database, clock)
    (delivery,) = await tell(database, clock)
    await run_schedule(database, courier(database, receiver), clock, delivery)
    times = [at for at, *_ in receiver.calls]
    pauses = [0, 5, 300, 1800, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR]
    assert times == [START + sum(pauses[: tried + 1]) for tried in range(10)]
    assert {headers["webhook-id"] for *_, headers in receiver.calls} == {delivery}
    assert [headers["webhook-timestamp"] for *_, headers in receiver.calls] == [str(int(at)) for at in times]
    stored = await row(database, delivery)
    assert (stored.status, stored.tries, stored.answer) == ("failed", 10, "302 moved")


async def test_jitter_lengthens_a_pause_by_a_twentieth_at_most(database: Database) -> None:
    clock = Clock()
    receiver = Receiver(clock, [(500, "")])
    await endpoint(database, clock)
    (delivery,) = await tell(database, clock)
    await deliver_due(courier(database, receiver, jitter=1.0))
    assert (await row(database, delivery)).due == pytest.approx(START + 5.25, abs=1e-6)


async def test_the_third_try_may_succeed(database: Database) -> None:
    clock = Clock()
    receiver = Receiver(clock, [(503, "busy"), (301, ""), (200, "ok")])
    await endpoint(database, clock)
    (delivery,) = await tell(database, clock)
    await run_schedule(database, courier(database, receiver), clock, delivery)
    stored = await row(database, delivery)
    assert (stored.status, stored.tries, stored.answer, clock.at) == ("delivered", 3, "200 ok", START + 305)


async def test_a_redirect_is_a_failed_try(database: Database) -> None:
    clock = Clock()
    receiver = Receiver(clock, [(307, "https://elsewhere.example")])
    await endpoint(database, clock)
    (delivery,) = await tell(database, clock)
    await deliver_due(courier(database, receiver))
    stored = await row(database, delivery)
    assert (stored.status, stored.tries, stored.due) == ("pending", 1, START + 5)
    assert [url for _, url, *_ in receiver.calls] == [URL]


async def test_gone_disables_the_endpoint_and_everything_that_waits_for_it(database: Database) -> None:
    clock = Clock()
    receiver = Receiver(clock, [(410, "gone")])
    held = Endpoints(database, clock)
    gone = await endpoint(database, clock)
    other = await endpoint(database, clock, url="https://other.example/hooks")
    first = await tell(database, clock)
    second = await tell(database, clock)
    async with database.reading("a") as connection:
        found = await connection.execute(select(deliveries.c.id).where(deliveries.c.endpoint == gone.id))
        doomed = sorted(found.scalars())
    sent = courier(database, receiver)
    async with database.writing(EVERYONE) as connection:
        later = update(deliveries).where(deliveries.c.id != doomed[0]).values(due=START + 1)
        await connection.execute(later)
    assert await deliver_due(sent) == 1
    assert "410" in str((await held.get("a", gone.id) or gone).disabled)
    states = {each: await row(database, each) for each in doomed}
    assert [(states[each].status, states[each].due, states[each].tries) for each in doomed] == [
        ("failed", None, 1),
        ("failed", None, 0),
    ]
    clock.at += 1
    receiver.answers = [(200, "")]
    assert await deliver_due(sent) == 2
    assert {url for _, url, *_ in receiver.calls[1:]} == {other.url}
    assert len(await tell(database, clock)) == 1
    assert await held.enable("a", gone.id)
    assert len(await tell(database, clock)) == len(first) == len(second) == 2


async def test_a_rotated_secret_ends_after_a_day(database: Database) -> None:
    clock = Clock(time.time() - 24 * HOUR - 1)
    receiver = Receiver(clock)
    old = await endpoint(database, clock)
    new = await Endpoints(database, clock).rotate("a", old.id)
    assert new is not None
    assert new.secret != old.secret
    (delivery,) = await tell(database, clock)
    await deliver_due(courier(database, receiver))
    *_, body, headers = receiver.calls[0]
    both = [Webhook(str(each.secret)) for each in (new, old)]
    moment = datetime.fromtimestamp(int(clock.at), UTC)
    assert headers["webhook-signature"].split(" ") == [each.sign(delivery, moment, body.decode()) for each in both]
    clock.at += 24 * HOUR
    await tell(database, clock)
    await deliver_due(courier(database, receiver))
    *_, body, headers = receiver.calls[1]
    assert both[0].verify(body, headers)["type"] == "job.succeeded"
    with pytest.raises(WebhookVerificationError, match="No matching signature"):
        both[1].verify(body, headers)


async def test_rotating_again_keeps_the_secret_that_receivers_use_and_a_bounded_header(database: Database) -> None:
    clock = Clock(time.time())
    receiver = Receiver(clock)
    used = await endpoint(database, clock)
    for _ in range(2):
        await Endpoints(database, clock).rotate("a", used.id)
    await tell(database, clock)
    await deliver_due(courier(database, receiver))
    *_, body, headers = receiver.calls[0]
    assert Webhook(str(used.secret)).verify(body, headers)
    for _ in range(9):
        await Endpoints(database, clock).rotate("a", used.id)
    await tell(database, clock)
    await deliver_due(courier(database, receiver))
    assert len(receiver.calls[1][3]["webhook-signature"].split(" ")) == MOST_SECRETS


async def test_four_couriers_at_once_deliver_each_once(database: Database) -> None:
    clock = Clock()
    receiver = Receiver(clock)
    await endpoint(database, clock)
    told = [each for _ in range(40) for each in await tell(database, clock)]

    async def work() -> int:
        sent, total = courier(database, receiver), 0
        while tried := await deliver_due(sent, 3):
            total += tried
        return total

    assert sum(await asyncio.gather(*(work() for _ in range(4)))) == 40
    assert Counter(headers["webhook-id"] for *_, headers in receiver.calls) == Counter(told)


async def test_a_delivery_whose_courier_was_killed_is_tried_again_after_the_lease(database: Database) -> None:
    clock = Clock()
    entered = asyncio.Event()

    async def hang(*_: object) -> tuple[int, str]:
        entered.set()
        await asyncio.sleep(60)
        return 200, "late"

    await endpoint(database, clock)
    (delivery,) = await tell(database, clock)
    killed = asyncio.create_task(deliver_due(Courier(database, hang, clock)))
    await asyncio.wait_for(entered.wait(), 10)
    killed.cancel()
    with pytest.raises(asyncio.CancelledError):
        await killed
    receiver = Receiver(clock)
    ends = (await row(database, delivery)).due
    assert ends == START + sending.ANSWER_S + sending.SPARE_S
    clock.at = ends - 0.001
    assert await deliver_due(courier(database, receiver)) == 0
    clock.at = ends
    assert await deliver_due(courier(database, receiver)) == 1
    assert (await row(database, delivery)).status == "delivered"


@pytest.mark.parametrize(("late", "status", "tries"), [(500, "pending", 0), (200, "delivered", 1)])
async def test_after_its_lease_a_courier_may_book_a_success_and_no_failure(
    database: Database, late: int, status: str, tries: int
) -> None:
    clock = Clock()
    taken_over = []

    async def slow(*_: object) -> tuple[int, str]:
        clock.at += 100  # past the lease: the next courier comes in between
        async with database.writing(EVERYONE) as connection:
            await connection.execute(update(deliveries).values(due=clock.at + 45))
        taken_over.append(clock.at + 45)
        return late, ""

    await endpoint(database, clock)
    (delivery,) = await tell(database, clock)
    await deliver_due(Courier(database, slow, clock))
    stored = await row(database, delivery)
    assert (stored.status, stored.tries, stored.due) == (status, tries, None if late == 200 else taken_over[0])


async def test_a_receiver_without_an_answer_is_given_up_in_time(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "ANSWER_S", 0.05)
    clock = Clock()

    async def silent(*_: object) -> tuple[int, str]:
        await asyncio.sleep(60)
        return 200, ""

    await endpoint(database, clock)
    (delivery,) = await tell(database, clock)
    assert await deliver_due(Courier(database, silent, clock, lambda: 0.0)) == 1
    stored = await row(database, delivery)
    assert (stored.answer, stored.due) == ("no answer within 0.05 s", START + 5)


async def test_one_broken_post_leaves_the_others_booked(database: Database) -> None:
    clock = Clock()
    receiver = Receiver(clock, [RuntimeError("a fault of ours"), (200, "")])
    await endpoint(database, clock)
    told = [each for _ in range(3) for each in await tell(database, clock)]
    with pytest.raises(RuntimeError, match="a fault of ours"):
        await deliver_due(courier(database, receiver))
    assert Counter([(await row(database, each)).status for each in told]) == {"delivered": 2, "pending": 1}


async def running(courier: Courier, over: Callable[[], bool]) -> None:
    """Runs a courier until something is the case, for ten seconds at most."""
    work = asyncio.create_task(courier.run())
    try:
        async with asyncio.timeout(10):
            while not over():
                await asyncio.sleep(0.01)
    finally:
        work.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await work


async def test_a_courier_posts_no_more_than_its_bound_at_once(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "AT_ONCE", 3)
    clock = Clock()
    open_now, most, done = 0, 0, 0

    async def count(*_: object) -> tuple[int, str]:
        nonlocal open_now, most, done
        open_now += 1
        most = max(most, open_now)
        await asyncio.sleep(0.01)
        open_now, done = open_now - 1, done + 1
        return 200, ""

    for tenant in "abcd":
        await endpoint(database, clock, tenant)
        for _ in range(2):
            await tell(database, clock, tenant)
    await running(Courier(database, count, clock), lambda: done == 8)
    assert most == 3


async def test_a_dead_receiver_delays_no_other_tenant(database: Database) -> None:
    clock = Clock()
    taken: list[str] = []

    async def post(url: str, *_: object) -> tuple[int, str]:
        if "dead" in url:
            await asyncio.sleep(60)
        taken.append(url)
        return 200, ""

    await endpoint(database, clock, "a", url="https://dead.example/hooks")
    await endpoint(database, clock, "b")
    for _ in range(40):
        await tell(database, clock, "a")
    clock.at += 1
    told = [each for _ in range(30) for each in await tell(database, clock, "b")]
    await running(Courier(database, post, clock), lambda: len(taken) == 30)
    assert taken == [URL] * 30
    assert {(await row(database, each)).status for each in told} <= {"delivered", "pending"}
    waiting = select(func.count()).where(deliveries.c.tenant == "a", deliveries.c.due == START)
    async with database.reading(EVERYONE) as connection:
        assert (await connection.execute(waiting)).scalar_one() == 40 - sending.OF_TENANT


async def test_a_courier_that_cannot_book_goes_on_with_the_others(database: Database) -> None:
    clock = Clock()
    receiver = Receiver(clock, [RuntimeError("a fault of ours"), (200, "")])
    await endpoint(database, clock)
    for _ in range(3):
        await tell(database, clock)
    await running(courier(database, receiver), lambda: len(receiver.calls) == 3)


async def test_tenants_take_turns_and_each_has_a_share(database: Database) -> None:
    clock = Clock()
    for tenant, count in (("a", 9), ("b", 2), ("c", 1)):
        await endpoint(database, clock, tenant)
        for _ in range(count):
            await tell(database, clock, tenant)
        clock.at += 1
    work = courier(database, Receiver(clock))
    assert Counter(each.tenant for each in await work.claim(4, 4)) == {"a": 2, "b": 1, "c": 1}
    assert Counter(each.tenant for each in await work.claim(9, 4, Counter(a=2))) == {"a": 2, "b": 1}
    assert await work.claim(9, 4, Counter(a=4)) == []
    assert await work.claim(0, 4) == []


async def test_deliveries_that_are_over_are_forgotten_after_a_month_and_no_others(database: Database) -> None:
    clock = Clock()
    await endpoint(database, clock)
    done, waits = [(await tell(database, clock))[0] for _ in range(2)]
    async with database.writing(EVERYONE) as connection:
        await connection.execute(update(deliveries).where(deliveries.c.id == done).values(due=None, status="delivered"))
        await connection.execute(update(deliveries).values(created=deliveries.c.created - 30 * 24 * HOUR + 60))
    assert await sending.purge(database) == 0
    async with database.writing(EVERYONE) as connection:
        await connection.execute(update(deliveries).values(created=deliveries.c.created - 61))
    assert await sending.purge(database) == 1
    assert (await row(database, waits)).status == "pending"


async def test_a_hostile_answer_is_kept_short_and_plain(database: Database) -> None:
    clock = Clock()
    receiver = Receiver(clock, [(500, "a\0b\ud800" + "x" * 9000)])
    await endpoint(database, clock)
    (delivery,) = await tell(database, clock)
    await deliver_due(courier(database, receiver))
    answer = (await row(database, delivery)).answer
    assert answer.startswith("500 a?b?xxx")
    assert len(answer) == sending.MOST_ANSWER


async def test_a_transaction_that_is_rolled_back_tells_nothing(database: Database) -> None:
    clock = Clock()
    receiver = Receiver(clock)
    await endpoint(database, clock)

    async def take_back() -> None:
        async with database.writing("a") as connection:
            assert len(await notify(connection, "a", "job.succeeded", {"id": "job_1"}, clock)) == 1
            raise VitrineError("after all not")

    with pytest.raises(VitrineError, match="after all not"):
        await take_back()
    assert await deliver_due(courier(database, receiver)) == 0
    assert receiver.calls == []


async def test_endpoints_are_told_what_they_subscribed_to_and_nothing_of_other_tenants(database: Database) -> None:
    clock = Clock()
    receiver = Receiver(clock)
    for tenant, events, url in [
        ("a", ["job.failed", "batch.finished"], "https://a.example/some"),
        ("a", ["*"], "https://a.example/all"),
        ("b", ["*"], "https://b.example/all"),
    ]:
        await endpoint(database, clock, tenant, *events, url=url)
    for event in EVENTS:
        async with database.writing(EVERYONE) as connection:  # as a worker ends jobs of all tenants
            await notify(connection, "a", event, {"id": "job_1"}, clock)
    await deliver_due(courier(database, receiver))
    told = {(url, json.loads(body)["type"]) for _, url, body, _ in receiver.calls}
    some = {("https://a.example/some", event) for event in ("job.failed", "batch.finished")}
    assert told == some | {("https://a.example/all", event) for event in EVENTS}


async def test_another_tenant_cannot_see_or_change_an_endpoint(database: Database) -> None:
    held = Endpoints(database)
    mine = await held.create("a", URL, ["*"])
    assert await held.list("b") == ()
    assert await held.get("b", mine.id) is None
    assert await held.rotate("b", mine.id) is None
    assert not await held.disable("b", mine.id, "spite")
    assert not await held.enable("b", mine.id)
    assert not await held.delete("b", mine.id)
    async with database.reading(EVERYONE) as connection:
        secrets = (await connection.execute(select(endpoints.c.secrets))).scalar_one()
    assert secrets == [{"secret": mine.secret, "until": None}]


async def test_the_secret_is_shown_once(database: Database) -> None:
    held = Endpoints(database)
    mine = await held.create("a", URL, ["job.failed", "job.failed"])
    assert (mine.url, mine.events, mine.disabled) == (URL, ("job.failed",), None)
    assert mine.secret is not None
    assert mine.secret not in repr(mine)
    found = await held.get("a", mine.id)
    assert found is not None
    assert (found.secret, found.id, found.created) == (None, mine.id, mine.created)
    assert await held.list("a") == (found,)


async def test_a_deleted_endpoint_takes_its_deliveries_along(database: Database) -> None:
    clock = Clock()
    receiver = Receiver(clock)
    mine = await endpoint(database, clock)
    await tell(database, clock)
    assert await Endpoints(database).delete("a", mine.id)
    assert await deliver_due(courier(database, receiver)) == 0
    async with database.reading(EVERYONE) as connection:
        assert (await connection.execute(text("SELECT count(*) FROM deliveries"))).scalar_one() == 0


async def test_an_endpoint_that_is_deleted_during_an_event_does_not_fail_the_event(database: Database) -> None:
    clock = Clock()
    mine = await endpoint(database, clock)
    async with database.writing("a") as connection:
        await notify(connection, "a", "job.succeeded", {"id": "job_1"}, clock)
        deleting = asyncio.create_task(Endpoints(database).delete("a", mine.id))
        await asyncio.sleep(0.2)
        assert not deleting.done()
    assert await asyncio.wait_for(deleting, 30)
    assert await deliver_due(courier(database, Receiver(clock))) == 0


async def test_a_disabled_endpoint_gets_nothing_until_it_is_enabled(database: Database) -> None:
    clock = Clock()
    held = Endpoints(database)
    mine = await endpoint(database, clock)
    (waiting,) = await tell(database, clock)
    assert await held.disable("a", mine.id, "moving house")
    assert (await row(database, waiting)).answer == "the endpoint is disabled: moving house"
    assert await tell(database, clock) == []
    assert await held.enable("a", mine.id)
    assert await deliver_due(courier(database, Receiver(clock))) == 0
    assert len(await tell(database, clock)) == 1


@pytest.mark.parametrize(
    ("address", "events"),
    [
        ("ftp://shop.example/hooks", ["*"]),
        ("shop.example/hooks", ["*"]),
        ("https://", ["*"]),
        ("https://[::1/hooks", ["*"]),
        ("https://shop.example/a b", ["*"]),
        ("https://shop.example/\0", ["*"]),
        ("https://shop.example/" + "x" * 2000, ["*"]),
        (URL, []),
        (URL, ["job.succeeded", "job.everything"]),
    ],
)
async def test_an_endpoint_that_cannot_work_is_refused(database: Database, address: str, events: list[str]) -> None:
    with pytest.raises(EndpointError):
        await Endpoints(database).create("a", address, events)
    assert await Endpoints(database).list("a") == ()


async def test_a_tenant_has_a_bounded_number_of_endpoints(database: Database) -> None:
    held = Endpoints(database)
    for _ in range(MOST_ENDPOINTS):
        await held.create("a", URL, ["*"])
    with pytest.raises(EndpointError, match="delete one first"):
        await held.create("a", URL, ["*"])
    assert await held.create("b", URL, ["*"])
