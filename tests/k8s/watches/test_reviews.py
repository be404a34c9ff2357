"""Rights to watches, reviewed again: no failure of a review ends the others, or lets a watch go on unchecked."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from k8s.errors import Forbidden, TimedOut, TooManyRequests
from k8s.kinds.builtin import CONFIG_MAP
from k8s.watches.clusterwatching import ClusterWatching
from k8s.watches.freshness import Freshness
from k8s.watches.limits import WatchLimits
from k8s.watches.reflector.backoff import ReconnectPace
from k8s.watches.sharedwatches import SharedWatches
from k8s.watches.target import WatchTarget
from resolvers.unexpected import contained
from tests.k8s.watches.followed import Followed
from tests.k8s.watches.scriptedapi import ScriptedApi, end_of_initial, failing, line

TARGET = WatchTarget(CONFIG_MAP)
BUSY = TooManyRequests("alpha", "it sheds load.", status=429)


@asynccontextmanager
async def followed(api: ScriptedApi, limits: WatchLimits) -> AsyncIterator[Followed]:
    watches = SharedWatches(api, linger_s=0, common=ClusterWatching(contained=contained), limits=limits)
    try:
        with watches.held(TARGET) as held:
            yield await Followed(held).live()
    finally:
        await watches.close()


async def test_a_mistake_in_a_review_does_not_end_the_reviews() -> None:
    api = ScriptedApi(line("ADDED", "x", 5), end_of_initial(7))
    async with followed(api, WatchLimits(review_s=0.001)) as seen:
        api.is_allowed = failing(OSError("no descriptors"))
        await api.until(lambda: api.reviews >= 3)
        assert seen.held.freshness is Freshness.LIVE

        api.is_allowed, api.listed = lambda: False, failing(Forbidden("alpha", "no.", status=403))
        assert isinstance(await seen.failed(), Forbidden)


async def test_a_listener_that_fails_when_rights_end_does_not_end_the_reviews(monkeypatch: pytest.MonkeyPatch) -> None:
    api = ScriptedApi()
    async with followed(api, WatchLimits(review_s=0.001)) as seen:
        monkeypatch.setattr(seen.held, "revoke", failing(ZeroDivisionError()))
        api.is_allowed, api.listed = lambda: False, failing(Forbidden("alpha", "no.", status=403))
        reviews = api.reviews
        await api.until(lambda: api.reviews >= reviews + 3)


async def test_a_watch_whose_reviews_fail_for_long_is_requested_anew_and_authorized_so() -> None:
    api = ScriptedApi(line("ADDED", "x", 5), end_of_initial(7))
    async with followed(api, WatchLimits(review_s=0.001, unreviewed_s=0.01)) as seen:
        api.is_allowed = failing(BUSY)
        await api.until(lambda: len(api.streams) == 2)
        assert dict(api.calls[-1].query)["resourceVersion"] == "7"  # without a gap
        assert set(seen.names()) == {"x"}

        api.listed = failing(Forbidden("alpha", "no.", status=403))
        await seen.until(lambda: seen.held.freshness is Freshness.STALE)
        assert isinstance(seen.held.error, Forbidden)


async def test_a_right_that_is_unknown_begins_no_watch_that_was_revoked() -> None:
    api = ScriptedApi(line("ADDED", "x", 5), end_of_initial(7))
    async with followed(api, WatchLimits(review_s=0.001, unreviewed_s=0.01)) as seen:
        api.is_allowed, api.listed = lambda: False, failing(Forbidden("alpha", "no.", status=403))
        assert isinstance(await seen.failed(), Forbidden)

        api.is_allowed, streams, reviews = failing(TimedOut("alpha", "no answer.")), len(api.streams), api.reviews
        await api.until(lambda: api.reviews > reviews + 20)
        assert len(api.streams) == streams
        assert isinstance(seen.held.error, Forbidden)


class CountedPace(ReconnectPace):
    """Counts the turns that were taken."""

    turns = 0

    async def turn(self) -> None:
        self.turns += 1


async def test_a_watch_that_begins_again_takes_its_turn() -> None:
    """So that a hundred of them, after a credential that is good again, do not list at once."""
    api, pace = ScriptedApi(line("ADDED", "x", 5), end_of_initial(7)), CountedPace()
    watches = SharedWatches(api, linger_s=0, common=ClusterWatching(pace=pace), limits=WatchLimits(review_s=0.001))
    with watches.held(TARGET) as held:
        seen = await Followed(held).live()
        api.is_allowed, api.listed = lambda: False, failing(Forbidden("alpha", "no.", status=403))
        await seen.failed()
        before = pace.turns
        api.is_allowed, api.listed = lambda: True, lambda: None
        await seen.live()
        assert (before, pace.turns) == (0, 1)
    await watches.close()


async def test_a_watch_that_ended_by_an_error_of_nobody_begins_again() -> None:
    api = ScriptedApi()
    watches = SharedWatches(api, linger_s=0, limits=WatchLimits(review_s=0.001))  # which contains nothing
    api.listed = failing(ZeroDivisionError())
    with watches.held(TARGET) as held:
        await api.until(lambda: bool(api.calls))
        api.listed = lambda: None
        await Followed(held).live()
    await watches.close()


async def test_a_review_that_denies_what_a_list_allows_ends_nothing() -> None:
    """So a repaired account goes on, and an identity whose authorizer knows selectors."""
    api = ScriptedApi()
    async with followed(api, WatchLimits(review_s=0.001)) as seen:
        api.is_allowed = lambda: False
        await api.until(lambda: api.reviews >= 3)
        assert seen.held.freshness is Freshness.LIVE
        assert len(api.streams) == 1
