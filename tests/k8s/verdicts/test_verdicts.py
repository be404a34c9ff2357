"""Verdicts about flows of one cluster: nobody is refused for what happened to others."""

import random
from collections.abc import Sequence

import pytest

from k8s.errors import TimedOut, Unreachable
from k8s.verdicts.breaker import FIRST_PAUSE_S, LONGEST_PAUSE_S
from k8s.verdicts.doubt import FORGOTTEN_S
from k8s.verdicts.flow import Flow
from k8s.verdicts.throttle import Scope
from k8s.verdicts.verdicts import PROBE_S, Admitted, Refused, Verdicts
from tests.k8s.clock import Clock

LATE = TimedOut("alpha", "no complete answer.")
LOST = Unreachable("alpha", "no connection.")


def flows(who: str, kinds: str) -> list[Flow]:
    """Lists of some kinds as one identity."""
    return [Flow(who, "list", kind) for kind in kinds]


@pytest.fixture
def verdicts(clock: Clock) -> Verdicts:
    return Verdicts(clock=clock)


def admitted(verdicts: Verdicts, flow: Flow) -> Admitted:
    outcome = verdicts.admit(flow)
    assert isinstance(outcome, Admitted)
    return outcome


def refused(verdicts: Verdicts, flow: Flow) -> Refused:
    outcome = verdicts.admit(flow)
    assert isinstance(outcome, Refused)
    return outcome


def hang(verdicts: Verdicts, several: Sequence[Flow]) -> None:
    """All of them are asked for together, and none is answered."""
    for each in [admitted(verdicts, flow) for flow in several]:
        verdicts.unanswered(each, LATE)


def test_a_kind_that_hangs_is_refused_to_who_asked_for_it_alone(verdicts: Verdicts) -> None:
    (pods,) = flows("a", "p")
    hang(verdicts, [pods])

    assert refused(verdicts, pods).scope is Scope.FLOW
    assert not verdicts.is_open
    for flow in (*flows("a", "ns"), *flows("b", "pns"), Flow("a", "get", "p")):
        admitted(verdicts, flow)


def test_no_connection_concerns_everybody(verdicts: Verdicts, clock: Clock) -> None:
    (pods,) = flows("a", "p")
    verdicts.lost(admitted(verdicts, pods), LOST)

    assert {refused(verdicts, flow).scope for flow in (pods, *flows("b", "n"))} == {Scope.CLUSTER}
    assert verdicts.is_open
    clock.now_s += FIRST_PAUSE_S
    verdicts.answered(admitted(verdicts, pods))
    assert not verdicts.is_open


def test_of_twenty_requests_after_the_pause_of_a_flow_one_probes(verdicts: Verdicts, clock: Clock) -> None:
    (pods,) = flows("a", "p")
    hang(verdicts, [pods])
    clock.now_s += FIRST_PAUSE_S

    outcomes = [verdicts.admit(pods) for _ in range(20)]

    assert [type(outcome) for outcome in outcomes] == [Admitted] + [Refused] * 19


def test_a_probe_that_hangs_does_not_keep_the_cluster_closed_to_others(verdicts: Verdicts, clock: Clock) -> None:
    pods, nodes = flows("a", "pn")
    verdicts.lost(admitted(verdicts, pods), LOST)
    clock.now_s += FIRST_PAUSE_S
    probe = admitted(verdicts, pods)
    refused(verdicts, nodes)

    clock.now_s += PROBE_S
    admitted(verdicts, nodes)
    verdicts.unanswered(probe, LATE)

    assert not verdicts.is_open
    assert refused(verdicts, pods).scope is Scope.FLOW


def test_what_was_sent_before_the_cluster_was_lost_does_not_open_it_again(verdicts: Verdicts) -> None:
    pods, nodes = flows("a", "pn")
    sent_before = admitted(verdicts, pods)
    verdicts.lost(admitted(verdicts, nodes), LOST)

    verdicts.unanswered(sent_before, LATE)

    assert refused(verdicts, *flows("b", "n")).scope is Scope.CLUSTER


def test_a_probe_that_succeeds_closes_its_flow_and_the_cluster(verdicts: Verdicts, clock: Clock) -> None:
    several = [*flows("a", "pn"), *flows("b", "pn")]
    hang(verdicts, several)
    assert verdicts.is_open
    clock.now_s += FIRST_PAUSE_S

    verdicts.answered(admitted(verdicts, several[0]))

    assert not verdicts.is_open
    assert verdicts.failures(several[0]) == 0
    assert verdicts.failures(several[1]) == 1


