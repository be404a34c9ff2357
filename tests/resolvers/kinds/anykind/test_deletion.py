"""`deletion`: the time of the request, which the deletion timestamp is not."""

from __future__ import annotations

import pytest

from k8s.kinds import builtin as kinds
from resolvers.kinds.anykind.deletion import DELETION, ObjectDeletion
from resolvers.kinds.leaves import Time
from resolvers.links.members import Derived
from tests.controlplane.json_object import JsonObject
from tests.resolvers.decoded import row

UNTIL = "2026-11-30T08:00:30Z"


def deletion(metadata: JsonObject) -> ObjectDeletion | None:
    """Returns `deletion` of a pod with this metadata."""
    member = DELETION.members["deletion"]
    assert isinstance(member, Derived)
    value = member.function(row(kinds.POD, *member.reads, metadata=metadata))
    assert isinstance(value, ObjectDeletion | None)
    return value


def test_an_object_that_is_not_being_deleted_has_none() -> None:
    assert deletion({"finalizers": ["example.com/wait"]}) is None


@pytest.mark.parametrize(
    ("grace_s", "since"),
    [
        (30, "2026-11-30T08:00:00Z"),
        (0, UNTIL),
        (None, UNTIL),
        (86_400, "2026-11-29T08:00:30Z"),
        (-5, UNTIL),
        (9_223_372_036_854_775_807, UNTIL),
    ],
)
def test_it_begins_before_the_grace_period(grace_s: int | None, since: str) -> None:
    assert deletion({"deletionTimestamp": UNTIL, "deletionGracePeriodSeconds": grace_s}) == ObjectDeletion(
        Time(since), []
    )


@pytest.mark.parametrize("until", ["soon", "2026-11-30", "0001-01-01T00:00:00Z"])
def test_a_time_that_cannot_be_calculated_with_is_given_as_it_is(until: str) -> None:
    assert deletion({"deletionTimestamp": until, "deletionGracePeriodSeconds": 30}) == ObjectDeletion(Time(until), [])


def test_it_names_the_finalizers() -> None:
    finalizers = ["foregroundDeletion", "example.com/wait"]

    assert deletion({"deletionTimestamp": UNTIL, "finalizers": [*finalizers]}) == ObjectDeletion(
        Time(UNTIL), finalizers
    )
