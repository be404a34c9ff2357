"""Counts of live connections and subscriptions."""

from collections.abc import Callable
from contextlib import AbstractContextManager, AsyncExitStack, ExitStack

import pytest

from k8s.errors import ErrorCode
from server.http.responses import Refusal
from server.live.admission import LiveAdmission
from server.live.limits import LiveLimits


@pytest.mark.parametrize(
    ("counted", "setting"), [("connection", "LIVE_CONNECTIONS"), ("subscription", "SUBSCRIPTIONS")]
)
def test_ws_21_a_caller_has_a_share_and_others_are_unaffected(counted: str, setting: str) -> None:
    limits = LiveLimits(connections=3, caller_connections=2, subscriptions=3, caller_subscriptions=2)
    admission = LiveAdmission(limits)
    take: Callable[[str], AbstractContextManager[None]] = getattr(admission, counted)

    def refusal(caller: str) -> Refusal:
        with pytest.raises(Refusal) as refused, take(caller):
            pass
        return refused.value

    with ExitStack() as places:
        places.enter_context(take("alice"))
        places.enter_context(take("alice"))
        of_alice = refusal("alice")
        places.enter_context(take("bob"))
        of_all = refusal("carol")

    assert (of_alice.status, of_alice.headers["Retry-After"]) == (429, "5")
    assert f"(FLEETGRAPH_MAX_CALLER_{setting})" in str(of_alice)
    assert of_all.status == 503
    assert f"(FLEETGRAPH_MAX_{setting})" in str(of_all)
    assert (admission.connections, admission.subscriptions) == (0, 0)
    with take("alice"):
        assert admission.connections + admission.subscriptions == 1


async def test_operations_that_wait_to_begin_hold_few_bytes() -> None:
    admission = LiveAdmission(LiveLimits())
    async with AsyncExitStack() as beginning:
        for _ in range(8):
            await beginning.enter_async_context(admission.beginning("alice", 1_000_000))
        with pytest.raises(Refusal) as refused:
            await beginning.enter_async_context(admission.beginning("alice", 1))
        await beginning.enter_async_context(admission.beginning("bob", 1))
    async with admission.beginning("alice", 1):
        pass

    assert (refused.value.status, refused.value.code) == (429, ErrorCode.TOO_MANY_REQUESTS)