def test_a_cluster_that_answers_nobody_gets_few_requests(verdicts: Verdicts, clock: Clock) -> None:
    hang(verdicts, [*flows("a", "pn"), *flows("b", "pn")])
    chance = random.Random(1)  # noqa: S311  no secret
    sent, crowd = 0, [flow for number in range(500) for flow in flows(f"user {number}", "pns")]

    for _ in range(600):
        for flow in chance.sample(crowd, 20):
            outcome = verdicts.admit(flow)
            if isinstance(outcome, Admitted):
                sent += 1
                verdicts.unanswered(outcome, LATE)
        clock.now_s += 0.1

    assert 5 < sent < 50


def test_where_one_identity_is_answered_nothing_it_probes_for_one_of_its_kinds_at_a_time(
    verdicts: Verdicts, clock: Clock
) -> None:
    kinds = flows("a", "abcdefghijklmnopqrst")
    hang(verdicts, kinds)
    sent = 0

    for _ in range(3000):
        for flow in kinds:
            outcome = verdicts.admit(flow)
            if isinstance(outcome, Admitted):
                sent += 1
                verdicts.unanswered(outcome, LATE)
            else:
                assert outcome.scope is Scope.FLOW
        clock.now_s += 0.1

    assert 10 < sent < 20
    assert not verdicts.is_open
    for flow in flows("a", "xyz"):
        admitted(verdicts, flow)


def test_an_answer_to_an_identity_lets_it_probe_for_all_kinds(verdicts: Verdicts, clock: Clock) -> None:
    pods, nodes, others = flows("a", "pnx")
    hang(verdicts, [pods, nodes])
    clock.now_s += FIRST_PAUSE_S
    admitted(verdicts, pods)
    refused(verdicts, nodes)

    verdicts.answered(admitted(verdicts, others))

    admitted(verdicts, nodes)


def test_who_was_answered_a_moment_ago_is_asked_for_whatever_happens_to_others(
    verdicts: Verdicts, clock: Clock
) -> None:
    mine = flows("me", "cd")
    for flow in mine:
        verdicts.answered(admitted(verdicts, flow))
    hang(verdicts, [*flows("a", "pn"), *flows("b", "pn")])
    clock.now_s += 1

    assert verdicts.is_open
    for _ in range(20):
        for flow in mine:
            admitted(verdicts, flow)


def test_an_identity_that_asks_for_the_first_time_finds_out_at_once(verdicts: Verdicts) -> None:
    hang(verdicts, [*flows("a", "pn"), *flows("b", "pn")])
    first, *others = flows("me", "cdef")

    found = admitted(verdicts, first)
    assert all(refused(verdicts, flow).may_go_soon for flow in others)
    verdicts.answered(found)

    for flow in others:
        admitted(verdicts, flow)


def test_a_silence_that_is_long_ago_is_forgotten(verdicts: Verdicts, clock: Clock) -> None:
    hang(verdicts, [*flows("a", "pn"), *flows("b", "pn")])
    clock.now_s += FORGOTTEN_S + 1

    for flow in (*flows("a", "xyz"), *flows("c", "pnxyz")):
        admitted(verdicts, flow)
    assert not verdicts.is_open


def test_late_failures_do_not_reopen_what_was_answered(verdicts: Verdicts) -> None:
    (pods,) = flows("a", "p")
    late, good = admitted(verdicts, pods), admitted(verdicts, pods)
    verdicts.unanswered(admitted(verdicts, pods), LATE)
    verdicts.answered(good)
    admitted(verdicts, pods)
    verdicts.released(late)

    admitted(verdicts, pods)


@pytest.mark.parametrize("seed", range(20))
def test_no_flow_is_refused_for_outcomes_of_others_single_kinds(seed: int, clock: Clock) -> None:
    """Whatever happens to others, each of whom some kinds of its own hang for: those who are answered always are."""
    chance, verdicts = random.Random(seed), Verdicts(clock=clock)  # noqa: S311  no secret
    hanging = {*flows("a", "p"), *flows("b", "n")[: seed % 2]}
    fine = [flow for who in "abc" for flow in flows(who, "pnsx") if flow not in hanging]
    under_way: list[Admitted] = []

    for _ in range(2000):
        flow = chance.choice([*fine, *hanging] if chance.random() < 0.5 else [*hanging])
        outcome = verdicts.admit(flow)
        if isinstance(outcome, Admitted):
            under_way.append(outcome)
        else:
            assert flow in hanging or outcome.may_go_soon
            assert flow in hanging or seed % 2
        clock.now_s += chance.choice([0, 0.01, 0.2, LONGEST_PAUSE_S])
        while under_way and chance.random() < 0.6:
            ended = under_way.pop(chance.randrange(len(under_way)))
            if chance.random() < 0.1:
                verdicts.released(ended)
            elif ended.flow in hanging:
                verdicts.unanswered(ended, LATE)
            else:
                verdicts.answered(ended)
