"""The number of requests of an operation, and the cluster to blame if there are too many."""

import pytest

from k8s.errors import TooManyNamespaces
from resolvers.errors import LimitExceeded
from resolvers.operation.requests import Requests


def test_what_is_estimated_is_refused_as_a_whole() -> None:
    requests = Requests(10)
    requests.estimate(10)

    with pytest.raises(LimitExceeded, match="needs about 11 requests to clusters, and may make 10"):
        requests.estimate(1)


def test_a_cluster_that_needs_many_beyond_pays_alone_whoever_is_first() -> None:
    requests = Requests(110)
    requests.estimate(10)
    requests.add("hostile", 99)

    for _ in range(20):
        requests.add("one", 1)
        requests.add("two", 1)

    with pytest.raises(TooManyNamespaces) as caught:
        requests.add("hostile", 1)
    assert str(caught.value) == (
        "cluster 'hostile': 100 requests are needed for namespaces, kinds or objects that are asked about one by one, "
        "and with all others of the query these are more than 110 (FLEETGRAPH_MAX_REQUESTS); name the namespaces that "
        "you need, or ask for it alone."
    )
    requests.add("one", 1)
    requests.estimate(90)


def test_one_cluster_has_all_that_the_estimate_leaves() -> None:
    requests = Requests(10)
    requests.estimate(4)
    requests.add("one", 6)

    with pytest.raises(TooManyNamespaces):
        requests.add("one", 1)


def test_clusters_that_need_nothing_take_no_share() -> None:
    requests = Requests(100)
    for number in range(50):
        requests.add(f"idle-{number}", 0)
    requests.add("one", 60)

    requests.add("two", 50)


def test_a_cluster_that_was_refused_takes_no_share() -> None:
    requests = Requests(100)
    with pytest.raises(TooManyNamespaces):
        requests.add("hostile", 101)

    requests.add("one", 100)
