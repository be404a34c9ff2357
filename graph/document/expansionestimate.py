"""Estimates the number of values that paths of `where`, `orderBy` and `groups` read for one object."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from graph.planning.fieldpath import PathStart
from graph.planning.fieldpaths import FieldPaths
from graph.schema.catalogue import Catalogue
from resolvers.errors import BadUserInput
from resolvers.filters.conditions import ElementQuantifier

_WORDS: Final = tuple(quantifier.value for quantifier in ElementQuantifier)

USUAL: Final = 100
"""Objects of a list of one cluster without `first`."""
USUAL_OF_PARENT: Final = 10
"""Objects of a link of one parent without `first`: pods of a node, of a deployment."""

_MOST_ENTRIES: Final = 2000
"""Entries, lists and paths of one argument that are looked at; planning refuses nearly all arguments with more."""
_MOST_MEMBERS: Final = 200
"""Members of one list that are looked at; planning refuses longer ones."""


class ExpansionEstimate:
    """Estimates of arguments and of paths, each made once."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._paths = FieldPaths(catalogue)
        self._known: dict[tuple[str, str], int] = {}
        self._arguments: dict[tuple[str, int], tuple[object, int]] = {}
        """Estimates by type and identity of the argument, which is kept alive: many fields may have one variable."""

    def of(self, owner: str, argument: object) -> int:
        """Returns the number of values that an argument's paths read through links, for one object of a type.

        0 if a path is invalid: planning refuses the list, so nothing is read for it.
        """
        if owner not in self._catalogue or not argument:
            return 0
        known = self._arguments.get((owner, id(argument)))
        if known is None:
            try:
                known = argument, self._of_argument(owner, argument)
            except BadUserInput:
                known = argument, 0
            self._arguments[owner, id(argument)] = known
        return known[1]

    def _of_argument(self, owner: str, argument: object) -> int:
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
        return _read_by(self._paths.find(start, path).fans)

    def _paths_in(self, top: PathStart, argument: object) -> Iterator[tuple[PathStart, str]]:
        """Yields the paths of `where`, at any depth, of `orderBy`, or of a list of paths, each with its beginning."""
        waiting: list[tuple[PathStart, Any]] = [(top, argument)]
        looked_at = 0
        while waiting and looked_at < _MOST_ENTRIES:
            start, value = waiting.pop()
            looked_at += value is not None
            if isinstance(value, str):
                yield start, value
            elif isinstance(value, list | tuple):
                waiting.extend((start, item) for item in value[:_MOST_MEMBERS])
            elif isinstance(value, Mapping):
                waiting.extend((start, value.get(name)) for name in ("path", "valuePath", "and", "or", "not"))
                waiting.extend(self._elements(start, value))

    def _elements(self, start: PathStart, value: Mapping[str, Any]) -> Iterator[tuple[PathStart, Any]]:
        """Yields conditions on the elements of a list, which are evaluated for each of them."""
        conditions = {word: members for word in _WORDS if (members := value.get(word))}
        path = value.get("path")
        if conditions and isinstance(path, str):
            _, below = self._paths.find_elements(start, path, next(iter(conditions)))
            yield from ((below, members) for members in conditions.values())


def _read_by(fans: Sequence[str]) -> int:
    values = 1 if fans else 0
    for parent in fans:
        values *= USUAL if parent == "Cluster" else USUAL_OF_PARENT
    return values
