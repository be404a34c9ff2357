"""Shares of a list: the clusters whose rows are refused when all have too many objects together."""

from collections.abc import Sequence
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from k8s.kinds.builtin import POD
from resolvers.errors import LimitExceeded
from resolvers.lists.shares import Shares

LIMIT = 1000


class Reading:
    """A list that records whether it was released."""

    is_released = False

    def release_unused(self) -> None:
        self.is_released = True


def _refused(
    sizes: Sequence[int], random: Random, *, says_left: bool = False, failing: int | None = None
) -> list[int] | None:
    """Returns the refused clusters, with pages in some order; None if the whole list is refused."""
    names = [f"c-{place:02}" for place in range(len(sizes))]
    shares, reading = Shares(POD, LIMIT, names), [Reading() for _ in sizes]
    read = [0] * len(sizes)
    waiting = list(range(len(sizes)))
    while waiting:
        place = random.choice(waiting)
        share = shares.of(names[place])
        if share.refusal is not None or read[place] >= sizes[place]:
            share.end(has_failed=share.refusal is not None or place == failing)
            waiting.remove(place)
            continue
        read[place] = min(sizes[place], read[place] + 50)
        share.count(reading[place], read[place], sizes[place] - read[place] if says_left else None)
    try:
        shares.check()
    except LimitExceeded:
        return None
    return [place for place, name in enumerate(names) if shares.of(name).refusal is not None]


@pytest.mark.parametrize("says_left", [True, False])
@pytest.mark.parametrize(
    ("sizes", "refused"),
    [
        ([999, 1], []),
        ([999, 2], [0]),
        ([999, 600], [0]),
        ([2, 999], [1]),
        ([999, 999, 300], None),
        ([400, 100, 990], [2]),
        ([990, 990, 3, 4, 5], [0, 1]),
        ([500, 400, 300, 0], [0]),
        ([120] * 8 + [60], [7]),
        ([100] * 9 + [110], [9]),
        ([1001, 900, 50], [0]),
        ([600, 600], None),
        ([600, 590], None),
        ([150] * 10, None),
        ([400, 400, 400], None),
        ([900, 900, 900, 101, 40], None),
    ],
)
def test_which_clusters_are_refused(sizes: Sequence[int], refused: list[int] | None, says_left: bool) -> None:
    for seed in range(20):
        assert _refused(sizes, Random(seed), says_left=says_left) == refused  # noqa: S311  reproducible


fleets = st.lists(st.integers(0, LIMIT), min_size=2, max_size=12)


@given(sizes=fleets, seeds=st.tuples(st.integers(0, 99), st.integers(0, 99)), says_left=st.booleans())
def test_which_clusters_are_refused_does_not_depend_on_who_answers_first(
    sizes: Sequence[int], seeds: tuple[int, int], says_left: bool
) -> None:
    one, other = (_refused(sizes, Random(seed), says_left=says_left) for seed in seeds)  # noqa: S311  reproducible

    assert one == other


@given(sizes=fleets, seed=st.integers(0, 99), says_left=st.booleans(), failing=st.integers(0, 11))
def test_what_stays_fits_and_who_is_within_its_share_is_never_refused(
    sizes: Sequence[int], seed: int, says_left: bool, failing: int
) -> None:
    refused = _refused(sizes, Random(seed), says_left=says_left, failing=failing)  # noqa: S311  reproducible

    if refused is not None:
        stays = [size for place, size in enumerate(sizes) if place not in {*refused, failing}]
        assert sum(stays) <= LIMIT
        assert all(sizes[place] * len(sizes) > LIMIT for place in refused)
        assert len(refused) <= max(1, len(sizes) // 2)


@given(
    others=st.lists(st.integers(0, 300), min_size=1, max_size=10).filter(lambda sizes: sum(sizes) <= LIMIT),
    hostile=st.integers(0, LIMIT),
    seed=st.integers(0, 99),
    says_left=st.booleans(),
)
def test_one_cluster_costs_at_most_one_as_large_as_itself(
    others: Sequence[int], hostile: int, seed: int, says_left: bool
) -> None:
    """Tests all except lists in which every other cluster exceeds its share and is about as large."""
    sizes = [*others, hostile]

    refused = _refused(sizes, Random(seed), says_left=says_left)  # noqa: S311  reproducible

    if min(sizes) * len(sizes) <= LIMIT or 3 * max(sizes) >= 4 * min(sizes):
        assert refused is not None
        assert len(refused) <= 1
        assert all(sizes[place] == max(sizes) for place in refused)


def test_what_is_too_much_is_let_go_of_when_it_is_not_used_any_more() -> None:
    shares = Shares(POD, LIMIT, ["large", "small"])
    large, small, reading = shares.of("large"), shares.of("small"), Reading()

    large.count(reading, 999, 0)
    small.count(Reading(), 2, 0)
    assert large.refusal is not None
    was_released = reading.is_released
    large.end()

    assert (was_released, reading.is_released, small.refusal) == (False, True, None)
    assert str(large.refusal) == (
        "cluster 'large': it has at least 999 pods here, more than its share of the 1000 that a list reads from 2 "
        "clusters together (FLEETGRAPH_MAX_OBJECTS); ask for it alone, or narrow the list by namespaces, labelSelector "
        "or fieldSelector."
    )


def test_where_rows_are_sent_early_a_small_cluster_has_always_room() -> None:
    shares = Shares(POD, LIMIT, ["first", "small", "large"], sends_early=True)

    for name, size in (("first", 999), ("small", 300), ("large", 400)):
        shares.of(name).count(Reading(), size, 0)
        shares.of(name).end()

    assert [shares.of(name).refusal is not None for name in ("small", "large")] == [False, True]
