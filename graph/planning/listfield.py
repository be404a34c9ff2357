"""A root list: what it asks for, and where it stands."""

from dataclasses import dataclass

from graphql.pyutils import Path

from graph.planning.connection import ConnectionPlan
from graph.planning.levels import FieldDetailsList
from k8s.kinds.kind import Kind
from resolvers.arguments.arguments import ListArguments


@dataclass(frozen=True, slots=True)
class ListField:
    """One list field of an operation."""

    kind: Kind
    plan: ConnectionPlan
    arguments: ListArguments
    details: FieldDetailsList
    path: Path

    @property
    def scope(self) -> bytes:
        """The list that its cursors are bound to."""
        return self.arguments.scope(str(self.kind))
