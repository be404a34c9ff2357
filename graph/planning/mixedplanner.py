"""The planner of lists with objects of several types: one plan for each type, merged to one.

Fields that need objects get the level of each type. Conditions, orders and groups are planned for each type, since a
path may have another meaning in each; where only some types have it, it leads to nothing in the others. All types have
the same fields and paths in the same order, so the plans are merged entry by entry.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from graph.execution.groups import GroupNodes, Groups
from graph.execution.matching import OfTypes
from graph.execution.pathvalues import PathValues
from graph.execution.typedvalues import TypedValues
from graph.planning.connectionplan import (
    ConnectionPlan,
    EdgeNode,
    Edges,
    LaterFields,
    Nodes,
    StreamedField,
    Streaming,
)
from graph.planning.connectionplanner import ConnectionPlanner
from graph.planning.fieldpaths import UnknownPath
from graph.planning.filters import RowFilter
from graph.planning.groupplanner import pairing_of
from graph.planning.levels import FieldDetailsList, MixedLevel
from k8s.kinds.kind import Kind
from k8s.kinds.structure import GENERIC_OBJECT
from k8s.masking.mask import mask_of_all
from resolvers.arguments.listarguments import ListArguments
from resolvers.errors import BadUserInput
from resolvers.filters.comparing import ValueType
from resolvers.filters.comparisonlimits import ComparisonLimits
from resolvers.links.members import ANY_KIND

if TYPE_CHECKING:
    from graph.planning.planner import Planner

T = TypeVar("T")
ByType: TypeAlias = Mapping[str, T]
"""Parts of plans by the name of the type."""


class MixedPlanner:
    """Plans one connection of objects of any kinds."""

    def __init__(self, planner: "Planner") -> None:
        self._planner = planner

    def plan(
        self, kinds: Sequence[Kind], details: FieldDetailsList, arguments: ListArguments, *, is_streamed: bool = False
    ) -> ConnectionPlan:
        """Plans the connection for objects of these kinds; without any, for objects of the generic type.

        If `is_streamed`, its objects may be sent as clusters answer.

        Raises:
            QueryError: no type has a path of the arguments, or too much is selected.
        """
        type_of = self._planner.type_of
        names = sorted(set(map(type_of, kinds))) or [GENERIC_OBJECT.name]
        untyped = (kind for kind in kinds if type_of(kind) == GENERIC_OBJECT.name)
        mask = mask_of_all(self._planner.masking.of(kind).always for kind in untyped)
        plans: dict[str, ConnectionPlan] = {}
        absent: list[dict[str, BadUserInput]] = []
        for name in names:
            absent.append({})
            has_others = len(names) > 1
            of_type = ConnectionPlanner(
                self._planner,
                name,
                list_type=ANY_KIND.name,
                absent=absent[-1] if has_others else None,
                generic_mask=mask,
            )
            with self._counted_once(is_first=not plans):
                plans[name] = of_type.plan(details, arguments, is_streamed=is_streamed)
        for path, error in absent[0].items():
            if all(path in of_type for of_type in absent):
                errors = (of_type[path] for of_type in absent)
                raise next((one for one in errors if not isinstance(one, UnknownPath)), error)
        return _merged(plans)

    @contextmanager
    def _counted_once(self, *, is_first: bool) -> Iterator[None]:
        """Gives all types but the first limits of their own: a comparison counts once, however many types it is for."""
        planner, whole = self._planner, self._planner.comparison_limits
        if not is_first:
            planner.comparison_limits = ComparisonLimits(planner.limits)
        try:
            yield
        finally:
            if not is_first:
                for operands in planner.comparison_limits.take_unread():
                    whole.read_later(operands)
                planner.comparison_limits = whole


def _merged(plans: Mapping[str, ConnectionPlan]) -> ConnectionPlan:
    first = next(iter(plans.values()))
    filters = {name: plan.row_filter for name, plan in plans.items() if plan.row_filter is not None}
    return replace(
        first,
        fields=_each(plans, "fields", _field),
        row_filter=_row_filter(filters) if filters else None,
        streaming=_streaming(plans) if first.streaming is not None else None,
        selections={name: plan.selection for name, plan in plans.items()},
    )


def _streaming(plans: ByType[ConnectionPlan]) -> Streaming:
    streamings = {name: plan.streaming for name, plan in plans.items()}
    return Streaming(_each(streamings, "fields", _streamed), _each(streamings, "later", _later))


def _streamed(fields: ByType[StreamedField]) -> StreamedField:
    return replace(_first(fields), field=_field({name: one.field for name, one in fields.items()}))


def _later(fields: ByType[LaterFields]) -> LaterFields:
    return replace(_first(fields), plan=_merged({name: one.plan for name, one in fields.items()}))


def _field(fields: ByType[Any]) -> Any:
    """Returns one field of a connection, of an edge or of a group."""
    match _first(fields):
        case Nodes() | EdgeNode() | GroupNodes() as field:
            return replace(field, level=_level(fields))
        case Edges() as edges:
            return replace(edges, fields=_each(fields, "fields", _field))
        case Groups():
            return _groups(fields)
        case field:
            return field


def _groups(parts: ByType[Groups]) -> Groups:
    groups = _first(parts)
    by = tuple(
        replace(values, value_type=_value_type(_at(parts, "paths", place))) for place, values in enumerate(groups.by)
    )
    aggregates = tuple(
        replace(
            aggregate,
            values=replace(aggregate.values, value_type=_value_type(_at(parts, "paths", len(by) + place))),
        )
        for place, aggregate in enumerate(groups.aggregates)
    )
    pairing = None
    if any(part.pairing is not None for part in parts.values()):
        pairing = TypedValues({name: pairing_of(_paths(part), by, part.most) for name, part in parts.items()})
    return replace(
        groups,
        level=_level(parts, is_tagged=True),
        paths=_each(parts, "paths", TypedValues),
        by=by,
        aggregates=aggregates,
        pairing=pairing,
        fields=_each(parts, "fields", _field),
    )


def _paths(groups: Groups) -> list[PathValues]:
    return [path for path in groups.paths if isinstance(path, PathValues)]


def _row_filter(filters: ByType[RowFilter]) -> RowFilter:
    columns = (
        replace(column, value_type=_value_type(_at(filters, "values", place)))
        for place, column in enumerate(_first(filters).columns)
    )
    conditions = {name: one.condition for name, one in filters.items()}
    return RowFilter(
        _level(filters, is_tagged=True),
        OfTypes(conditions) if any(conditions.values()) else None,
        tuple(columns),
        _each(filters, "values", TypedValues),
    )


def _value_type(values: ByType[PathValues]) -> ValueType:
    """Returns the type of the values at a path; that of untyped values if types differ."""
    types = {one.path.value_type or ValueType.ANY for one in values.values() if not one.path.is_absent}
    return types.pop() if len(types) == 1 else ValueType.ANY


def _level(parts: ByType[Any], *, is_tagged: bool = False) -> MixedLevel:
    return MixedLevel({name: part.level for name, part in parts.items()}, is_tagged)


def _each(parts: ByType[Any], attribute: str, merge: Callable[[ByType[Any]], T]) -> tuple[T, ...]:
    """Merges an attribute that has as many entries, in the same order, in the parts of all types."""
    return tuple(merge(_at(parts, attribute, place)) for place in range(len(getattr(_first(parts), attribute))))


def _at(parts: ByType[Any], attribute: str, place: int) -> dict[str, Any]:
    return {name: getattr(part, attribute)[place] for name, part in parts.items()}


def _first(parts: ByType[T]) -> T:
    return next(iter(parts.values()))
