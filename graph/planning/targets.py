"""The levels that a field may lead to: of one type, or of every type that an object may be of."""

from collections.abc import Sequence
from typing import Protocol

from graph.planning.cache import Plans
from graph.planning.levels import FieldDetailsList, Level
from k8s.kinds.kind import Kind
from k8s.reading.selection import Selection
from resolvers.filters.operands import Operands, read_operands
from resolvers.names import type_name


class PlansRows(Protocol):
    """Who plans the levels: `graph.planning.planner.Planner`."""

    def planned(self, name: str, details: FieldDetailsList, plans: Plans | None) -> tuple[Level, Selection]:
        """The level of a type below a field, and what it needs of each row."""
        ...

    def planned_lists(self) -> int:
        """How many requests for each cluster were planned since this was last asked."""
        ...

    def unread(self) -> Sequence[Operands]:
        """Operands of what was planned since this was last asked."""
        ...


class Targets:
    """The levels of all types that a field may lead to, each made when it is first met."""

    def __init__(self, planner: PlansRows, details: FieldDetailsList, plans: Plans | None = None) -> None:
        """Takes what plans them, and where plans are kept, if they may be."""
        self._planner = planner
        self._plans = plans
        self._details = details
        self._levels: dict[str, tuple[Level, Selection]] = {}
        self._unread: list[Operands] = []

    def level(self, name: str) -> Level:
        """The level for rows of a type."""
        return self._planned(name)[0]

    def selection(self, kind: Kind) -> Selection:
        """What must be decoded of objects of a kind."""
        return self._planned(type_name(kind))[1]

    def planned_lists(self) -> int:
        """See `Planner.planned_lists`."""
        return self._planner.planned_lists()

    async def read_operands(self) -> None:
        """Reads what comparisons of the levels were given.

        Raises:
            BadUserInput: some of it cannot be compared so.
        """
        unread, self._unread = self._unread, []
        await read_operands(unread)

    def _planned(self, name: str) -> tuple[Level, Selection]:
        if name not in self._levels:
            self._levels[name] = self._planner.planned(name, self._details, self._plans)
            self._unread += self._planner.unread()
        return self._levels[name]
