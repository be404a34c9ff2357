"""Estimates the number of values that paths of `where`, `orderBy` and `groups` read for one object."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from graph.planning.fieldpath import PathStart
from graph.planning.fieldpaths import FieldPaths
from graph.schema.catalogue import Catalogue
from resolvers.errors import BadUserInput
from resolvers.filters.conditions import ElementQuantifier

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
        if owner not in self._catalogue:
            return 0
        top = self._paths.start(owner)
        return sum(
            self._values(owner, path) if start is top else self._estimated(start, path)
            for start, path in self._paths_in(top, argument)
        )

    def _values(self, owner: str, path: str) -> int:
        known = self._known.get((owner, path))
        if known is None:
            known = self._known[owner, path] = self._estimated(self._paths.start(owner), path)
        return known

    def _estimated(self, start: PathStart, path: str) -> int:
        try:
            return _read_by(self._paths.find(start, path).fans)
        except BadUserInput:
            return 0  # planning refuses it

    def _paths_in(self, top: PathStart, argument: object) -> Iterator[tuple[PathStart, str]]:
        """Yields the paths of `where`, at any depth, of `orderBy`, or of a list of paths, each with its beginning."""
        waiting: list[tuple[PathStart, Any]] = [(top, argument)]
        paths = 0
        while waiting and paths < _MOST_PATHS:
            start, value = waiting.pop()
            if isinstance(value, str):
                paths += 1
                yield start, value
            elif isinstance(value, list | tuple):
                waiting.extend((start, item) for item in value[:_MOST_PATHS])
            elif isinstance(value, Mapping):
                waiting.extend((start, value.get(name)) for name in ("path", "valuePath", "and", "or", "not"))
                waiting.extend(self._elements(start, value))

    def _elements(self, start: PathStart, value: Mapping[str, Any]) -> Iterator[tuple[PathStart, Any]]:
        """Yields conditions on the elements of a list, which are evaluated for each of them."""
        for quantifier in ElementQuantifier:
            members, path = value.get(quantifier.value), value.get("path")
            if members and isinstance(path, str):
                try:
                    _, below = self._paths.find_elements(start, path, quantifier.value)
                except BadUserInput:
                    continue  # planning refuses it
                yield below, members


def _read_by(fans: Sequence[str]) -> int:
    values = 1 if fans else 0
    for parent in fans:
        values *= USUAL if parent == "Cluster" else USUAL_OF_PARENT
    return values
