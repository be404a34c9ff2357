"""The cache of the clusters of recent callers."""

from resolvers.caller import Caller
from resolvers.fleet.callerclusters import CallerClusters
from resolvers.fleet.cluster import FleetCluster
from tests.resolvers.fakereader import FakeReader, cluster

ALICE, BOB, CAROL = (Caller(name=name) for name in ("alice", "bob", "carol"))


def clusters(count: int) -> tuple[FleetCluster, ...]:
    return tuple(cluster(f"c{number}", FakeReader()) for number in range(count))


def test_the_clusters_of_a_caller_are_given_back_to_equal_callers() -> None:
    known, two = CallerClusters(), clusters(2)
    known.put(ALICE, two)

    assert known.get(Caller(name="alice")) is two
    assert known.get(Caller(name="alice", groups=frozenset({"other"}))) is None
    assert known.get(Caller(name="alice", is_administrator=True)) is None


def test_beyond_the_limit_those_of_the_least_recent_caller_are_removed() -> None:
    known = CallerClusters(limit=4)
    known.put(ALICE, clusters(2))
    known.put(BOB, clusters(2))
    known.get(ALICE)

    known.put(CAROL, ())

    assert (known.get(ALICE) is None, known.get(BOB), known.get(CAROL)) == (False, None, ())


def test_one_caller_may_have_more_than_the_limit() -> None:
    known, many = CallerClusters(limit=2), clusters(5)
    known.put(BOB, clusters(1))

    known.put(ALICE, many)

    assert (known.get(BOB), known.get(ALICE)) == (None, many)


def test_clusters_that_are_put_again_count_once() -> None:
    known = CallerClusters(limit=3)
    for _ in range(5):
        known.put(ALICE, clusters(2))
    known.put(BOB, clusters(1))

    assert known.get(ALICE) is not None


def test_callers_with_many_groups_take_the_place_of_several() -> None:
    known, groups = CallerClusters(limit=40), frozenset(f"https://idp.example/{number}" for number in range(100))
    callers = [Caller(name=f"user-{number}", groups=groups) for number in range(3)]

    for caller in callers:
        known.put(caller, ())

    assert [known.get(caller) for caller in callers] == [None, (), ()]


def test_nothing_is_left_of_a_state_that_has_ended() -> None:
    known = CallerClusters(limit=2)
    known.put(ALICE, clusters(2))

    known.clear()
    known.put(BOB, clusters(2))

    assert (known.get(ALICE), known.get(BOB) is None) == (None, False)
