"""Keys, tenants, limits and idempotency on both databases: nobody gets in, ahead or twice who should not."""

import asyncio
import base64
import hashlib
from collections.abc import Awaitable, Callable
from typing import get_args

import pytest
from sqlalchemy import func, select, update

from serve_app.access import idempotency as idem
from serve_app.access import limits
from serve_app.access.idempotency import IdempotencyKeyError, KeyReusedError, fingerprint
from serve_app.access.keys import SECRET, ApiKeyError, Keys
from serve_app.access.limits import Decision, Limiter, LimitError
from serve_app.access.principal import SCOPES, Principal, Scope
from serve_app.access.tenants import Tenant, TenantError, Tenants
from serve_app.jobs.database import EVERYONE, Database
from serve_app.jobs.enqueue import QueueFullError, enqueue
from serve_app.jobs.job import Order
from serve_app.jobs.queue import Queue
from serve_app.jobs.schema import idempotency, jobs, keys, metadata

PRINT = fingerprint("POST", "/v1/jobs", b"{}")


class Clock:
    """A time that a test sets."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


async def age(database: Database, seconds: float) -> None:
    """Makes every idempotency row older."""
    async with database.writing(EVERYONE) as connection:
        await connection.execute(update(idempotency).values(created=idempotency.c.created - seconds))


async def test_a_secret_opens_what_its_key_was_given(database: Database) -> None:
    made = Keys(database)
    key, secret = await made.create("shop", "till", ["webhooks", "jobs:read", "jobs:read"])
    assert SECRET.fullmatch(secret)
    assert await made.find(secret) == Principal("shop", key.id, frozenset({"jobs:read", "webhooks"}))
    assert key.scopes == ("jobs:read", "webhooks")
    assert key.created > 1.7e9


async def test_no_two_secrets_are_alike_and_each_is_256_bits(database: Database) -> None:
    made = Keys(database)
    secrets = {(await made.create("shop", "till", ["admin"]))[1] for _ in range(5)}
    assert {len(base64.urlsafe_b64decode(secret[3:] + "=")) for secret in secrets} == {32}
    assert len(secrets) == 5


async def test_a_secret_is_in_the_database_in_no_form_but_its_digest(database: Database) -> None:
    _, secret = await Keys(database).create("shop", "till", ["admin"])
    raw = base64.urlsafe_b64decode(secret[3:] + "=")
    forms = [secret[3:].encode(), raw, raw.hex().encode(), base64.b64encode(raw)]
    async with database.reading(EVERYONE) as connection:
        rows = [row for table in metadata.sorted_tables for row in await connection.execute(select(table))]
    values = [value for row in rows for value in row]
    kept = b"\0".join(value if isinstance(value, bytes) else repr(value).encode() for value in values)
    assert hashlib.sha256(secret.encode()).digest() in kept
    assert [form for form in forms if form in kept] == []


@pytest.mark.parametrize("secret", ["", "vk_", "vk_" + "A" * 43, "vk_" + "A" * 42 + "é", "vk_" + "A" * 43 + "\n"])
async def test_an_unknown_secret_is_nobody(database: Database, secret: str) -> None:
    found = Keys(database)
    await found.create("shop", "till", ["admin"])
    assert await found.find(secret) is None


async def test_a_revoked_key_opens_nothing(database: Database) -> None:
    made = Keys(database)
    key, secret = await made.create("shop", "till", ["admin"])
    _, other = await made.create("shop", "office", ["admin"])
    assert await made.find(secret) is not None
    assert await made.revoke(key.id)
    assert await made.find(secret) is None
    assert await made.find(other) is not None
    assert (await made.revoke(key.id), await made.revoke("key_none")) == (False, False)
    (listed, _) = await made.list("shop")
    assert listed.revoked is not None
    assert listed.revoked >= key.created


async def test_a_revocation_reaches_other_processes_within_the_stated_time_and_saves_queries_until_then(
    database: Database,
) -> None:
    clock = Clock()
    here, elsewhere = Keys(database), Keys(database, known_s=5.0, clock=clock)
    key, secret = await here.create("shop", "till", ["admin"])
    assert await elsewhere.find(secret) is not None
    await here.revoke(key.id)
    clock.now += 4.9
    assert await elsewhere.find(secret) is not None
    clock.now += 0.1
    assert await elsewhere.find(secret) is None


async def test_a_tenants_list_holds_its_own_keys_only(database: Database) -> None:
    made = Keys(database)
    first, _ = await made.create("shop", "till", ["admin"])
    second, _ = await made.create("other", "till", ["jobs:read"])
    assert await made.list("shop") == (first,)
    assert await made.list() == (first, second)
    assert await made.list("nobody") == ()


async def test_making_a_key_makes_its_tenant_and_leaves_one_that_is_there(database: Database) -> None:
    rights = Tenants(database)
    await rights.set(Tenant("big", weight=3, most_queued=7))
    for tenant in ("big", "new"):
        await Keys(database).create(tenant, "till", ["admin"])
    assert await rights.list() == (Tenant("big", 3, 7), Tenant("new", 1, None))


@pytest.mark.parametrize("tenant", ["", "*", "a/b", "..", "Shop", "a" * 65, "a\n"])
async def test_a_tenant_that_means_everyone_or_a_path_is_refused(database: Database, tenant: str) -> None:
    with pytest.raises(TenantError, match="no tenant's id"):
        await Keys(database).create(tenant, "till", ["admin"])
    with pytest.raises(TenantError, match="no tenant's id"):
        await Tenants(database).set(Tenant(tenant))
    assert await Keys(database).list() == ()


async def test_keys_without_name_or_known_scope_are_refused(database: Database) -> None:
    made = Keys(database)
    for name in ("", "a" * 65, "till\x1b[2J"):
        with pytest.raises(ApiKeyError, match="no name"):
            await made.create("shop", name, ["admin"])
    with pytest.raises(ApiKeyError, match="given: none"):
        await made.create("shop", "till", [])
    with pytest.raises(ApiKeyError, match="given: everything"):
        await made.create("shop", "till", ["admin", "everything"])
    assert await made.list() == ()


async def test_a_scope_in_the_database_that_this_version_does_not_know_opens_nothing(database: Database) -> None:
    made = Keys(database)
    _, secret = await made.create("shop", "till", ["jobs:read"])
    async with database.writing(EVERYONE) as connection:
        await connection.execute(update(keys).values(scopes=["jobs:read", "jobs:delete"]))
    found = await made.find(secret)
    assert found is not None
    assert found.scopes == {"jobs:read"}


def test_a_scope_allows_itself_and_admin_allows_all() -> None:
    assert set(SCOPES) == set(get_args(Scope))
    for scope in SCOPES:
        allowed = {other for other in SCOPES if Principal("shop", "key_1", frozenset({scope})).may(other)}
        assert allowed == (set(SCOPES) if scope == "admin" else {scope})


async def test_the_queue_goes_by_what_was_set_for_a_tenant(database: Database) -> None:
    rights, queue = Tenants(database), Queue(database)
    assert await rights.get("shop") is None
    await rights.set(Tenant("shop", most_queued=1))
    await queue.submit([Order("shop", "article", {})])
    with pytest.raises(QueueFullError):
        await queue.submit([Order("shop", "article", {})])
    await rights.set(Tenant("shop", weight=2))
    assert await rights.get("shop") == Tenant("shop", 2, None)
    await queue.submit([Order("shop", "article", {})])


@pytest.mark.parametrize("tenant", [Tenant("a", 0), Tenant("a", 65), Tenant("a", 1, 0), Tenant("a", 1, 2**31)])
async def test_a_weight_or_limit_out_of_range_is_refused(database: Database, tenant: Tenant) -> None:
    with pytest.raises(TenantError, match="not in 1 to"):
        await Tenants(database).set(tenant)
    assert await Tenants(database).get("a") is None


def test_a_bucket_gives_its_burst_and_then_its_rate() -> None:
    clock = Clock()
    limiter = Limiter(rate_per_s=0.5, burst=3, clock=clock)
    assert [limiter.take("k").allowed for _ in range(4)] == [True, True, True, False]
    assert limiter.take("k") == Decision(allowed=False, remaining=0, reset_s=2.0, limit=3)
    clock.now += 1.0
    assert limiter.take("k") == Decision(allowed=False, remaining=0, reset_s=1.0, limit=3)
    clock.now += 1.0
    assert limiter.take("k") == Decision(allowed=True, remaining=0, reset_s=6.0, limit=3)
    clock.now += 1000.0
    assert limiter.take("k") == Decision(allowed=True, remaining=2, reset_s=2.0, limit=3)


@pytest.mark.parametrize("rate", [0.07, 1 / 3, 3.0, 7.7])
def test_who_waits_as_long_as_told_is_served(rate: float) -> None:
    clock = Clock()
    limiter = Limiter(rate, burst=10, clock=clock)
    limiter.take("k", 10)
    for cost in (1, 3, 10, 7) * 25:
        refused = limiter.take("k", cost)
        assert not refused.allowed
        clock.now += refused.reset_s
        assert limiter.take("k", cost).allowed, f"cost {cost} at {rate}/s after {refused.reset_s} s"


def test_a_key_pays_for_itself_and_a_refused_request_is_free() -> None:
    limiter = Limiter(rate_per_s=1.0, burst=10, clock=Clock())
    assert limiter.take("a", 8).remaining == 2
    assert not limiter.take("a", 3).allowed
    assert limiter.take("a", 2).allowed
    assert limiter.take("b", 10).allowed


def test_the_headers_have_the_form_of_the_draft() -> None:
    limiter = Limiter(rate_per_s=0.3, burst=2, clock=Clock())
    assert limiter.headers(limiter.take("k")) == {
        "RateLimit-Policy": '"default";q=2;w=7',
        "RateLimit": '"default";r=1;t=4',
    }
    limiter.take("k")
    assert limiter.headers(limiter.take("k")) == {
        "RateLimit-Policy": '"default";q=2;w=7',
        "RateLimit": '"default";r=0;t=4',
        "Retry-After": "4",
    }


def test_a_window_of_whole_seconds_stays_whole() -> None:
    limiter = Limiter(rate_per_s=600 / 60, burst=600, clock=Clock())
    assert limiter.headers(limiter.take("k"))["RateLimit-Policy"] == '"default";q=600;w=60'
    assert limiter.headers(limiter.take("l"))["RateLimit"] == '"default";r=599;t=1'


def test_full_buckets_are_dropped_and_others_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    limiter = Limiter(rate_per_s=1.0, burst=2, clock=clock)
    for number in range(50):
        limiter.take(f"k{number}")
    assert len(limiter) == 50
    clock.now += 1.0
    limiter.take("k", 2)
    assert len(limiter) == 1
    monkeypatch.setattr(limits, "MOST_BUCKETS", 3)
    for number in range(9):
        limiter.take(f"k{number}", 2)
    assert len(limiter) == 3
    assert not limiter.take("k8").allowed


def test_rates_and_costs_that_no_bucket_serves_are_refused() -> None:
    for rate, burst in ((0.0, 1), (-1.0, 1), (float("inf"), 1), (float("nan"), 1), (1.0, 0)):
        with pytest.raises(LimitError, match="serves nobody"):
            Limiter(rate, burst)
    limiter = Limiter(1.0, 5)
    for cost in (-3, 0, 6):
        with pytest.raises(LimitError, match="never passes"):
            limiter.take("k", cost)


def sent(database: Database, tenant: str = "shop", key: str = "k", print_: str = PRINT) -> Callable[[], Awaitable[str]]:
    """A request that makes a job, as the routes send it."""

    async def send() -> str:
        async with database.writing(tenant) as connection:

            async def make() -> str:
                return (await enqueue(connection, [Order(tenant, "article", {})]))[0]

            return await idem.made_once(connection, tenant, (key, print_), make)

    return send


async def made(database: Database) -> int:
    async with database.reading(EVERYONE) as connection:
        return int((await connection.execute(select(func.count()).select_from(jobs))).scalar_one())


async def test_of_fifty_at_once_exactly_one_makes_a_job_and_all_hear_of_it(database: Database) -> None:
    found = await asyncio.gather(*(sent(database)() for _ in range(50)))
    (job,) = await Queue(database).jobs("shop", 100)
    assert set(found) == {job.id}


async def test_a_request_that_fails_leaves_neither_job_nor_key(database: Database) -> None:
    async def fail() -> None:
        async with database.writing("shop") as connection:

            async def make() -> str:
                await enqueue(connection, [Order("shop", "article", {})])
                raise RuntimeError("crash")

            await idem.made_once(connection, "shop", ("k", PRINT), make)

    with pytest.raises(RuntimeError, match="crash"):
        await fail()
    assert await made(database) == 0
    await sent(database, print_="0" * 64)()
    assert await made(database) == 1


async def test_the_same_request_gets_the_same_answer_and_another_one_none(database: Database) -> None:
    first = await sent(database)()
    with pytest.raises(KeyReusedError, match="'k' was used for another request"):
        await sent(database, print_=fingerprint("POST", "/v1/jobs", b"[]"))()
    assert await sent(database)() == first
    assert await sent(database, key="k2")() != first
    assert await made(database) == 2


async def test_without_a_key_every_request_makes_its_own(database: Database) -> None:
    async with database.writing("shop") as connection:

        async def make() -> str:
            return (await enqueue(connection, [Order("shop", "article", {})]))[0]

        assert len({await idem.made_once(connection, "shop", None, make) for _ in range(2)}) == 2


async def test_a_key_belongs_to_its_tenant(database: Database) -> None:
    assert await sent(database)() != await sent(database, "other", print_="0" * 64)()


async def test_an_answer_is_kept_for_a_day_and_purged_after_it(database: Database) -> None:
    first = [await sent(database, tenant)() for tenant in ("shop", "other")]
    await age(database, 24 * 3600 + 60)
    assert await idem.purge(database) == 0
    assert await sent(database)() == first[0]
    await age(database, 3600)
    assert await idem.purge(database) == 2
    assert await sent(database)() != first[0]


@pytest.mark.parametrize("key", ["", "a" * 256, "schlüssel", "a\nb", "a\0"])
async def test_a_key_that_is_no_header_value_is_refused(database: Database, key: str) -> None:
    with pytest.raises(IdempotencyKeyError, match="printable ASCII"):
        await sent(database, key=key)()


async def test_the_longest_key_is_taken(database: Database) -> None:
    assert await sent(database, key="~" * 255)() == await sent(database, key="~" * 255)()


def test_a_fingerprint_tells_method_path_and_body_apart() -> None:
    requests = [
        ("POST", "/v1/jobs", b"{}"),
        ("PUT", "/v1/jobs", b"{}"),
        ("POST", "/v1/jobs/", b"{}"),
        ("POST", "/v1/jobs", b"{} "),
        ("POST", '/v1/jobs"]\n{}', b""),
        ("POST", "/v1/jobs\n", b"{}"),
    ]
    assert len({fingerprint(*request) for request in requests}) == len(requests)
    assert fingerprint("post", "/v1/jobs", b"{}") == PRINT
    assert len(PRINT) == 64
