"""One streamed field of a list: what arrived of it, from whichever cluster, and what was sent."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import compress
from operator import not_
from typing import Any, Final

from graphql import GraphQLError

from graph.execution.nulled import NULLED
from graph.planning.connection import StreamedPart

EVERYTHING: Final = 1_000_000_000
"""More objects than a list may have."""


@dataclass(slots=True)
class Feed:
    """`nodes` or `edges`: what arrived of it, and how much of that was sent.

    Attributes:
        depth: where in a path the index of an object stands.
    """

    streamed: StreamedPart
    depth: int
    sent: int = 0
    has_failed: bool = False
    items: list[Any] = field(default_factory=list)
    errors: list[GraphQLError] = field(default_factory=list)

    @property
    def lacks(self) -> bool:
        """Whether more must arrive before the list is begun."""
        return len(self.items) < self.streamed.initial_count and not self.has_failed

    def add(self, items: Any, errors: Sequence[GraphQLError]) -> None:
        """What a cluster adds."""
        if self.has_failed:
            return
        self.errors += [self._moved(error, self.sent + len(self.items)) for error in errors]
        if items is NULLED:
            self.has_failed = True
        else:
            self.items += items

    def take(self, most: int = EVERYTHING) -> tuple[list[Any], list[GraphQLError]]:
        """What is sent now, and its errors."""
        taken, self.items = self.items[:most], self.items[most:]
        self.sent += len(taken)
        are_due = [self.has_failed or self._index(error) < self.sent for error in self.errors]
        errors = list(compress(self.errors, are_due))
        self.errors = list(compress(self.errors, map(not_, are_due)))
        return taken, errors

    def _index(self, error: GraphQLError) -> int:
        path = error.path or []
        index = path[self.depth] if len(path) > self.depth else -1
        return index if isinstance(index, int) else -1

    def _moved(self, error: GraphQLError, by: int) -> GraphQLError:
        path = list(error.path or [])
        if len(path) > self.depth:
            path[self.depth] = self._index(error) + by
        return GraphQLError(error.message, error.nodes, path=path, original_error=error.original_error)
