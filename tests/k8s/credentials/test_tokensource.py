"""Renewed tokens: the time of renewals, their number, and the token of each request."""

import asyncio
import weakref

import pytest

from k8s import errors
from k8s.credentials.credential import CredentialInvalid, Secret
from k8s.credentials.tokens import IssuedToken, RenewedToken
from k8s.kinds.builtin import POD
from k8s.transport.bodymemory import PORTION, Portion
from k8s.transport.call import Call
from k8s.transport.path import list_path
from k8s.transport.transport import Transport
from tests.k8s.tokens import Issuer, WallClock
from tests.k8s.transports import LIMITS, LIST
from tests.k8s.wireserver import WireServer, http, until

REFUSED = http(b"{}", status="401 Unauthorized")


@pytest.fixture
def wall() -> WallClock:
    return WallClock()


@pytest.fixture
def issuer(wall: WallClock) -> Issuer:
    return Issuer(wall)


@pytest.fixture
def source(issuer: Issuer, wall: WallClock) -> RenewedToken:
    return RenewedToken(issuer, clock=wall)


async def test_cr_10_a_thousand_that_ask_at_once_get_one_token(issuer: Issuer, source: RenewedToken) -> None:
    tokens = await asyncio.gather(*(source.token() for _ in range(1000)))

    assert issuer.issued == 1
    assert set(tokens) == {Secret("token-1")}


async def test_cr_10_at_80_percent_of_its_life_a_token_is_renewed_once_and_nobody_waits(
    issuer: Issuer, source: RenewedToken, wall: WallClock
) -> None:
    await source.token()
    wall.pass_s(479)
    assert await source.token() == Secret("token-1")
    assert issuer.issued == 1
    issuer.gate = asyncio.Event()
    wall.pass_s(1)

    tokens = await asyncio.gather(*(source.token() for _ in range(1000)))

    assert set(tokens) == {Secret("token-1")}
    issuer.gate.set()
    await until(lambda: issuer.tokens == ["token-1", "token-2"])
    assert await source.token() == Secret("token-2")
    assert issuer.issued == 2


async def test_an_expired_token_is_never_given(source: RenewedToken, wall: WallClock) -> None:
    await source.token()
    wall.pass_s(600)

    assert await source.token() == Secret("token-2")


async def test_a_token_without_an_end_stays(issuer: Issuer, source: RenewedToken, wall: WallClock) -> None:
    issuer.life = None
    await source.token()
    wall.pass_s(10**6)

    assert await source.token() == Secret("token-1")
    assert issuer.issued == 1


async def test_while_a_renewal_fails_the_old_token_serves_until_its_end(
    issuer: Issuer, source: RenewedToken, wall: WallClock
) -> None:
    await source.token()
    issuer.failure = CredentialInvalid("nothing to be had")
    wall.pass_s(500)
    await source.token()
    await until(lambda: issuer.issued == 2)

    assert await source.token() == Secret("token-1")
    assert issuer.issued == 2  # not again at once
    wall.pass_s(100)
    with pytest.raises(CredentialInvalid, match="nothing to be had"):
        await source.token()


async def test_a_failure_is_the_answer_for_some_seconds(issuer: Issuer, source: RenewedToken, wall: WallClock) -> None:
    issuer.failure = CredentialInvalid("nothing to be had")
    for _ in range(100):
        with pytest.raises(CredentialInvalid):
            await source.token()
    assert issuer.issued == 1
    issuer.failure = None
    wall.pass_s(5)

    assert await source.token() == Secret("token-2")


async def test_fa_16_a_clock_that_is_set_back_keeps_neither_a_refused_token_nor_a_failure(
    issuer: Issuer, source: RenewedToken, wall: WallClock
) -> None:
    first = await source.token()
    wall.pass_s(-3600)
    source.refused(first)
    issuer.failure = CredentialInvalid("nothing to be had")
    with pytest.raises(CredentialInvalid):
        await source.token()
    issuer.failure = None
    wall.pass_s(-3600)

    assert await source.token() == Secret("token-3")


async def test_a_caller_that_goes_away_does_not_end_what_others_wait_for(issuer: Issuer, source: RenewedToken) -> None:
    issuer.gate = asyncio.Event()
    first, second = asyncio.create_task(source.token()), asyncio.create_task(source.token())
    await until(lambda: issuer.issued == 1)
    first.cancel()
    await asyncio.sleep(0)
    issuer.gate.set()

    assert await second == Secret("token-1")


async def test_the_token_of_a_source_is_sent(server: WireServer, source: RenewedToken) -> None:
    transport = _transport(server, source)

    await transport.exchange(LIST, timeout_s=10)
    await transport.close()

    assert server.headers()["authorization"] == "Bearer token-1"


