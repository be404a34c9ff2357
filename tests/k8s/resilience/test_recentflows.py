"""A bounded map of recent flows."""

from k8s.resilience.flow import Flow
from k8s.resilience.recentflows import MOST_FLOWS, RecentFlows


def test_the_flow_that_nothing_was_noted_of_for_longest_is_forgotten() -> None:
    recent: RecentFlows[int] = RecentFlows(2)
    a, b, c = (Flow(who, "list", "pods") for who in "abc")

    for flow in (a, b, a, c):
        recent.put(flow, 1)

    assert [recent.get(flow) for flow in (a, b, c)] == [1, None, 1]


def test_there_are_never_more_than_a_bounded_number() -> None:
    recent: RecentFlows[int] = RecentFlows()

    for number in range(10 * MOST_FLOWS):
        recent.put(Flow(str(number), "list", "pods"), number)

    assert len(recent) == MOST_FLOWS
