"""Circuit breakers for the flows of one cluster: no flow is rejected because of failures of others."""

import random
from collections.abc import Sequence

import pytest

from k8s.errors import TimedOut, Unreachable
from k8s.resilience.circuitbreaker import FIRST_PAUSE_S, LONGEST_PAUSE_S
from k8s.resilience.flow import Flow
from k8s.resilience.resilience import PROBE_S, Permit, Rejection, Resilience
from k8s.resilience.suspicion import EXPIRY_S
from k8s.resilience.throttle import PauseScope
from tests.k8s.clock import Clock

LATE = TimedOut("alpha", "no complete answer.")
LOST = Unreachable("alpha", "no connection.")


def flows(who: str, kinds: str) -> list[Flow]:
    """Returns lists of some kinds as one identity."""
    return [Flow(who, "list", kind) for kind in kinds]


@pytest.fixture
def resilience(clock: Clock) -> Resilience:
    return Resilience(clock=clock)


def admitted(resilience: Resilience, flow: Flow) -> Permit:
    outcome = resilience.admit(flow)
    assert isinstance(outcome, Permit)
    return outcome


def refused(resilience: Resilience, flow: Flow) -> Rejection:
    outcome = resilience.admit(flow)
    assert isinstance(outcome, Rejection)
    return outcome


def hang(resilience: Resilience, several: Sequence[Flow]) -> None:
    """Sends all of them at the same time, without an answer."""
    for permit in [admitted(resilience, flow) for flow in several]:
        resilience.unanswered(permit, LATE)


def test_a_kind_that_hangs_is_refused_to_who_asked_for_it_alone(resilience: Resilience) -> None:
    (pods,) = flows("a", "p")
    hang(resilience, [pods])

    assert refused(resilience, pods).scope is PauseScope.FLOW
    assert not resilience.is_open
    for flow in (*flows("a", "ns"), *flows("b", "pns"), Flow("a", "get", "p")):
        admitted(resilience, flow)


def test_no_connection_concerns_everybody(resilience: Resilience, clock: Clock) -> None:
    (pods,) = flows("a", "p")
    resilience.unreachable(admitted(resilience, pods), LOST)

    assert {refused(resilience, flow).scope for flow in (pods, *flows("b", "n"))} == {PauseScope.CLUSTER}
    assert resilience.is_open
    clock.now_s += FIRST_PAUSE_S
    resilience.answered(admitted(resilience, pods))
    assert not resilience.is_open


def test_of_twenty_requests_after_the_pause_of_a_flow_one_probes(resilience: Resilience, clock: Clock) -> None:
    (pods,) = flows("a", "p")
    hang(resilience, [pods])
    clock.now_s += FIRST_PAUSE_S

    outcomes = [resilience.admit(pods) for _ in range(20)]

    assert [type(outcome) for outcome in outcomes] == [Permit] + [Rejection] * 19


def test_a_probe_that_hangs_does_not_keep_the_cluster_closed_to_others(resilience: Resilience, clock: Clock) -> None:
    pods, nodes = flows("a", "pn")
    resilience.unreachable(admitted(resilience, pods), LOST)
    clock.now_s += FIRST_PAUSE_S
    probe = admitted(resilience, pods)
    refused(resilience, nodes)

    clock.now_s += PROBE_S
    admitted(resilience, nodes)
    resilience.unanswered(probe, LATE)

    assert not resilience.is_open
    assert refused(resilience, pods).scope is PauseScope.FLOW


def test_what_was_sent_before_the_cluster_was_lost_does_not_open_it_again(resilience: Resilience) -> None:
    pods, nodes = flows("a", "pn")
    sent_before = admitted(resilience, pods)
    resilience.unreachable(admitted(resilience, nodes), LOST)

    resilience.unanswered(sent_before, LATE)

    assert refused(resilience, *flows("b", "n")).scope is PauseScope.CLUSTER


def test_a_probe_that_succeeds_closes_its_flow_and_the_cluster(resilience: Resilience, clock: Clock) -> None:
    several = [*flows("a", "pn"), *flows("b", "pn")]
    hang(resilience, several)
    assert resilience.is_open
    clock.now_s += FIRST_PAUSE_S

    resilience.answered(admitted(resilience, several[0]))

    assert not resilience.is_open
    assert resilience.failures(several[0]) == 0
    assert resilience.failures(several[1]) == 1


