"""The unsent items of a streamed list, with their errors."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import compress
from operator import not_
from sys import maxsize
from typing import Any

from graphql import GraphQLError

from graph.planning.connectionplan import StreamedField
from graph.planning.emitted import NULLED


@dataclass(slots=True)
class Feed:
    """`nodes` or `edges` of a streamed list: the unsent items from all clusters.

    Attributes:
        depth: the position of the object's index in an error's path.
    """

    streamed: StreamedField
    depth: int
    sent_count: int = 0
    has_failed: bool = False
    items: list[Any] = field(default_factory=list)
    errors: list[GraphQLError] = field(default_factory=list)

    @property
    def lacks(self) -> bool:
        """True while fewer items arrived than `initialCount`."""
        return len(self.items) < self.streamed.initial_count and not self.has_failed

    def add(self, items: Any, errors: Sequence[GraphQLError]) -> None:
        """Adds the items of a cluster, or `NULLED`."""
        if self.has_failed:
            return
        self.errors += [self._moved(error, self.sent_count + len(self.items)) for error in errors]
        if items is NULLED:
            self.has_failed = True
        else:
            self.items += items

    def take(self, most: int = maxsize) -> tuple[list[Any], list[GraphQLError]]:
        """Removes and returns the next items and their errors."""
        items, self.items = self.items[:most], self.items[most:]
        self.sent_count += len(items)
        are_due = [self.has_failed or self._index(error) < self.sent_count for error in self.errors]
        errors = list(compress(self.errors, are_due))
        self.errors = list(compress(self.errors, map(not_, are_due)))
        return items, errors

    def _index(self, error: GraphQLError) -> int:
        path = error.path or []
        index = path[self.depth] if len(path) > self.depth else -1
        return index if isinstance(index, int) else -1

    def _moved(self, error: GraphQLError, by: int) -> GraphQLError:
        path = list(error.path or [])
        if len(path) > self.depth:
            path[self.depth] = self._index(error) + by
        return GraphQLError(error.message, error.nodes, path=path, original_error=error.original_error)
