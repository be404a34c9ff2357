"""The plan of an operation: levels, and the paths that must be decoded for them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from graphql.execution.executor import Executor

from graph.planning.cache import Plan, Plans, plan_key
from graph.planning.connectionplan import ConnectionPlan
from graph.planning.connectionplanner import ConnectionPlanner
from graph.planning.deferring import Fields
from graph.planning.levels import (
    Computed,
    Constant,
    DeferredFragment,
    Entry,
    FieldDetailsList,
    Leaf,
    Level,
    Linked,
    LinkedKinds,
    LinkedMany,
    Nested,
    OpenValue,
    Remote,
    TypeMeta,
)
from graph.planning.listfield import KeptList
from graph.planning.mixedplanner import MixedPlanner
from graph.planning.readpaths import add_open, add_reads, narrowed, type_of_kind
from graph.planning.selectedpaths import OPEN_FIELD
from graph.planning.selectionsets import SelectionSets
from graph.planning.targets import Targets
from graph.schema.catalogue import Catalogue, member_returns
from graph.schema.returns import Returns
from k8s.kinds.kind import Kind
from k8s.kinds.structure import Field
from k8s.masking.masking import STANDARD, Masking
from k8s.reading.openpaths import keys_of
from k8s.reading.selection import Selection, SelectionBuilder
from resolvers.arguments.listarguments import ListArguments, list_arguments
from resolvers.arguments.selectors import refuse_masked_fields
from resolvers.errors import LimitExceeded
from resolvers.filters.comparisonlimits import ComparisonLimits
from resolvers.filters.operands import Operands
from resolvers.limits import OperationLimits
from resolvers.links.members import Derived, KindsLink, Link, Member, Owner, RemoteField, Shape
from resolvers.names import type_name
from resolvers.operation.warnings import Warnings


class Planner:
    """Plans one execution.

    Attributes:
        selection_sets: the fields of the operation.
        masking: the values whose paths are refused.
        comparison_limits: the limits and the operands of its comparisons.
        warnings: its warnings, filled while lists are planned.
        plans, kept: a cache of plans, and the list of a query that is executed again and again; None without them.
    """

    def __init__(
        self,
        executor: Executor[Any],
        catalogue: Catalogue,
        limits: OperationLimits,
        *,
        path_catalogue: Catalogue | None = None,
        warnings: Warnings,
        masking: Masking = STANDARD,
        is_incremental: bool = False,
    ) -> None:
        """Takes the executor, for fragments and variables; unless `is_incremental`, everything is delivered at once."""
        self.selection_sets = SelectionSets(executor, catalogue, limits, is_incremental=is_incremental)
        self.catalogue, self.path_catalogue, self.limits = catalogue, path_catalogue or catalogue, limits
        self.warnings, self.masking, self.comparison_limits = warnings, masking, ComparisonLimits(limits)
        self.plans: Plans | None = None
        self.kept: KeptList | None = None
        self._shared: dict[tuple[int, str], SelectionBuilder] = {}
        self._lists = self._bound = self._depth = 0

    def planned_lists(self) -> int:
        """Returns the lists, links and remote fields planned since the last call: each is a request per cluster."""
        planned, self._lists, self._shared = self._lists, 0, {}
        return planned

    def unread(self) -> Sequence[Operands]:
        """Returns the operands planned since the last call; none in the middle of a plan."""
        return () if self._depth else self.comparison_limits.take_unread()

    def type_of(self, kind: Kind) -> str:
        """Returns the name of the type of a kind's objects in its version; the generic one for kinds without."""
        return type_of_kind(self.catalogue, kind)

    def targets(self, details: FieldDetailsList) -> Targets:
        """Returns the levels below a field."""
        return Targets(self, details)

    def root_targets(self, details: FieldDetailsList) -> Targets:
        """Returns the levels below a root field, which are cached for the next request of the same document."""
        return Targets(self, details, None if self.selection_sets.is_incremental else self.plans)

    def planned(self, name: str, details: FieldDetailsList, plans: Plans | None) -> tuple[Level, Selection]:
        """Returns the level of a type below a field, and the paths that it needs of each row."""
        sets = self.selection_sets
        key = plan_key(name, details, sets.variables, self.limits) if plans is not None else None
        known = plans.find(key) if plans is not None and key is not None else None
        if known is not None:
            sets.selected += known.selected
            return known.level, known.selection
        builder, selected, varying = SelectionBuilder(), sets.selected, self._varying
        level, selection = self.rows_level(name, details, builder), builder.freeze()
        if plans is not None and key is not None and self._varying == varying:
            plans.add(key, Plan(level, selection, sets.selected - selected, details))
        return level, selection

    @property
    def _varying(self) -> tuple[int, int]:
        """The numbers of planned fields whose arguments are in the plan, so that it is not cached."""
        return self._lists, self._bound

    def level(self, name: str, details: FieldDetailsList, builder: SelectionBuilder) -> Level:
        """Plans the level of a type below a field; adds the paths that it needs of each row to `builder`."""
        with self._below():
            return self._level(name, self.selection_sets.fields(name, details), builder)

    def rows_level(self, name: str, details: FieldDetailsList, builder: SelectionBuilder) -> Level:
        """Plans the same of rows, of which some fields may be deferred."""
        with self._below():
            if self.catalogue[name].is_generic:  # all its objects have the same paths, whether of a namespace or not
                builder.add("metadata.name")
                builder.add("metadata.namespace")
            now, later = self.selection_sets.fields_and_later(name, details)
            level = self._level(name, now, builder)
            level.deferred = tuple(
                DeferredFragment(self._level(name, fragment.fields, builder), fragment.labels) for fragment in later
            )
            return level

    def _level(self, name: str, fields: Fields, builder: SelectionBuilder) -> Level:
        entries = tuple(self._entry(name, key, merged, builder) for key, merged in fields.items())
        return Level(self.catalogue[name], entries)

    def connection(
        self, kind: Kind, details: FieldDetailsList, arguments: ListArguments, *, is_streamed: bool = False
    ) -> ConnectionPlan:
        """Plans a connection field of a kind; `is_streamed` if `@stream` is possible there; raises QueryError."""
        refuse_masked_fields(arguments.field_selector, kind, self.masking)
        with self._below():
            planner = ConnectionPlanner(self, type_name(kind))
            return planner.plan(details, arguments, is_streamed=is_streamed and self.selection_sets.is_incremental)

    def mixed_connection(
        self, kinds: Sequence[Kind], details: FieldDetailsList, arguments: ListArguments, *, is_streamed: bool = False
    ) -> ConnectionPlan:
        """Plans a connection of objects of several kinds; `is_streamed` and errors as for `connection`."""
        is_streamed = is_streamed and self.selection_sets.is_incremental
        with self._below():
            return MixedPlanner(self).plan(kinds, details, arguments, is_streamed=is_streamed)

    @contextmanager
    def _below(self) -> Iterator[None]:
        """Enters a selection set; the bound also holds for nested fragments."""
        if not self._depth:
            self.comparison_limits.take_unread()  # left by a plan that was refused
        self._depth += 1
        if self._depth > self.limits.depth:
            raise LimitExceeded(
                f"The query has more than {self.limits.depth} nested selection sets (FLEETGRAPH_MAX_DEPTH)."
            )
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
        if name in row_type.type_meta:
            return TypeMeta(key, row_type.type_meta[name])
        if name in row_type.plain:
            return self._plain(key, row_type.plain[name], details, builder)
        if name.startswith(OPEN_FIELD):
            json_key = name.removeprefix(OPEN_FIELD)
            add_open(details[0].node.selection_set, (json_key,), builder)
            return OpenValue(key, json_key)
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
        if isinstance(member, KindsLink):
            self._lists += 1
            return LinkedKinds(key, self, self.selection_sets.arguments(owner, member.name, details), details)
        add_reads(self.catalogue, owner, member, builder)
        if isinstance(member, Link):
            return self._linked(key, member, details, owner)
        returned = member_returns(self.catalogue[owner], member, has_masks=self.masking.has_own)
        checked, level = self._checked(owner, member, details), self._returned(returned, details, builder)
        if isinstance(member, RemoteField):
            self._count_lists(member, builder)
            return Remote(key, member, returned, details, narrowed(member, checked, level), level)
        for open_path in member.opens(checked):
            builder.add_open(keys_of(open_path))
        return Computed(key, member, returned, level, details, member.bound(checked))

    def _count_lists(self, member: RemoteField, builder: SelectionBuilder) -> None:
        """Counts the lists of a field; those that fields of the same objects share count once."""
        known = len(self._shared)
        self._shared |= {(id(builder), name): builder for name in member.shared}
        self._lists += len(self._shared) - known if member.shared else member.lists

    def _checked(self, owner: str, member: Derived | RemoteField | Link, details: FieldDetailsList) -> Any:
        if member.arguments is None:
            return None
        self._bound += 1
        return member.arguments.checked(self.selection_sets.arguments(owner, member.name, details))

    def _returned(self, returned: Returns, details: FieldDetailsList, builder: SelectionBuilder) -> Level | None:
        """Plans the selection of a field's values; None for leaves. Parts of the row add the paths that they need."""
        if isinstance(returned.element, Owner):
            below = SelectionBuilder() if returned.element.part_of is None else builder
            return self.rows_level(returned.element.name, details, below)
        named = returned.composite
        return self.level(named.__name__, details, SelectionBuilder()) if named is not None else None

    def _linked(self, key: str, link: Link, details: FieldDetailsList, owner: str) -> Entry:
        checked = self._checked(owner, link, details) if link.shape is not Shape.MANY else None
        self._lists += link.lists(checked)
        if link.shape is not Shape.MANY or isinstance(link.to, Owner):
            targets = self.targets(details)
            if isinstance(link.to, Kind):
                targets.level(type_name(link.to))  # refuses a selection that is too large before any request
            return Linked(key, link, targets, details, checked)
        arguments = list_arguments(self.selection_sets.arguments(owner, link.name, details), self.limits)
        connection = self.connection(link.to, details, arguments)
        return LinkedMany(key, link, connection, arguments, details)
