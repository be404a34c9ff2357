"""Estimates how many values the paths of `where`, `orderBy` and `groups` lead to from one object."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from graph.planning.fieldpaths import FieldPaths
from graph.schema.catalogue import Catalogue
from resolvers.errors import BadUserInput

USUAL: Final = 100
"""Objects of a list of one cluster that has no `first`."""
USUAL_OF_PARENT: Final = 10
"""Objects of a link of one parent that has no `first`: pods of a node, of a deployment."""

_MOST_PATHS: Final = 200
"""Of one argument; more are refused when they are planned."""


class Fanout:
    """What paths lead to, each looked at once."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._paths = FieldPaths(catalogue)
        self._known: dict[tuple[str, str], int] = {}

    def of(self, owner: str, argument: object) -> int:
        """The values that all paths in an argument lead to through links to many, from one object of a type."""
        return sum(self._values(owner, path) for path in _paths_in(argument)) if owner in self._catalogue else 0

    def _values(self, owner: str, path: str) -> int:
        known = self._known.get((owner, path))
        if known is None:
            known = self._known[owner, path] = self._found(owner, path)
        return known

    def _found(self, owner: str, path: str) -> int:
        try:
            fans = self._paths.find(owner, path).fans
        except BadUserInput:
            return 0  # refused when it is planned
        values = 1 if fans else 0
        for parent in fans:
            values *= USUAL if parent == "Cluster" else USUAL_OF_PARENT
        return values


def _paths_in(argument: object) -> Iterator[str]:
    """The paths of `where`, however deep, of `orderBy`, or of a list of paths."""
    waiting: list[Any] = [argument]
    found = 0
    while waiting and found < _MOST_PATHS:
        each = waiting.pop()
        if isinstance(each, str):
            found += 1
            yield each
        elif isinstance(each, list | tuple):
            waiting.extend(each[:_MOST_PATHS])
        elif isinstance(each, Mapping):
            waiting.extend(each.get(name) for name in ("path", "and", "or", "not"))
