"""Suspicions: failing flows, the probes meanwhile, and their end."""

import pytest

from k8s.resilience.flow import Flow
from k8s.resilience.suspicion import (
    EXPIRY_S,
    FIRST_INTERVAL_S,
    LONGEST_INTERVAL_S,
    Suspicion,
    concern_several_callers_and_kinds,
    concern_several_kinds,
)

FAILING_INTERVAL_S = 8.0
PODS, NODES, OTHERS = Flow("a", "list", "pods"), Flow("a", "list", "nodes"), Flow("a", "list", "secrets")


@pytest.fixture
def suspicion() -> Suspicion:
    return Suspicion(concern_several_kinds, failing_interval_s=FAILING_INTERVAL_S)


@pytest.fixture
def general(suspicion: Suspicion) -> Suspicion:
    """Returns a suspicion after failures of two kinds, at 0."""
    suspicion.note(PODS, 0)
    suspicion.note(NODES, 0)
    return suspicion


def test_one_kind_that_is_let_down_says_nothing_about_the_others(suspicion: Suspicion) -> None:
    for verb in ("list", "get"):
        suspicion.note(Flow("a", verb, "pods"), 0)

    assert not suspicion.is_general
    assert suspicion.wait_s(OTHERS, 0) == 0


def test_objects_say_nothing_about_the_others(suspicion: Suspicion) -> None:
    for name in ("x/a", "x/b"):
        suspicion.note(Flow("a", "create", f"pods/{name}", name), 0)

    assert not suspicion.is_general


@pytest.mark.parametrize(
    ("flows", "is_enough"),
    [
        ([("a", "pods"), ("a", "nodes"), ("a", "secrets")], False),
        ([("a", "pods"), ("b", "pods"), ("c", "pods")], False),
        ([("a", "pods"), ("b", "nodes")], True),
    ],
)
def test_a_cluster_is_in_doubt_by_several_callers_and_kinds(flows: list[tuple[str, str]], is_enough: bool) -> None:
    assert concern_several_callers_and_kinds([Flow(who, "list", kind) for who, kind in flows]) is is_enough


@pytest.mark.parametrize(("flow", "longest_s"), [(OTHERS, LONGEST_INTERVAL_S), (PODS, FAILING_INTERVAL_S)])
def test_while_there_is_doubt_requests_go_out_one_by_one_and_more_and_more_slowly(
    general: Suspicion, flow: Flow, longest_s: float
) -> None:
    sent_s, now_s = [], 0.0
    while now_s < 60:
        now_s += general.wait_s(flow, now_s)
        general.send(flow, now_s)
        sent_s.append(now_s)
        general.note(PODS, now_s)

    assert sent_s[:4] == [0, FIRST_INTERVAL_S, 3 * FIRST_INTERVAL_S, 7 * FIRST_INTERVAL_S]
    assert sent_s[-1] - sent_s[-2] == longest_s


def test_what_was_let_down_takes_nobody_s_turn(general: Suspicion) -> None:
    for _ in range(5):
        general.send(PODS, 0)

    assert general.wait_s(PODS, 0) == 16 * FIRST_INTERVAL_S
    assert general.wait_s(OTHERS, 0) == 0


def test_an_answer_ends_it(general: Suspicion) -> None:
    general.send(OTHERS, 0)
    general.clear()

    assert not general.is_general
    assert general.wait_s(OTHERS, 0) == general.wait_s(PODS, 0) == 0


def test_it_does_not_last_without_anything_new(general: Suspicion) -> None:
    general.send(OTHERS, 0)

    assert general.wait_s(OTHERS, EXPIRY_S + 1) == 0
    assert not general.is_general
