"""Queries in PromQL: their matchers. What they find is tested with a real Prometheus."""

import re

from resolvers.kinds.history.expressions import Narrowing, Per, expression
from resolvers.kinds.history.period import Period

HOUR = Period(3600, 60)


def matchers(query: str, label: str) -> set[str]:
    return set(re.findall(rf'(?<![a-z_]){label}(=~?"[^"]*"|!="")', query))


def test_one_query_has_both_resources() -> None:
    query = expression(Per.POD, HOUR, Narrowing())

    assert re.findall(r'"resource","(\w+)"', query) == ["cpu", "memory"]
    assert "rate(container_cpu_usage_seconds_total{" in query
    assert "[300s]" in query


def test_a_resource_that_is_not_selected_is_not_read() -> None:
    query = expression(Per.NODE, Period(3600, 60, ("memory",)), Narrowing())

    assert "cpu" not in query


def test_few_names_are_matched_together() -> None:
    query = expression(Per.POD, HOUR, Narrowing(["shop", "tools"], ["web-1", "web-2", "db.x"]))

    assert matchers(query, "namespace") == {'=~"(shop|tools)"'}
    assert matchers(query, "pod") == {'=~"db[.]x|web-(1|2)"'}
    assert matchers(query, "exported_pod") == {'=~"db[.]x|web-(1|2)"', '=""'}


def test_many_names_are_not_matched() -> None:
    many = [f"pod-{number}-x" for number in range(500)]

    query = expression(Per.POD, HOUR, Narrowing(["shop"], many))

    assert matchers(query, "namespace") == {'=~"shop"'}
    assert matchers(query, "pod") == set()
    assert len(query) < 3000


def test_texts_that_are_no_names_reach_no_query() -> None:
    hostile = ['a"} or vector(1) or x{y="', "(.*)", "x\\", "A", "web\n", "", "|"]

    query = expression(Per.CONTAINER, HOUR, Narrowing([*hostile, "shop"], hostile))

    assert query == expression(Per.CONTAINER, HOUR, Narrowing(["shop"]))


def test_labels_of_the_cluster_are_in_every_selector() -> None:
    for per in Per:
        query = expression(per, HOUR, Narrowing(labels={"cluster": 'a"b'}))

        assert query.count("{") == query.count(r'cluster="a\"b"}')
