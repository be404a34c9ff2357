"""Who plans the levels of objects: what the planners of lists and of groups need of it."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from graph.planning.deferring import Fields, Later
from graph.planning.levels import FieldDetailsList, Level
from graph.schema.catalogue import Catalogue
from k8s.reading.selection import SelectionBuilder
from resolvers.filters.comparisonlimits import ComparisonLimits
from resolvers.limits import OperationLimits


class PlansLevels(Protocol):
    """As `graph.planning.planner.Planner` does."""

    @property
    def catalogue(self) -> Catalogue:
        """All types."""
        ...

    @property
    def limits(self) -> OperationLimits:
        """What a query may select."""
        ...

    @property
    def comparison_limits(self) -> ComparisonLimits:
        """What the query's comparisons are given."""
        ...

    def level(self, name: str, details: FieldDetailsList, builder: SelectionBuilder) -> Level:
        """The level of a type below a field."""
        ...

    def rows_level(self, name: str, details: FieldDetailsList, builder: SelectionBuilder) -> Level:
        """The same of rows."""
        ...

    def fields(self, name: str, details: FieldDetailsList) -> Fields:
        """The selected fields of a type by response key."""
        ...

    def parts(self, name: str, details: FieldDetailsList) -> tuple[Fields, Sequence[Later]]:
        """Those that are delivered at once, and those that are delivered later."""
        ...

    def stream(self, details: FieldDetailsList) -> Mapping[str, Any] | None:
        """The arguments of a field's `@stream`."""
        ...

    def given(self, owner: str, field_name: str, details: FieldDetailsList) -> Mapping[str, Any]:
        """The coerced arguments of a field."""
        ...
