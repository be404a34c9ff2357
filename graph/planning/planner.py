"""From selection sets to levels and to the paths that must be decoded for them.

graphql-core's own `collect_subfields` applies fragments, type conditions, `@skip` and `@include` and merges fields, so
a plan sees each response key once, with all selection sets that were written for it.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, cast

from graphql import GraphQLObjectType, GraphQLStreamDirective, get_argument_values, get_directive_values
from graphql.execution.collect_fields import CollectedFields
from graphql.execution.executor import Executor

from graph.planning.cache import Plan, Plans, plan_key
from graph.planning.connection import ConnectionPlan
from graph.planning.connectionplanner import ConnectionPlanner
from graph.planning.deferring import Fields, Later, split, undeferred
from graph.planning.levels import (
    Computed,
    Constant,
    DeferredPart,
    Entry,
    FieldDetailsList,
    Leaf,
    Level,
    Linked,
    LinkedMany,
    Nested,
    Questioned,
)
from graph.planning.targets import Targets
from graph.schema.catalogue import Catalogue
from graph.schema.returns import returns
from k8s.kinds.kind import Kind
from k8s.kinds.structure import Field
from k8s.reading.selection import Selection, SelectionBuilder
from resolvers.arguments.arguments import ListArguments, list_arguments
from resolvers.errors import LimitExceeded
from resolvers.filters.comparisonlimits import ComparisonLimits
from resolvers.filters.operands import Operands
from resolvers.limits import OperationLimits
from resolvers.links.members import Derived, Link, Member, Owner, RemoteField, Shape
from resolvers.names import type_name


class Planner:
    """Plans one execution: the document's fragments and the values of its variables are the executor's."""

    def __init__(
        self,
        executor: Executor[Any],
        catalogue: Catalogue,
        limits: OperationLimits,
        *,
        is_incremental: bool = False,
    ) -> None:
        """Takes what it plans with; unless `is_incremental`, nothing is delivered later, whatever is deferred."""
        self._executor = executor
        self._is_incremental = is_incremental
        self.catalogue = catalogue
        self.limits = limits
        self.comparison_limits = ComparisonLimits(limits)
        self.plans: Plans | None = None
        self._selected = 0
        self._lists = 0
        self._depth = 0

    def planned_lists(self) -> int:
        """Lists, links and asked fields that were planned since this was last asked: each is a request per cluster."""
        planned, self._lists = self._lists, 0
        return planned

    def unread(self) -> Sequence[Operands]:
        """Operands of what was planned since this was last asked; none while a plan is made: they are the whole's."""
        return () if self._depth else self.comparison_limits.take_unread()

    def targets(self, details: FieldDetailsList) -> Targets:
        """The levels below a field."""
        return Targets(self, details)

    def root_targets(self, details: FieldDetailsList) -> Targets:
        """The levels below a root field, which are kept for the next request of the same document."""
        return Targets(self, details, None if self._is_incremental else self.plans)

    def planned(self, name: str, details: FieldDetailsList, plans: Plans | None) -> tuple[Level, Selection]:
        """The level of a type below a field, and what it needs of each row."""
        variables = self._executor.variable_values.coerced
        key = plan_key(name, details, variables, self.limits) if plans is not None else None
        known = plans.find(key) if plans is not None and key is not None else None
        if known is not None:
            self._selected += known.selected
            return known.level, known.selection
        builder = SelectionBuilder()
        selected, lists = self._selected, self._lists
        level = self.rows_level(name, details, builder)
        selection = builder.freeze()
        if plans is not None and key is not None and self._lists == lists:
            plans.keep(key, Plan(level, selection, self._selected - selected, details))
        return level, selection

    def level(self, name: str, details: FieldDetailsList, builder: SelectionBuilder) -> Level:
        """The level of a type below a field; what it needs of each row is added to `builder`."""
        with self._below():
            return self._level(name, self.fields(name, details), builder)

    def rows_level(self, name: str, details: FieldDetailsList, builder: SelectionBuilder) -> Level:
        """The same of rows: a part of their fields may be delivered later."""
        with self._below():
            now, later = self.parts(name, details)
            level = self._level(name, now, builder)
            level.deferred = tuple(DeferredPart(self._level(name, each.fields, builder), each.labels) for each in later)
            return level

    def _level(self, name: str, fields: Fields, builder: SelectionBuilder) -> Level:
        entries = tuple(self._entry(name, key, merged, builder) for key, merged in fields.items())
        return Level(self.catalogue[name], entries)

    def connection(
        self, name: str, details: FieldDetailsList, arguments: ListArguments, *, is_streamed: bool = False
    ) -> ConnectionPlan:
        """The plan of a connection field: `name` is the connection's type; `is_streamed` if it may be.

        Raises:
            QueryError: a path of the arguments leads nowhere, or more is selected than may be.
        """
        with self._below():
            planner = ConnectionPlanner(self, name.removesuffix("Connection"))
            return planner.plan(details, arguments, is_streamed=is_streamed and self._is_incremental)

    def given(self, owner: str, field_name: str, details: FieldDetailsList) -> Mapping[str, Any]:
        """The coerced arguments of a field."""
        graphql_type = cast(GraphQLObjectType, self._executor.schema.type_map[owner])
        first = details[0]
        return get_argument_values(
            graphql_type.fields[field_name],
            first.node,
            self._executor.variable_values,
            first.fragment_variable_values,
            hide_suggestions=True,
        )

    def fields(self, name: str, details: FieldDetailsList) -> Fields:
        """The selected fields of a type by response key.

        Raises:
            LimitExceeded: the query selects more than it may.
        """
        collected = self._collected(name, details)
        return undeferred(collected.grouped_field_set) if collected.new_defer_usages else collected.grouped_field_set

    def parts(self, name: str, details: FieldDetailsList) -> tuple[Fields, Sequence[Later]]:
        """The same fields: those that are delivered at once, and those that are delivered later.

        Raises:
            LimitExceeded: the query selects more than it may.
        """
        if not self._is_incremental:
            return self.fields(name, details), ()
        collected = self._collected(name, details)
        return split(collected.grouped_field_set) if collected.new_defer_usages else (collected.grouped_field_set, ())

    def stream(self, details: FieldDetailsList) -> Mapping[str, Any] | None:
        """The arguments of a field's `@stream`; None if there is none, or not now."""
        node, of_fragment = details[0].node, details[0].fragment_variable_values
        given = get_directive_values(
            GraphQLStreamDirective, node, self._executor.variable_values, of_fragment, hide_suggestions=True
        )
        return given if given is not None and given.get("if") is not False else None

    def _collected(self, name: str, details: FieldDetailsList) -> CollectedFields:
        graphql_type = cast(GraphQLObjectType, self._executor.schema.type_map[name])
        collected = self._executor.collect_subfields(graphql_type, details)
        self._selected += len(collected.grouped_field_set)
        if self._selected > self.limits.selected_fields:
            raise LimitExceeded(f"The query selects more than {self.limits.selected_fields} fields.")
        return collected

    @contextmanager
    def _below(self) -> Iterator[None]:
        """One selection set further inside; without a bound, nested fragments would grow without one, too."""
        if not self._depth:
            self.comparison_limits.take_unread()  # of a plan that was refused
        self._depth += 1
        if self._depth > self.limits.depth:
            raise LimitExceeded(f"The query has more than {self.limits.depth} selection sets inside each other.")
        try:
            yield
        finally:
            self._depth -= 1

    def _entry(self, owner: str, key: str, details: FieldDetailsList, builder: SelectionBuilder) -> Entry:
        row_type = self.catalogue[owner]
        name = details[0].node.name.value
        if name == "__typename":
            return Constant(key, owner)
        if name in row_type.constants:
            return Constant(key, row_type.constants[name])
        if name in row_type.plain:
            return self._plain(key, row_type.plain[name], details, builder)
        return self._member(key, row_type.members[name], details, builder, owner)

    def _plain(self, key: str, field: Field, details: FieldDetailsList, builder: SelectionBuilder) -> Entry:
        below = builder.branch(field.key)
        if field.structure is None:
            return Leaf(key, field.attribute, field.key)
        level = self.level(field.structure, details, below)
        return Nested(key, field.attribute, field.key, field.is_list, level)

    def _member(
        self, key: str, member: Member, details: FieldDetailsList, builder: SelectionBuilder, owner: str
    ) -> Entry:
        if isinstance(member, RemoteField):
            self._lists += 1
            return Questioned(key, member, returns(member.returns), details, self._checked(owner, member, details))
        for path in member.reads:
            self._read(owner, path, builder)
        if isinstance(member, Derived):
            return self._computed(key, member, details)
        return self._linked(key, member, details, owner)

    def _checked(self, owner: str, member: RemoteField, details: FieldDetailsList) -> Any:
        return member.arguments.checked(self.given(owner, member.name, details)) if member.arguments else None

    def _read(self, owner: str, path: str, builder: SelectionBuilder) -> None:
        """Adds a path that is read by a function; a structure at its end is taken whole."""
        structure: str | None = owner
        for name in path.split("."):
            field = self.catalogue[structure or ""].plain[name]
            builder, structure = builder.branch(field.key), field.structure
        if structure is not None:
            self._read_all(structure, builder)

    def _read_all(self, structure: str, builder: SelectionBuilder) -> None:
        for field in self.catalogue[structure].plain.values():
            below = builder.branch(field.key)
            if field.structure is not None:
                self._read_all(field.structure, below)

    def _computed(self, key: str, member: Derived, details: FieldDetailsList) -> Computed:
        given = returns(member.returns)
        nested = given.composite.__name__ if given.composite else None
        nested = given.held.name if isinstance(given.held, Owner) else nested
        plan = self.rows_level if isinstance(given.held, Owner) else self.level
        level = plan(nested, details, SelectionBuilder()) if nested else None
        return Computed(key, member, given, level, details)

    def _linked(self, key: str, link: Link, details: FieldDetailsList, owner: str) -> Entry:
        self._lists += 1
        if link.shape is Shape.ONE or isinstance(link.to, Owner):
            targets = self.targets(details)
            if isinstance(link.to, Kind):
                targets.level(type_name(link.to))  # so that what is too large is refused before anything is asked
            return Linked(key, link, targets, details)
        arguments = list_arguments(self.given(owner, link.name, details), self.limits)
        connection = self.connection(f"{type_name(link.to)}Connection", details, arguments)
        return LinkedMany(key, link, connection, arguments, details)
