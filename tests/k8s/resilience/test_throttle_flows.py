"""The scope of pauses: one flow, an identity that is throttled everywhere, a cluster that sheds load."""

import random
from collections.abc import Sequence

import pytest

from k8s.resilience.flow import Flow
from k8s.resilience.recentflows import MOST_FLOWS
from k8s.resilience.throttle import ANSWERED_S, LONGEST_S, Pause, PauseScope, Throttle
from tests.k8s.clock import Clock


def flows(who: str, kinds: str) -> list[Flow]:
    """Returns lists of some kinds as one identity."""
    return [Flow(who, "list", kind) for kind in kinds]


def throttled(throttle: Throttle, several: Sequence[Flow], seconds: float = LONGEST_S) -> None:
    """Sends all of them at the same time, and throttles them."""
    for flow in several:
        throttle.pause(flow, seconds)


@pytest.fixture
def throttle(clock: Clock) -> Throttle:
    return Throttle(clock=clock)


def paused(throttle: Throttle, several: Sequence[Flow]) -> list[PauseScope | None]:
    """Returns the pause of each flow, if they are sent one after the other."""
    scopes: list[PauseScope | None] = []
    for flow in several:
        pause = throttle.pause_of(flow)
        scopes.append(pause.scope if pause.seconds else None)
        if not pause.seconds:
            throttle.send(flow)
    return scopes


def test_who_is_put_off_holds_up_nobody_else(throttle: Throttle) -> None:
    throttled(throttle, flows("a", "p"))

    assert throttle.pause_of(*flows("a", "p")) == Pause(LONGEST_S, PauseScope.FLOW)
    others = [*flows("a", "nsc"), *flows("b", "pnsc"), Flow("a", "get", "p"), Flow("a", "create", "p", "x/y")]
    assert paused(throttle, others) == [None] * len(others)


def test_one_object_that_is_put_off_holds_up_no_other(throttle: Throttle) -> None:
    evictions = [Flow("a", "create", "pods/eviction", f"x/{name}") for name in "abc"]
    throttled(throttle, evictions[:2])

    assert paused(throttle, evictions) == [PauseScope.FLOW, PauseScope.FLOW, None]
    assert paused(throttle, flows("a", "pn")) == [None, None]


def test_an_identity_that_is_put_off_for_several_kinds_is_sent_out_one_by_one(throttle: Throttle) -> None:
    throttled(throttle, flows("a", "pn"))

    assert paused(throttle, flows("a", "scd")) == [None, PauseScope.IDENTITY, PauseScope.IDENTITY]
    assert paused(throttle, flows("b", "pnscd")) == [None] * 5


def test_a_cluster_that_puts_off_several_callers_and_kinds_gets_requests_one_by_one(throttle: Throttle) -> None:
    throttled(throttle, [*flows("a", "p"), *flows("b", "n")])

    assert paused(throttle, flows("c", "pns")) == [None, PauseScope.CLUSTER, PauseScope.CLUSTER]


@pytest.mark.parametrize("answered", ["a", "b"])
def test_an_answer_to_any_of_them_lets_all_others_go(throttle: Throttle, answered: str) -> None:
    throttled(throttle, [*flows("a", "pn"), *flows("b", "pn")])
    paused(throttle, flows("b", "s"))

    throttle.answered(*flows(answered, "s"))

    assert paused(throttle, flows("c", "pnsc")) == [None] * 4
    assert paused(throttle, flows(answered, "scd")) == [None] * 3
    assert paused(throttle, flows(answered, "p")) == [PauseScope.FLOW]


def test_who_was_answered_a_moment_ago_waits_for_nobody(throttle: Throttle, clock: Clock) -> None:
    mine = flows("me", "cd")
    for flow in mine:
        throttle.answered(flow)
    throttled(throttle, [*flows("me", "pn"), *flows("b", "pn")])

    assert paused(throttle, mine * 10) == [None] * 20
    clock.now_s += ANSWERED_S
    assert paused(throttle, mine) == [None, PauseScope.IDENTITY]


@pytest.mark.parametrize("seconds", [0.0, 1.0, LONGEST_S])
@pytest.mark.parametrize("callers", [1, 50])
def test_fa_6_a_cluster_that_puts_everything_off_gets_few_requests(
    throttle: Throttle, clock: Clock, seconds: float, callers: int
) -> None:
    crowd = [flow for number in range(callers) for flow in flows(f"user {number}", "abcdefghijklmnopqrst")]
    chance, sent = random.Random(1), 0  # noqa: S311  no secret

    for _ in range(1200):
        for flow in chance.sample(crowd, 10):
            if not throttle.pause_of(flow).seconds:
                sent += 1
                throttle.send(flow)
                throttle.pause(flow, seconds)
        clock.now_s += 0.05

    assert 5 < sent < 70


@pytest.mark.parametrize("seed", range(20))
def test_no_flow_waits_for_refusals_of_others_single_kinds(seed: int, clock: Clock) -> None:
    """One kind of each of several identities is throttled; all other flows go out at once while they are answered."""
    chance, throttle = random.Random(seed), Throttle(clock=clock)  # noqa: S311  no secret
    refused = {*flows("a", "p"), *flows("b", "p"), *flows("c", "p")}
    fine = [flow for who in "abcd" for flow in flows(who, "pnsx") if flow not in refused]

    for _ in range(2000):
        flow = chance.choice([*fine, *refused] if chance.random() < 0.3 else [*refused])
        waits = throttle.pause_of(flow).seconds > 0
        assert flow in refused or not waits
        if flow not in refused:
            throttle.send(flow)
            throttle.answered(flow)
        elif not waits:
            throttle.send(flow)
            throttle.pause(flow, chance.choice([0, 1, LONGEST_S]))
        clock.now_s += chance.choice([0, 0.01, 0.2, LONGEST_S])


def test_what_is_kept_is_bounded(throttle: Throttle) -> None:
    for number in range(2000):
        for flow in flows(f"user {number}", "pn"):
            throttle.pause(flow, LONGEST_S)
            throttle.answered(Flow(f"user {number}", "list", "s"))
            throttle.pause(flow, LONGEST_S)

    assert max(len(throttle._until_s), len(throttle._answered_s), len(throttle._suspicions)) <= MOST_FLOWS
