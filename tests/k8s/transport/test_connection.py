"""A connection to one API server: retries, the circuit breaker, and one deadline for all tries."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from time import perf_counter

import pytest

from k8s import errors
from k8s.credentials.credential import BearerToken, CredentialInvalid, Secret
from k8s.credentials.impersonation import Impersonation
from k8s.credentials.tokens import IssuedToken, RenewedToken
from k8s.kinds.builtin import NODE, POD
from k8s.resilience.circuitbreaker import FIRST_PAUSE_S
from k8s.resilience.flow import Flow
from k8s.transport.body import PREFIX_BYTES
from k8s.transport.call import Call
from k8s.transport.connection import Connection
from k8s.transport.deadline import Deadline
from k8s.transport.limits import ConnectionLimits
from k8s.transport.path import list_path, object_path
from tests.k8s.clock import Clock
from tests.k8s.wireserver import CLOSE, CUT, WireServer, http, until, wire_server

LIST = Call(list_path(POD), "list", "pods")
CUT_WITHIN = CLOSE + http(b"{}")[:-1]
PODS = Flow("", "list", "pods")
CREATE = Call(list_path(POD), "create", "pods", body=b"{}")


@pytest.fixture
async def server() -> AsyncIterator[WireServer]:
    async with wire_server() as wire:
        yield wire


@pytest.fixture
async def connection(server: WireServer, clock: Clock) -> AsyncIterator[Connection]:
    limits = ConnectionLimits(connect_timeout_s=30)
    connection = Connection("alpha", server.endpoint, credential=BearerToken(Secret("s3cret")), limits=limits)
    connection.breaker.clock = clock
    yield connection
    await connection.close()


async def test_a_read_that_broke_off_is_tried_once_more(server: WireServer, connection: Connection) -> None:
    server.answers = [CUT_WITHIN, http(b"[]")]

    assert await connection.send(LIST, Deadline(10)) == b"[]"
    assert len(server.requests) == 2
    assert connection.breaker.failures == 0


async def test_a_read_that_breaks_off_again_is_an_error(server: WireServer, connection: Connection) -> None:
    server.answers = [CUT_WITHIN]

    with pytest.raises(errors.Unreachable, match="the connection broke off"):
        await connection.send(LIST, Deadline(10))
    assert len(server.requests) == 2
    assert (connection.breaker.failures, connection.resilience.failures(PODS)) == (0, 1)


async def test_kept_connections_that_were_closed_meanwhile_do_no_harm(
    server: WireServer, connection: Connection
) -> None:
    server.answers = [CUT, CUT, CUT, http(b"[]")]

    assert await connection.send(LIST, Deadline(10)) == b"[]"


async def test_what_was_posted_is_not_sent_again(server: WireServer, connection: Connection) -> None:
    server.answers = [CUT]

    with pytest.raises(errors.Unreachable, match="the connection broke off"):
        await connection.send(CREATE, Deadline(10))
    assert len(server.requests) == 1


async def test_the_first_bytes_are_shown_once_for_each_try(server: WireServer, connection: Connection) -> None:
    prefixes: list[bytes] = []
    server.answers = [CLOSE + http(b"a" * 3000)[:-1], http(b"b" * 3000)]

    await connection.send(LIST, Deadline(10), on_prefix=prefixes.append)

    assert prefixes == [b"a" * PREFIX_BYTES, b"b" * PREFIX_BYTES]


async def test_the_deadline_covers_both_tries(server: WireServer, connection: Connection) -> None:
    server.answers = [CUT_WITHIN, None]
    deadline = Deadline(0.5)
    started_s = perf_counter()

    with pytest.raises(errors.TimedOut):
        await connection.send(LIST, deadline)

    assert perf_counter() - started_s > 0.45
    assert deadline.left_s == 0


async def test_nothing_is_sent_after_the_deadline(server: WireServer, connection: Connection) -> None:
    with pytest.raises(errors.TimedOut, match="its timeout of 0 s passed before the request to list pods"):
        await connection.send(LIST, Deadline(0))

    assert server.connections == 0
    assert connection.breaker.failures == 0


async def test_what_failed_is_not_asked_for_again_before_the_pause_is_over(
    server: WireServer, connection: Connection, clock: Clock
) -> None:
    server.answers = [CUT]
    with pytest.raises(errors.Unreachable):
        await connection.send(LIST, Deadline(10))
    server.answers, sent = [http()], len(server.requests)

    with pytest.raises(
        errors.CircuitOpen, match=r"list pods failed a moment ago and are sent again in \d s: the"
    ) as raised:
        await connection.send(LIST, Deadline(10))

    assert raised.value.retryable
    assert len(server.requests) == sent
    clock.now_s += FIRST_PAUSE_S
    assert await connection.send(LIST, Deadline(10)) == b"{}"
    assert connection.resilience.failures(PODS) == 0


async def test_of_many_requests_after_the_pause_one_probes(
    server: WireServer, connection: Connection, clock: Clock
) -> None:
    server.answers = [CUT_WITHIN, CUT_WITHIN, None]
    with pytest.raises(errors.Unreachable):
        await connection.send(LIST, Deadline(10))
    clock.now_s += FIRST_PAUSE_S
    request_count = len(server.requests)

    results = await asyncio.gather(*(connection.send(LIST, Deadline(1)) for _ in range(20)), return_exceptions=True)

    assert [type(result) for result in results] == [errors.TimedOut] + [errors.CircuitOpen] * 19
    assert len(server.requests) == request_count + 1


async def test_who_had_spent_its_time_before_closes_nothing_to_others(
    server: WireServer, connection: Connection, clock: Clock
) -> None:
    server.answers = [None]
    spent = Deadline(1, clock=clock)
    with spent.running():
        clock.now_s += 0.9

    with pytest.raises(errors.TimedOut):
        await connection.send(LIST, spent)
    assert connection.resilience.failures(PODS) == 0

    with pytest.raises(errors.TimedOut):
        await connection.send(LIST, Deadline(1))
    assert connection.resilience.failures(PODS) == 1


@pytest.mark.parametrize(
    "answer", [http(status="403 Forbidden"), http(status="500 Oops"), http(b"<p>", content_type="text/html")]
)
async def test_an_api_server_that_answers_is_asked_again_whatever_it_says(
    server: WireServer, connection: Connection, answer: bytes
) -> None:
    server.answers = [answer]

    for _ in range(3):
        with pytest.raises(errors.ClusterError):
            await connection.send(LIST, Deadline(10))

    assert len(server.requests) == 3


async def test_a_caller_that_goes_away_says_nothing_about_the_cluster(
    server: WireServer, connection: Connection
) -> None:
    server.answers = [None]
    sending = asyncio.create_task(connection.send(LIST, Deadline(5)))
    await until(lambda: len(server.requests) == 1)

    sending.cancel()
    await asyncio.gather(sending, return_exceptions=True)

    assert connection.breaker.failures == 0
    await until(lambda: not server.open_connections)


async def test_a_credential_of_no_use_says_nothing_about_the_cluster(
    server: WireServer, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_given: object, **_options: object) -> None:
        raise CredentialInvalid("the TLS library refuses the client certificate")

    monkeypatch.setattr("k8s.transport.transport.CONTEXTS.context", refuse)

    for _ in range(2):
        with pytest.raises(errors.CredentialUnusable):
            await connection.send(LIST, Deadline(10))
    assert server.connections == 0


async def test_a_token_that_is_not_asked_for_now_says_nothing_about_the_cluster(server: WireServer) -> None:
    async def issue() -> IssuedToken:
        raise errors.CircuitOpen("alpha", "requests for tokens failed a moment ago.")

    connection = Connection("alpha", server.endpoint, credential=RenewedToken(issue))

    for _ in range(2):
        with pytest.raises(errors.CircuitOpen, match="requests for tokens"):
            await connection.send(LIST, Deadline(10))
    assert not connection.resilience.is_open
    assert connection.resilience.failures(PODS) == 0


async def test_one_kind_that_hangs_leaves_the_others_to_the_same_connection(
    server: WireServer, connection: Connection
) -> None:
    server.answers = [None]
    with pytest.raises(errors.TimedOut):
        await connection.send(LIST, Deadline(1))
    server.answers = [http(b"[]")]

    with pytest.raises(errors.CircuitOpen, match="requests to list pods failed a moment ago"):
        await connection.send(LIST, Deadline(10))
    assert await connection.send(Call(list_path(NODE), "list", "nodes"), Deadline(10)) == b"[]"


@pytest.mark.parametrize("retry_after", ["0", "30"])
async def test_one_kind_that_is_put_off_leaves_the_others_to_the_same_connection(
    server: WireServer, connection: Connection, retry_after: str
) -> None:
    server.answers = [http(status="429 Too Many Requests", headers=f"Retry-After: {retry_after}\r\n")]
    with pytest.raises(errors.TooManyRequests):
        await connection.send(LIST, Deadline(10))
    server.answers = [http(b"[]")]

    assert await connection.send(Call(list_path(NODE), "list", "nodes"), Deadline(10)) == b"[]"


async def test_a_caller_that_is_put_off_holds_up_no_other_caller(server: WireServer, connection: Connection) -> None:
    alice, bob = (
        Connection(
            "alpha",
            server.endpoint,
            credential=BearerToken(Secret("t")),
            acting_as=Impersonation(name),
            resilience=connection.resilience,
        )
        for name in ("alice", "bob")
    )
    server.answers = [http(status="429 Too Many Requests", headers="Retry-After: 30\r\n"), http(b"[]")]
    with pytest.raises(errors.TooManyRequests):
        await alice.send(LIST, Deadline(10))

    with pytest.raises(errors.TooManyRequests, match="requests to list pods as 'alice' are paused"):
        await alice.send(LIST, Deadline(10))
    for other in (bob, connection):
        assert await other.send(LIST, Deadline(10)) == b"[]"

    assert len(server.requests) == 3
    await alice.close()
    await bob.close()


@pytest.mark.parametrize(
    ("put_off", "others"),
    [
        (("delete", "x", "web"), [("delete", "x", "db"), ("get", "x", "web"), ("list", None, None)]),
        (("create", "x", None), [("create", "y", None), ("list", "x", None), ("delete", "x", "web")]),
    ],
)
async def test_a_write_that_is_put_off_holds_up_no_other_object(
    server: WireServer,
    connection: Connection,
    put_off: tuple[str, str, str | None],
    others: list[tuple[str, str | None, str | None]],
) -> None:
    server.answers = [http(status="429 Too Many Requests", headers="Retry-After: 30\r\n"), http(b"[]")]
    with pytest.raises(errors.TooManyRequests):
        await connection.send(_call(*put_off), Deadline(10))

    for other in others:
        assert await connection.send(_call(*other), Deadline(10)) == b"[]"
    with pytest.raises(errors.TooManyRequests, match="are paused"):
        await connection.send(_call(*put_off), Deadline(10))


def _call(verb: str, namespace: str | None, name: str | None) -> Call:
    path = list_path(POD, namespace) if name is None else object_path(POD, namespace, name)
    return Call(path, verb, "pods", body=b"{}" if verb == "create" else None)


async def test_messages_name_whom_the_cluster_sees(server: WireServer) -> None:
    user = Impersonation("alice")
    connection = Connection(
        "alpha", server.endpoint, credential=BearerToken(Secret("t")), acting_as=user, identity=user.user
    )
    server.answers = [http(status="429 Too Many Requests", headers="Retry-After: 30\r\n")]

    for message in ("it sheds load", "requests to list pods as 'alice' are paused: it asks for a pause of 30 s"):
        with pytest.raises(errors.TooManyRequests, match=message):
            await connection.send(LIST, Deadline(15))
    await connection.close()


def test_its_representation_has_no_credential(connection: Connection) -> None:
    assert repr(connection) == f"Connection('alpha', {connection.endpoint.server!r})"


async def test_fa_3_a_connection_knows_when_its_servers_certificate_ends(
    server: WireServer, connection: Connection
) -> None:
    assert connection.server_certificate_expires_at is None

    await connection.send(LIST, Deadline(10))
    await connection.close()

    expires_at = connection.server_certificate_expires_at
    assert expires_at is not None
    assert expires_at > datetime.now(UTC)
