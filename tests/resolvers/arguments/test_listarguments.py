"""The arguments of lists."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from k8s.reading.reader import ClusterReader
from resolvers.arguments.listarguments import ClusterChoice, ListArguments, list_arguments
from resolvers.errors import BadUserInput, LimitExceeded, UnknownCluster
from resolvers.filters.conditions import Comparison, Operator
from resolvers.fleet.cluster import FleetCluster
from resolvers.limits import OperationLimits
from tests.k8s.listsender import ListSender
from tests.processortime import in_loops

LIMITS = OperationLimits(page_objects=100)
NOW = datetime.now(UTC)


def _cluster(name: str, **labels: str) -> FleetCluster:
    sender = ListSender({}, name=name)
    return FleetCluster(f"id-{name}", name, labels, "", NOW, NOW, ClusterReader(sender), sender)


CLUSTERS = (_cluster("alpha", env="prod", region="eu"), _cluster("beta", env="prod"), _cluster("gamma", env="dev"))


def _chosen(choice: Mapping[str, object]) -> list[str]:
    arguments = list_arguments({"clusters": choice}, LIMITS)
    return [cluster.name for cluster in arguments.clusters.of(CLUSTERS)]


def test_nothing_given_means_everything() -> None:
    assert list_arguments({}, LIMITS) == ListArguments()
    assert ClusterChoice().of(CLUSTERS) == list(CLUSTERS)
    assert not ListArguments().is_page


def test_null_means_the_same_as_left_out() -> None:
    given = dict.fromkeys(("clusters", "namespaces", "name", "names", "labelSelector", "first", "after"))

    assert list_arguments(given, LIMITS) == ListArguments()


def test_all_arguments() -> None:
    given = {
        "clusters": {"names": ["beta", "alpha"], "labels": "env=prod"},
        "namespaces": ["shop", "pay", "shop"],
        "names": ["web", "api", "web"],
        "labelSelector": " app=web ",
        "fieldSelector": "status.phase = Running",
        "first": 10,
        "after": "cursor",
        "timeoutMs": 1500,
        "minClusters": 2,
    }

    assert list_arguments(given, LIMITS) == ListArguments(
        clusters=ClusterChoice(names=("beta", "alpha"), labels=(("env", "prod"),)),
        namespaces=("pay", "shop"),
        names=("api", "web"),
        label_selector="app=web",
        field_selector="status.phase=Running",
        first=10,
        after="cursor",
        timeout_s=1.5,
        min_clusters=2,
    )


@pytest.mark.parametrize(
    ("choice", "wanted"),
    [
        ({"names": ["beta", "alpha"]}, ["alpha", "beta"]),
        ({"ids": ["id-gamma"]}, ["gamma"]),
        ({"labels": "env=prod"}, ["alpha", "beta"]),
        ({"labels": "env=prod,region=eu"}, ["alpha"]),
        ({"labels": "env=test"}, []),
        ({"names": ["alpha"], "labels": "env=dev"}, []),
        ({"names": ["alpha", "beta"], "ids": ["id-beta", "id-gamma"]}, ["beta"]),
        ({"names": []}, []),
    ],
)
def test_clusters_are_chosen_by_all_that_is_given(choice: Mapping[str, object], wanted: list[str]) -> None:
    assert _chosen(choice) == wanted


def test_a_cluster_may_be_named_more_than_once() -> None:
    assert _chosen({"names": ["beta", "alpha", "beta"]}) == ["alpha", "beta"]
    assert list_arguments({"clusters": {"names": ["beta"] * 5000}}, LIMITS).clusters.names == ("beta",)


def test_many_names_are_compared_with_many_clusters_in_one_pass_over_each() -> None:
    fleet = [_cluster(f"cluster-{number}") for number in range(1000)]
    choice = ClusterChoice(names=tuple(cluster.name for cluster in fleet))

    assert in_loops(lambda: choice.of(fleet)) < 5  # each name compared with each takes more than ten


def test_clusters_are_chosen_in_their_order_whatever_it_is() -> None:
    names = ("a", "a-b", "aa", "b")  # a database may order them in its own way
    fleet = [_cluster(name) for name in ("a", "aa", "a-b", "b")]
    chosen = [one.name for one in ClusterChoice(names=("b", "a-b", "aa")).of(fleet)]

    assert chosen == ["aa", "a-b", "b"]
    assert [one.name for one in ClusterChoice(names=names[::-1]).of([_cluster(name) for name in names])] == [*names]


@pytest.mark.parametrize(
    ("choice", "unknown"),
    [({"names": ["alpha", "delta"]}, "delta"), ({"ids": ["alpha"]}, "alpha"), ({"names": ["id-alpha"]}, "id-alpha")],
)
def test_an_unknown_cluster_is_an_error(choice: Mapping[str, object], unknown: str) -> None:
    with pytest.raises(UnknownCluster, match=f"No cluster named '{unknown}' is registered"):
        _chosen(choice)


@pytest.mark.parametrize(
    "given",
    [
        {"namespaces": []},
        {"namespaces": ["shop", "../x"]},
        {"namespaces": [""]},
        {"namespaces": ["Shop"]},
        {"name": ""},
        {"name": "a/b"},
        {"names": []},
        {"names": ["web", ".."]},
        {"name": "web", "names": ["web"]},
        {"labelSelector": "a=b&c"},
        {"fieldSelector": "a"},
        {"clusters": {"labels": "env"}},
        {"first": -1},
    ],
)
def test_what_cannot_be_meant_is_refused(given: Mapping[str, object]) -> None:
    with pytest.raises(BadUserInput):
        list_arguments(given, LIMITS)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"first": 101}, "first: 101 objects; a page has at most 100"),
        ({"namespaces": ["n"] * 1001}, "namespaces: 1001 names; the limit is 1000"),
        ({"names": ["n"] * 1001}, "names: 1001 names; the limit is 1000"),
        ({"clusters": {"names": ["n"] * 5001}}, "clusters: 5001 names; the limit is 5000"),
        ({"clusters": {"ids": ["n"] * 110_000}}, "clusters: 110000 ids; the limit is 5000"),
    ],
)
def test_over_a_limit_the_message_has_figure_and_limit(given: Mapping[str, object], message: str) -> None:
    with pytest.raises(LimitExceeded, match=message):
        list_arguments(given, LIMITS)


def test_the_largest_page_and_the_smallest() -> None:
    assert list_arguments({"first": 100}, LIMITS).first == 100
    assert list_arguments({"first": 1}, LIMITS).is_page
    with pytest.raises(BadUserInput, match="first: 0 asks for no object"):
        list_arguments({"first": 0}, LIMITS)


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ({"timeoutMs": 0}, BadUserInput, r"timeoutMs: 0 leaves no time; give 1 to 2000,"),
        ({"timeoutMs": -1}, BadUserInput, r"timeoutMs: -1 leaves no time"),
        ({"timeoutMs": 2001}, LimitExceeded, r"timeoutMs: 2001; a cluster has at most 2000 ms"),
        ({"minClusters": 0}, BadUserInput, r"minClusters: 0 asks for nothing"),
    ],
)
def test_waiting_has_bounds(given: Mapping[str, object], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        list_arguments(given, OperationLimits(cluster_timeout_s=2))


def test_how_long_one_waits_is_no_part_of_a_cursor() -> None:
    assert ListArguments(timeout_s=1, min_clusters=2).scope("pods") == ListArguments().scope("pods")


def test_cursors_are_bound_to_a_digest_of_long_arguments() -> None:
    short, long = (ListArguments(where=(Comparison("name", Operator.EQ, "x" * size),)) for size in (10, 1_000_000))

    assert b"xxxxxxxxxx" in short.scope("pods")
    assert len(long.scope("pods")) < 200
    assert long.scope("pods") != replace(long, where=(Comparison("name", Operator.EQ, "y" * 1_000_000),)).scope("pods")
    assert short.scope("pods", bound=short.bound()) == short.scope("pods")
