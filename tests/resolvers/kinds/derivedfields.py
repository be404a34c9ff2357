"""Derived fields of one object, computed as the executor does it."""

from collections.abc import Mapping
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import msgspec

from resolvers.links.members import Derived, Family
from tests.resolvers.decoded import row


def derived(family: Family, name: str, taken_at: datetime | None = None, /, **parts: Any) -> Any:
    """Returns the value of a derived field of an object with these parts, as JSON has it.

    Args:
        family: the family with the field.
        name: the field.
        taken_at: the time of the cluster's snapshot; None for a live cluster.
        parts: the parts of the object, such as `spec`.
    """
    member = family.members[name]
    assert isinstance(member, Derived)
    one = row(family.owner, *member.reads, **parts)  # type: ignore[arg-type]  # the owner of these families is a kind
    cluster: Any = SimpleNamespace(taken_at=taken_at)
    value = member.function(one, cluster) if member.takes_cluster else member.function(one)
    return msgspec.to_builtins(value)


def conditions(*pairs: tuple[str, str], **parts: str) -> Mapping[str, Any]:
    """Returns a status with conditions of these types and statuses."""
    return {"conditions": [{"type": kind, "status": status, **parts} for kind, status in pairs]}
