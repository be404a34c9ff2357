"""The end of what runs when its token or its grants end."""

import asyncio
import base64
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from time import time

import pytest

from resolvers.caller import Caller
from resolvers.fleet.cluster import FleetCluster
from server.auth.accesslost import RIGHTS_LOST, TOKEN_LOST, UNKNOWN, AccessLost
from server.auth.bearer import expires_at_s
from server.live import reviews as reviews_module
from server.live.reviews import AccessEnded, Reviews
from store.errors import StoreUnavailable
from tests.resolvers.fakereader import FakeReader, cluster

ALICE = Caller(name="alice")
ALPHA = replace(cluster("alpha", FakeReader()), roles=("view",))
BETA = cluster("beta", FakeReader())
ANY_TOKEN = "fgt_any"


@dataclass
class Access:
    """Tokens and clusters, which tests take away."""

    caller_now: Caller | None = ALICE
    now: Sequence[FleetCluster] = (ALPHA, BETA)
    error: Exception | None = None
    verified: int = 0
    on_verified: asyncio.Event = field(default_factory=asyncio.Event)

    async def caller(self, _token: str) -> Caller | None:
        self.verified += 1
        self.on_verified.set()
        if self.error is not None:
            raise self.error
        return self.caller_now

    async def clusters(self, _caller: Caller) -> Sequence[FleetCluster]:
        return self.now


def jwt(expires_at_s: float) -> str:
    def segment(value: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    return f"{segment({'alg': 'ES256'})}.{segment({'exp': expires_at_s})}.{segment('signature')}"


async def run(reviews: Reviews, began: asyncio.Event, token: str | None = ANY_TOKEN) -> AccessLost:
    """Runs until access is lost."""
    try:
        async with reviews.permitted(ALICE, token):
            began.set()
            await asyncio.Event().wait()
    except AccessEnded as ended:
        return ended.lost
    raise AssertionError


def _end_token(access: Access) -> None:
    access.caller_now = None


def _change_caller(access: Access) -> None:
    access.caller_now = Caller(name="alice", groups=frozenset({"fewer"}))


def _remove_cluster(access: Access) -> None:
    access.now = (ALPHA,)


def _change_role(access: Access) -> None:
    access.now = (replace(ALPHA, roles=("edit",)), BETA)


@pytest.mark.parametrize(
    ("change", "lost"),
    [
        (_end_token, TOKEN_LOST),
        (_change_caller, RIGHTS_LOST),
        (_remove_cluster, RIGHTS_LOST),
        (_change_role, RIGHTS_LOST),
    ],
    ids=["token", "caller", "cluster", "role"],
)
async def test_ws_18_what_runs_ends_when_access_is_lost(change: Callable[[Access], None], lost: AccessLost) -> None:
    access, began = Access(), asyncio.Event()
    reviews = Reviews(access, access.clusters, interval_s=0.01)
    running = asyncio.create_task(run(reviews, began))
    await began.wait()

    change(access)

    assert await running == lost
    assert not len(reviews)


async def test_a_jwt_ends_at_its_expiry_although_it_is_still_verified() -> None:
    access, began = Access(), asyncio.Event()
    reviews = Reviews(access, access.clusters, interval_s=60)

    assert await run(reviews, began, jwt(time() + 0.05)) == TOKEN_LOST
    assert await run(reviews, began, jwt(time() - 0.05)) == TOKEN_LOST
    assert access.verified == 0


async def test_a_token_is_verified_once_for_all_that_runs_with_it() -> None:
    access, begun = Access(), [asyncio.Event() for _ in range(20)]
    reviews = Reviews(access, access.clusters, interval_s=0.01)
    running = [asyncio.create_task(run(reviews, began)) for began in begun]
    await asyncio.gather(*(began.wait() for began in begun))

    access.caller_now = None
    access.verified = 0

    assert await asyncio.gather(*running) == [TOKEN_LOST] * 20
    assert access.verified == 1


async def test_what_begins_after_a_grant_is_lost_runs_on() -> None:
    access, began, later = Access(), asyncio.Event(), asyncio.Event()
    reviews = Reviews(access, access.clusters, interval_s=0.05)
    running = asyncio.create_task(run(reviews, began))
    await began.wait()

    access.now = (ALPHA,)
    second = asyncio.create_task(run(reviews, later))
    await later.wait()

    assert await running == RIGHTS_LOST
    access.on_verified.clear()
    await access.on_verified.wait()  # a whole review of the second one
    access.on_verified.clear()
    await access.on_verified.wait()
    assert not second.done()
    access.caller_now = None
    assert await second == TOKEN_LOST


async def test_new_clusters_and_a_store_that_is_away_for_a_moment_end_nothing() -> None:
    access, began = Access(), asyncio.Event()
    reviews = Reviews(access, access.clusters, interval_s=0.01)
    running = asyncio.create_task(run(reviews, began))
    await began.wait()

    access.now = (ALPHA, BETA, cluster("gamma", FakeReader()))
    access.error = StoreUnavailable("away")
    for _ in range(3):
        access.on_verified.clear()
        await access.on_verified.wait()

    assert not running.done()
    access.error, access.caller_now = None, None
    assert await running == TOKEN_LOST


async def test_what_runs_ends_if_access_is_unknown_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reviews_module, "_UNKNOWN_S", 0.05)
    access = Access(error=StoreUnavailable("away"))
    reviews = Reviews(access, access.clusters, interval_s=0.01)

    assert await run(reviews, asyncio.Event()) == UNKNOWN


async def test_the_end_of_what_runs_ends_its_review() -> None:
    access = Access()
    reviews = Reviews(access, access.clusters, interval_s=60)

    async with reviews.permitted(ALICE, None):
        assert len(reviews) == 1

    assert not len(reviews)


async def test_a_cancellation_from_elsewhere_stays_one() -> None:
    access, began = Access(), asyncio.Event()
    running = asyncio.create_task(run(Reviews(access, access.clusters), began))
    await began.wait()

    running.cancel()

    with pytest.raises(asyncio.CancelledError):
        await running


@pytest.mark.parametrize("token", ["fgt_a_b", "a.b.c", "a.!.c", f"a.{base64.urlsafe_b64encode(b'[]').decode()}.c", ""])
def test_other_tokens_have_no_expiry(token: str) -> None:
    assert expires_at_s(token) is None
