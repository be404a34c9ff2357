"""A connection as one of our service accounts, whose tokens come from the same API server; against one on loopback."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from k8s import errors
from k8s.accounts.account import Account, AccountOwner
from k8s.accounts.accountconnection import AccountConnection, AccountTokens
from k8s.accounts.bindings import BoundRole
from k8s.accounts.repair import AccountRepair
from k8s.credentials.credential import BearerToken, Secret
from k8s.credentials.tokens import PAUSE, RenewedToken
from k8s.resilience.circuitbreaker import LONGEST_PAUSE_S
from k8s.resilience.resilience import Resilience
from k8s.transport.connection import Connection
from k8s.transport.deadline import Deadline
from tests.k8s.clock import Clock
from tests.k8s.tokens import WallClock
from tests.k8s.transports import LIST
from tests.k8s.wireserver import CUT, WireServer, http

ACCOUNT = Account(AccountOwner("fleetgraph", "test"), ("user:alice",))
OURS = http(msgspec.json.encode({"metadata": {"name": ACCOUNT.name, "labels": ACCOUNT.labels}}))
NONE = http(b'{"items": []}')
ADMIN = BoundRole("ClusterRole", "admin")
BINDING = {
    "metadata": {"name": "fleetgraph-admin", "labels": ACCOUNT.labels},
    "roleRef": {"kind": ADMIN.kind, "name": ADMIN.name},
    "subjects": [{"kind": "ServiceAccount", "name": ACCOUNT.name, "namespace": ACCOUNT.namespace}],
}


def issued() -> bytes:
    """Returns the answer to a TokenRequest."""
    ends_at = (datetime.now(UTC) + timedelta(minutes=10)).isoformat()
    return http(msgspec.json.encode({"status": {"token": "t0ken", "expirationTimestamp": ends_at}}))


@pytest.fixture
def wall_clock() -> WallClock:
    return WallClock(datetime.now(UTC))


@pytest.fixture
async def connection(server: WireServer, clock: Clock, wall_clock: WallClock) -> AsyncIterator[AccountConnection]:
    resilience = Resilience(clock=clock)
    own = BearerToken(Secret("s3cret"))
    administrator = Connection("alpha", server.endpoint, credential=own, resilience=resilience)
    tokens = RenewedToken(AccountTokens(administrator, ACCOUNT, (), timeout_s=10).issue, clock=wall_clock)
    bearer = Connection("alpha", server.endpoint, credential=tokens, resilience=resilience)
    connection = AccountConnection(administrator, bearer, tokens)
    yield connection
    await connection.close()


async def test_a_cluster_that_is_back_is_asked_again_where_a_token_is_needed_first(
    server: WireServer, connection: AccountConnection, clock: Clock, wall_clock: WallClock
) -> None:
    server.answers = [CUT]
    with pytest.raises(errors.Unreachable):
        await connection.send(LIST, Deadline(10))
    server.answers = [OURS, NONE, NONE, issued(), http(b"[]")]
    clock.now_s += LONGEST_PAUSE_S
    wall_clock.pass_s(PAUSE.total_seconds())

    assert await connection.send(LIST, Deadline(10)) == b"[]"


async def test_waiting_for_a_token_ends_with_the_deadline(server: WireServer, connection: AccountConnection) -> None:
    server.answers = [None]

    with pytest.raises(errors.TimedOut, match=r"its timeout of 0\.1 s passed before the request to list pods"):
        await connection.send(LIST, Deadline(0.1))


async def test_a_token_that_does_not_come_closes_the_cluster_to_nobody_else(
    server: WireServer, connection: AccountConnection
) -> None:
    server.answers = [OURS, NONE, NONE, None]
    with pytest.raises(errors.TimedOut):
        await connection.send(LIST, Deadline(3))
    server.answers = [http(b"[]")]

    assert await connection._administrator.send(LIST, Deadline(10)) == b"[]"
    assert not connection._administrator.resilience.is_open


async def test_an_account_that_is_gone_is_made_again_though_its_token_is_new(
    server: WireServer, clock: Clock, wall_clock: WallClock
) -> None:
    """A cluster that does not cache tokens refuses the first request after the account was removed."""
    own = BearerToken(Secret("s3cret"))
    administrator = Connection("alpha", server.endpoint, credential=own)
    issuer = AccountTokens(administrator, ACCOUNT, (), timeout_s=10)
    tokens = RenewedToken(issuer.issue, clock=wall_clock)
    bearer = Connection("alpha", server.endpoint, credential=tokens)
    repair = AccountRepair(issuer.reconcile, renew=tokens.forget, clock=clock)
    connection = AccountConnection(administrator, bearer, tokens, repair=repair)
    gone, refused = http(b"{}", status="404 Not Found"), http(b"{}", status="401 Unauthorized")
    created = http(b"{}", status="201 Created")
    server.answers = [OURS, NONE, NONE, issued(), refused, gone, created, NONE, NONE, issued(), http(b"[]")]

    assert await connection.send(LIST, Deadline(10)) == b"[]"
    await connection.close()

    assert [line.split()[0] for line in server.lines].count("POST") == 3  # two tokens, one account


async def test_what_was_taken_back_is_not_made_again(server: WireServer) -> None:
    async def is_granted() -> bool:
        return False

    administrator = Connection("alpha", server.endpoint, credential=BearerToken(Secret("s3cret")))
    issuer = AccountTokens(administrator, ACCOUNT, (ADMIN,), timeout_s=10, is_granted=is_granted)
    server.answers = [http(b"{}", status="404 Not Found")]

    with pytest.raises(errors.Forbidden, match=r"its grants were revoked"):
        await issuer.issue()
    with pytest.raises(errors.Forbidden):
        await issuer.reconcile()
    await administrator.close()

    assert server.lines == []


@pytest.mark.parametrize("status", ["201 Created", "500 Internal Server Error"])
async def test_what_is_taken_back_while_it_is_made_is_removed_again(server: WireServer, status: str) -> None:
    async def is_granted() -> bool:
        return not server.lines

    administrator = Connection("alpha", server.endpoint, credential=BearerToken(Secret("s3cret")))
    issuer = AccountTokens(administrator, ACCOUNT, (ADMIN,), timeout_s=5, is_granted=is_granted)
    answer = http(b"{}", status=status)
    server.answers = [OURS, NONE, NONE, answer, http(msgspec.json.encode({"items": [BINDING]})), NONE, http(b"{}")]

    with pytest.raises(errors.Forbidden, match=r"its grants were revoked"):
        await issuer.issue()
    await administrator.close()

    writes = [line.split()[:2] for line in server.lines if not line.startswith("GET")]
    assert [method for method, _path in writes] == ["POST", "DELETE"]
    assert writes[1][1].endswith("/clusterrolebindings/fleetgraph-admin")


async def test_a_role_that_is_bound_is_left_alone_by_whoever_cannot_tell_what_is_granted(server: WireServer) -> None:
    async def is_granted() -> bool:
        raise errors.Unreachable("alpha", "nobody can tell.")

    administrator = Connection("alpha", server.endpoint, credential=BearerToken(Secret("s3cret")))
    issuer = AccountTokens(administrator, ACCOUNT, (ADMIN,), timeout_s=10, is_granted=is_granted)

    with pytest.raises(errors.Unreachable):
        await issuer.issue()
    await administrator.close()

    assert server.lines == []


@pytest.mark.parametrize(("found", "changed"), [({"items": []}, 0), ({"items": [BINDING]}, 1)])
async def test_a_binding_that_is_there_is_a_change_only_if_another_replica_made_it(
    server: WireServer, found: dict[str, object], changed: int
) -> None:
    """A foreign binding with the name of ours would otherwise be a change at each refusal."""
    administrator = Connection("alpha", server.endpoint, credential=BearerToken(Secret("s3cret")))
    taken = http(b"{}", status="409 Conflict")
    server.answers = [OURS, NONE, NONE, taken, http(msgspec.json.encode(found)), NONE]

    result = await AccountTokens(administrator, ACCOUNT, (ADMIN,), timeout_s=5).reconcile()
    await administrator.close()

    assert (result.changed, result.missing) == (changed, () if changed else (ADMIN,))


IMPOSSIBLE = {
    "before it was issued": {
        "expirationTimestamp": "2026-01-01T00:00:00Z",
        "creationTimestamp": "2026-01-02T00:00:00Z",
    },
    "year 1": {"expirationTimestamp": "0001-01-01T00:00:00Z"},
    "year 1 with an offset": {"expirationTimestamp": "0001-01-01T00:00:00+23:59"},
    "without a zone": {"expirationTimestamp": "2126-01-01T00:00:00"},
    "no time": {"expirationTimestamp": "2126-13-45T99:99:99Z"},
    "a line break in the token": {"expirationTimestamp": "2126-01-01T00:00:00Z", "token": "a\r\nX: y"},
    "no token": {"expirationTimestamp": "2126-01-01T00:00:00Z", "token": ""},
    "a long token": {"expirationTimestamp": "2126-01-01T00:00:00Z", "token": "x" * 20_000},
}


def _token_request(expirationTimestamp: str, creationTimestamp: str = "", token: str = "t0ken") -> bytes:  # noqa: N803, S107  the API's own names
    metadata = {"creationTimestamp": creationTimestamp} if creationTimestamp else {}
    status = {"token": token, "expirationTimestamp": expirationTimestamp}
    return http(msgspec.json.encode({"metadata": metadata, "status": status}))


@pytest.mark.parametrize("told", IMPOSSIBLE)
async def test_a_token_that_can_be_none_is_a_broken_protocol(
    server: WireServer, connection: AccountConnection, told: str
) -> None:
    server.answers = [OURS, NONE, NONE, _token_request(**IMPOSSIBLE[told])]

    with pytest.raises(errors.ProtocolBroken):
        await connection.send(LIST, Deadline(5))


async def test_a_token_that_lasts_for_ever_is_kept_for_a_year(
    server: WireServer, connection: AccountConnection
) -> None:
    for created in ("0001-01-01T00:00:00Z", ""):
        server.answers = [OURS, NONE, NONE, _token_request("9999-12-31T23:59:59Z", created), http()]

        await connection.send(LIST, Deadline(5))
