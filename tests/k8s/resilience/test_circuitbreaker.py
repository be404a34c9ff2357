"""The circuit breaker: admitted requests, pauses and probes."""

import pytest

from k8s.resilience.circuitbreaker import FIRST_PAUSE_S, LONGEST_PAUSE_S, BreakerPermit, CircuitBreaker
from tests.k8s.clock import Clock


@pytest.fixture
def breaker(clock: Clock) -> CircuitBreaker:
    return CircuitBreaker(clock)


def _admitted(breaker: CircuitBreaker) -> BreakerPermit:
    admission = breaker.admit()
    assert admission is not None
    return admission


def _fail(breaker: CircuitBreaker) -> None:
    breaker.failed(_admitted(breaker))


def test_a_cluster_that_works_is_asked_by_everyone(breaker: CircuitBreaker) -> None:
    admissions = [breaker.admit() for _ in range(20)]
    breaker.succeeded()

    assert None not in admissions
    assert breaker.retry_in_s == 0


def test_one_failure_opens_it(breaker: CircuitBreaker) -> None:
    _fail(breaker)

    assert breaker.admit() is None
    assert FIRST_PAUSE_S * 0.67 <= breaker.retry_in_s <= FIRST_PAUSE_S


def test_after_the_pause_exactly_one_request_probes(breaker: CircuitBreaker, clock: Clock) -> None:
    _fail(breaker)
    clock.now_s += FIRST_PAUSE_S

    admissions = [breaker.admit() for _ in range(20)]

    assert admissions[0] is not None
    assert admissions[1:] == [None] * 19


def test_a_probe_that_succeeds_closes_it(breaker: CircuitBreaker, clock: Clock) -> None:
    _fail(breaker)
    clock.now_s += FIRST_PAUSE_S
    _admitted(breaker)

    breaker.succeeded()

    assert breaker.failures == 0
    assert None not in [breaker.admit() for _ in range(20)]


def test_a_probe_that_is_given_up_lets_the_next_one_through(breaker: CircuitBreaker, clock: Clock) -> None:
    _fail(breaker)
    clock.now_s += FIRST_PAUSE_S
    breaker.released(_admitted(breaker))

    assert breaker.admit() is not None
    assert breaker.admit() is None


def test_pauses_double_up_to_the_longest(breaker: CircuitBreaker, clock: Clock) -> None:
    for wanted_s in (2, 4, 8, 16, 30, 30, 30):
        _fail(breaker)

        assert wanted_s * 0.67 <= breaker.retry_in_s <= wanted_s
        clock.now_s += LONGEST_PAUSE_S


def test_pauses_differ(clock: Clock) -> None:
    breakers = [CircuitBreaker(clock) for _ in range(20)]
    for breaker in breakers:
        _fail(breaker)

    assert len({breaker.retry_in_s for breaker in breakers}) > 10


def test_requests_that_fail_together_are_one_failure(breaker: CircuitBreaker) -> None:
    admissions = [_admitted(breaker) for _ in range(20)]

    for admission in admissions:
        breaker.failed(admission)

    assert breaker.failures == 1
    assert breaker.retry_in_s <= FIRST_PAUSE_S


def test_a_late_failure_does_not_end_another_s_probe(breaker: CircuitBreaker, clock: Clock) -> None:
    late = _admitted(breaker)
    _fail(breaker)
    clock.now_s += FIRST_PAUSE_S
    _admitted(breaker)

    breaker.failed(late)

    assert breaker.failures == 1
    assert breaker.admit() is None


def test_a_late_release_does_not_end_another_s_probe(breaker: CircuitBreaker, clock: Clock) -> None:
    late = _admitted(breaker)
    _fail(breaker)
    clock.now_s += FIRST_PAUSE_S
    _admitted(breaker)

    breaker.released(late)

    assert breaker.admit() is None


def test_a_late_success_closes_it(breaker: CircuitBreaker) -> None:
    _admitted(breaker)
    _fail(breaker)

    breaker.succeeded()

    assert breaker.admit() is not None