async def test_a_refused_token_is_renewed_once_and_the_request_sent_again(
    server: WireServer, source: RenewedToken, wall: WallClock
) -> None:
    server.answers = [http(), REFUSED, http(b"[]")]
    transport = _transport(server, source)
    await transport.exchange(LIST, timeout_s=10)
    wall.pass_s(60)

    body = await transport.exchange(Call(list_path(POD), "create", "pods", body=b"{}"), timeout_s=10)
    await transport.close()

    assert body == b"[]"
    requests = [(line.split()[0], server.headers(index)["authorization"]) for index, line in enumerate(server.lines)]
    assert requests == [("GET", "Bearer token-1"), ("POST", "Bearer token-1"), ("POST", "Bearer token-2")]


async def test_a_cluster_that_accepts_no_token_does_not_cost_one_for_each_request(
    server: WireServer, issuer: Issuer, source: RenewedToken
) -> None:
    server.answers = [REFUSED]
    transport = _transport(server, source)

    for _ in range(20):
        with pytest.raises(errors.Unauthenticated):
            await transport.exchange(LIST, timeout_s=10)
    await transport.close()

    assert issuer.issued == 1
    assert len(server.requests) == 20


async def test_without_a_token_nothing_is_sent(server: WireServer, issuer: Issuer, source: RenewedToken) -> None:
    issuer.failure = CredentialInvalid("nothing to be had")
    transport = _transport(server, source)

    with pytest.raises(errors.CredentialUnusable, match="cluster 'alpha': nothing to be had"):
        await transport.exchange(LIST, timeout_s=10)
    await transport.close()

    assert server.connections == 0


async def test_a_source_that_hangs_is_bounded_by_the_deadline(
    server: WireServer, issuer: Issuer, source: RenewedToken
) -> None:
    issuer.gate = asyncio.Event()
    transport = _transport(server, source)

    with pytest.raises(errors.TimedOut):
        await transport.exchange(LIST, timeout_s=0.05)
    issuer.gate.set()
    await transport.close()


def _transport(server: WireServer, source: RenewedToken) -> Transport:
    return Transport("alpha", server.endpoint, credential=source, limits=LIMITS)


async def test_closing_ends_a_request_for_a_token_that_is_under_way() -> None:
    begun, ended = asyncio.Event(), asyncio.Event()

    async def issue() -> IssuedToken:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()
        raise AssertionError

    source = RenewedToken(issue)
    waiting = asyncio.create_task(source.token())
    await begun.wait()

    await source.close()

    assert ended.is_set()
    with pytest.raises(asyncio.CancelledError):
        await waiting


async def test_a_token_that_was_being_issued_when_it_was_let_go_of_is_not_kept(
    issuer: Issuer, source: RenewedToken
) -> None:
    older_gate = issuer.gate = asyncio.Event()
    older = asyncio.create_task(source.token())
    await until(lambda: issuer.issued == 1)
    source.forget()
    issuer.gate = asyncio.Event()
    newer = asyncio.create_task(source.token())
    await until(lambda: issuer.issued == 2)  # it does not wait for the older one

    issuer.gate.set()
    newer_token = await newer
    older_gate.set()
    await older

    assert await source.token() == newer_token
    assert issuer.issued == 2


async def test_what_waits_for_an_older_token_ends_with_closing(issuer: Issuer, source: RenewedToken) -> None:
    issuer.gate = asyncio.Event()
    waiting = asyncio.create_task(source.token())
    await until(lambda: issuer.issued == 1)
    source.forget()

    await source.close()

    with pytest.raises(asyncio.CancelledError):
        await waiting


async def test_a_token_takes_no_memory_of_the_body_that_it_is_needed_for() -> None:
    seen: list[Portion | None] = []

    async def issue() -> IssuedToken:
        seen.append(PORTION.get())
        return IssuedToken(Secret("token"), None)

    PORTION.set(Portion())
    await RenewedToken(issue).token()

    assert seen == [None]


async def test_a_failure_is_kept_without_the_answers_that_led_to_it(wall: WallClock) -> None:
    answers: list[weakref.ref[set[str]]] = []

    async def issue() -> IssuedToken:
        answer = {"a list of bindings"}
        answers.append(weakref.ref(answer))
        raise errors.ProtocolBroken("alpha", "its list of rolebindings never ends.")

    source = RenewedToken(issue, clock=wall)
    with pytest.raises(errors.ProtocolBroken, match="never ends"):
        await source.token()

    assert [answer() for answer in answers] == [None]
