"""Estimates the number of values that paths of `where`, `orderBy` and `groups` read for one object."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from graph.planning.fieldpaths import FieldPaths
from graph.schema.catalogue import Catalogue
from resolvers.errors import BadUserInput

USUAL: Final = 100
"""Objects of a list of one cluster without `first`."""
USUAL_OF_PARENT: Final = 10
"""Objects of a link of one parent without `first`: pods of a node, of a deployment."""

_MOST_PATHS: Final = 200
"""Paths of one argument; more are refused by planning."""


class ExpansionEstimate:
    """Estimates of paths, each made once."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._paths = FieldPaths(catalogue)
        self._known: dict[tuple[str, str], int] = {}

    def of(self, owner: str, argument: object) -> int:
        """Returns the number of values that an argument's paths read through links, for one object of a type."""
        return sum(self._values(owner, path) for path in _paths_in(argument)) if owner in self._catalogue else 0

    def _values(self, owner: str, path: str) -> int:
        known = self._known.get((owner, path))
        if known is None:
            known = self._known[owner, path] = self._estimated(owner, path)
        return known

    def _estimated(self, owner: str, path: str) -> int:
        try:
            fans = self._paths.find(owner, path).fans
        except BadUserInput:
            return 0  # planning refuses it
        values = 1 if fans else 0
        for parent in fans:
            values *= USUAL if parent == "Cluster" else USUAL_OF_PARENT
        return values


def _paths_in(argument: object) -> Iterator[str]:
    """Yields the paths of `where`, at any depth, of `orderBy`, or of a list of paths."""
    waiting: list[Any] = [argument]
    paths = 0
    while waiting and paths < _MOST_PATHS:
        value = waiting.pop()
        if isinstance(value, str):
            paths += 1
            yield value
        elif isinstance(value, list | tuple):
            waiting.extend(value[:_MOST_PATHS])
        elif isinstance(value, Mapping):
            waiting.extend(value.get(name) for name in ("path", "and", "or", "not"))
