"""The watches of a subscription, for `extensions.explain`."""

from collections.abc import Iterable, Sequence

import msgspec

from resolvers.live.dependency import Dependency


class WatchNote(msgspec.Struct, frozen=True, rename="camel"):
    """One watch.

    Attributes:
        is_of_list: Whether it has the objects of the list itself, and not only those of links.
        state: How current they are.
        objects: Their number.
        bytes: The memory that they take; other subscriptions may share it.
    """

    cluster: str
    kind: str
    namespace: str | None
    label_selector: str
    field_selector: str
    is_of_list: bool
    state: str
    objects: int
    bytes: int


def watch_notes(dependencies: Iterable[Dependency]) -> Sequence[object]:
    """Returns the watches, ordered, as plain dictionaries."""
    notes: list[object] = []
    for one in dependencies:
        held, target = one.held, one.held.target
        note = WatchNote(
            one.cluster,
            str(target.kind),
            target.namespace,
            target.label_selector,
            target.field_selector,
            one.is_root,
            held.freshness.value,
            len(held),
            held.size_bytes,
        )
        notes.append(msgspec.to_builtins(note))
    return sorted(notes, key=str)
