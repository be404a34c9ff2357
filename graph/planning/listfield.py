"""A root list of an operation."""

from dataclasses import dataclass

from graphql.pyutils import Path

from graph.planning.connectionplan import ConnectionPlan
from graph.planning.levels import FieldDetailsList
from k8s.kinds.kind import Kind
from resolvers.arguments.listarguments import ListArguments


@dataclass(frozen=True, slots=True)
class ListField:
    """One list field: its plan, its arguments, and its place in the response."""

    kind: Kind
    plan: ConnectionPlan
    arguments: ListArguments
    details: FieldDetailsList
    path: Path

    @property
    def scope(self) -> bytes:
        """The list that its cursors are bound to."""
        return self.arguments.scope(str(self.kind))
