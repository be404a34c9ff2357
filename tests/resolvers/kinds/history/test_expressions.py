"""Queries in PromQL: their matchers. What they find is tested with a real Prometheus."""

import re

import pytest
from yarl import URL

from k8s.prometheus.rangequery import RangeQuery
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


def test_many_names_are_matched_by_what_they_begin_with() -> None:
    one, others = [f"web-7d9f-{number}abcd" for number in range(200)], ["db-0", "a"]

    query = expression(Per.POD, HOUR, Narrowing(["shop"], [*one, *others]))

    assert matchers(query, "namespace") == {'=~"shop"'}
    assert matchers(query, "pod") == {'=~"a|db-0|web-7d9f-.*"'}


def test_many_names_that_begin_differently_are_matched_where_they_usually_are() -> None:
    pods = [f"{letter}{number}-application-7d9f8b6c5d-ab{number}" for letter in "abcdef" for number in range(10)]

    query = expression(Per.POD, HOUR, Narrowing(["shop"], pods))

    assert len(matchers(query, "pod")) == 1
    assert matchers(query, "exported_pod") == {'=""'}


@pytest.mark.parametrize(
    ("namespaces", "pods", "kept"),
    [
        ([f"team-{number:02d}-production" for number in range(33)], [f"web-{n}-7d9f-{n}abc" for n in range(40)], True),
        (["shop"], [f"{number}" * 60 for number in range(100)], True),
        ([f"{number:04d}" * 9 for number in range(300)], ["web-0"], False),
        ([f"{number:03d}" for number in range(195)], [f"{number:03d}" for number in range(195)], True),
    ],
)
@pytest.mark.parametrize("per", [Per.POD, Per.CONTAINER])
def test_no_query_is_longer_than_proxies_allow(per: Per, namespaces: list[str], pods: list[str], kept: bool) -> None:
    query = RangeQuery(expression(per, HOUR, Narrowing(namespaces, pods, {"cluster": "prod-eu"})), 0, 3600, 60)
    url = URL("https://prometheus.example.com/api/v1/query_range", encoded=True).with_query(query.parameters)

    assert len(str(url)) < 8000
    assert bool(matchers(query.expression, "namespace") - {'!=""'}) is kept


def test_texts_that_are_no_names_reach_no_query() -> None:
    hostile = ['a"} or vector(1) or x{y="', "(.*)", "x\\", "A", "web\n", "", "|"]

    query = expression(Per.CONTAINER, HOUR, Narrowing([*hostile, "shop"], hostile))

    assert query == expression(Per.CONTAINER, HOUR, Narrowing(["shop"]))


def test_labels_of_the_cluster_are_in_every_selector() -> None:
    for per in Per:
        query = expression(per, HOUR, Narrowing(labels={"cluster": 'a"b'}))

        assert query.count("{") == query.count(r'cluster="a\"b"}')
