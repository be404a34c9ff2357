"""The levels below a field: of one type, or of every type that its objects may have."""

from typing import TYPE_CHECKING

from graph.planning.cache import Plans
from graph.planning.levels import FieldDetailsList, Level
from k8s.kinds.kind import Kind
from k8s.reading.selection import Selection
from resolvers.filters.operands import Operands, read_operands

if TYPE_CHECKING:
    from graph.planning.planner import Planner


class Targets:
    """The levels of all types below a field, each planned at its first use."""

    def __init__(self, planner: "Planner", details: FieldDetailsList, plans: Plans | None = None) -> None:
        """Takes the planner, and a cache of plans if they may be cached."""
        self._planner = planner
        self._plans = plans
        self._details = details
        self._levels: dict[str, tuple[Level, Selection]] = {}
        self._unread: list[Operands] = []

    def level(self, name: str) -> Level:
        """Returns the level of rows of a type."""
        return self._planned(name)[0]

    def selection(self, kind: Kind) -> Selection:
        """Returns the paths that must be decoded of objects of a kind."""
        return self._planned(self._planner.type_of(kind))[1]

    def planned_lists(self) -> int:
        """Returns the same as `Planner.planned_lists`."""
        return self._planner.planned_lists()

    async def read_operands(self) -> None:
        """Reads the operands of the levels' comparisons.

        Raises:
            BadUserInput: an operand is invalid.
        """
        unread, self._unread = self._unread, []
        await read_operands(unread)

    def _planned(self, name: str) -> tuple[Level, Selection]:
        if name not in self._levels:
            self._levels[name] = self._planner.planned(name, self._details, self._plans)
            self._unread += self._planner.unread()
        return self._levels[name]
