"""`ListScope`: what the selections of one list share, those of its objects and the hidden ones of its paths."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from k8s.reading.rowdecoders import Row
from resolvers.links.members import RemoteField
from resolvers.lists.clusternotes import Notes
from resolvers.pacing import batches


@dataclass(slots=True)
class ListScope:
    """The scope of one list.

    Attributes:
        notes: the reasons for which fields have no value, for its envelope.
    """

    notes: Notes = field(default_factory=Notes)
    _remote: dict[int, dict[int, tuple[Row, Any]]] = field(default_factory=dict)
    """Values of remote fields for paths, by field and row; the rows are held so that their ids stay theirs."""

    def below(self) -> "ListScope":
        """Returns the scope of a list inside this one."""
        return ListScope(self.notes.of_list())

    def knows(self, member: RemoteField) -> bool:
        """Returns whether a path has read a field."""
        return id(member) in self._remote

    def known(self, member: RemoteField, row: Row) -> tuple[Row, Any] | None:
        """Returns a row with its value of a field that a path has read; None if it has not."""
        return self._remote[id(member)].get(id(row))

    async def remember(self, member: RemoteField, rows: Sequence[Row], values: Sequence[Any]) -> None:
        """Remembers the values of a field that a path has read."""
        known = self._remote.setdefault(id(member), {})
        async for batch in batches(zip(rows, values, strict=True)):
            known.update((id(row), (row, value)) for row, value in batch)