def test_a_cluster_that_answers_nobody_gets_few_requests(resilience: Resilience, clock: Clock) -> None:
    hang(resilience, [*flows("a", "pn"), *flows("b", "pn")])
    chance = random.Random(1)  # noqa: S311  no secret
    sent, crowd = 0, [flow for number in range(500) for flow in flows(f"user {number}", "pns")]

    for _ in range(600):
        for flow in chance.sample(crowd, 20):
            outcome = resilience.admit(flow)
            if isinstance(outcome, Permit):
                sent += 1
                resilience.unanswered(outcome, LATE)
        clock.now_s += 0.1

    assert 5 < sent < 50


def test_where_one_identity_is_answered_nothing_it_probes_for_one_of_its_kinds_at_a_time(
    resilience: Resilience, clock: Clock
) -> None:
    kinds = flows("a", "abcdefghijklmnopqrst")
    hang(resilience, kinds)
    request_count = 0

    for _ in range(3000):
        for flow in kinds:
            outcome = resilience.admit(flow)
            if isinstance(outcome, Permit):
                request_count += 1
                resilience.unanswered(outcome, LATE)
            else:
                assert outcome.scope is PauseScope.FLOW
        clock.now_s += 0.1

    assert 10 < request_count < 20
    assert not resilience.is_open
    for flow in flows("a", "xyz"):
        admitted(resilience, flow)


def test_an_answer_to_an_identity_lets_it_probe_for_all_kinds(resilience: Resilience, clock: Clock) -> None:
    pods, nodes, others = flows("a", "pnx")
    hang(resilience, [pods, nodes])
    clock.now_s += FIRST_PAUSE_S
    admitted(resilience, pods)
    refused(resilience, nodes)

    resilience.answered(admitted(resilience, others))

    admitted(resilience, nodes)


def test_who_was_answered_a_moment_ago_is_asked_for_whatever_happens_to_others(
    resilience: Resilience, clock: Clock
) -> None:
    mine = flows("me", "cd")
    for flow in mine:
        resilience.answered(admitted(resilience, flow))
    hang(resilience, [*flows("a", "pn"), *flows("b", "pn")])
    clock.now_s += 1

    assert resilience.is_open
    for _ in range(20):
        for flow in mine:
            admitted(resilience, flow)


def test_an_identity_that_asks_for_the_first_time_finds_out_at_once(resilience: Resilience) -> None:
    hang(resilience, [*flows("a", "pn"), *flows("b", "pn")])
    first, *others = flows("me", "cdef")

    permit = admitted(resilience, first)
    assert all(refused(resilience, flow).is_queued for flow in others)
    resilience.answered(permit)

    for flow in others:
        admitted(resilience, flow)


def test_a_silence_that_is_long_ago_is_forgotten(resilience: Resilience, clock: Clock) -> None:
    hang(resilience, [*flows("a", "pn"), *flows("b", "pn")])
    clock.now_s += EXPIRY_S + 1

    for flow in (*flows("a", "xyz"), *flows("c", "pnxyz")):
        admitted(resilience, flow)
    assert not resilience.is_open


def test_late_failures_do_not_reopen_what_was_answered(resilience: Resilience) -> None:
    (pods,) = flows("a", "p")
    late, good = admitted(resilience, pods), admitted(resilience, pods)
    resilience.unanswered(admitted(resilience, pods), LATE)
    resilience.answered(good)
    admitted(resilience, pods)
    resilience.released(late)

    admitted(resilience, pods)


@pytest.mark.parametrize("seed", range(20))
def test_no_flow_is_refused_for_outcomes_of_others_single_kinds(seed: int, clock: Clock) -> None:
    """Other callers have some hanging kinds each; flows with answers are always admitted."""
    chance, resilience = random.Random(seed), Resilience(clock=clock)  # noqa: S311  no secret
    hanging = {*flows("a", "p"), *flows("b", "n")[: seed % 2]}
    fine = [flow for who in "abc" for flow in flows(who, "pnsx") if flow not in hanging]
    under_way: list[Permit] = []

    for _ in range(2000):
        flow = chance.choice([*fine, *hanging] if chance.random() < 0.5 else [*hanging])
        outcome = resilience.admit(flow)
        if isinstance(outcome, Permit):
            under_way.append(outcome)
        else:
            assert flow in hanging or outcome.is_queued
            assert flow in hanging or seed % 2
        clock.now_s += chance.choice([0, 0.01, 0.2, LONGEST_PAUSE_S])
        while under_way and chance.random() < 0.6:
            ended = under_way.pop(chance.randrange(len(under_way)))
            if chance.random() < 0.1:
                resilience.released(ended)
            elif ended.flow in hanging:
                resilience.unanswered(ended, LATE)
            else:
                resilience.answered(ended)
