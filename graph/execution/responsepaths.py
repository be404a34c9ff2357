"""Paths in the response, of rows, of the items of lists and of errors."""

from collections.abc import Callable, Sequence

from graphql import GraphQLError, located_error
from graphql.pyutils import Path

from graph.planning.levels import FieldDetailsList

PathAt = Callable[[int], Path]
"""The path of a row, or of a list, by its index."""

PathOfItem = Callable[[int, int], Path]
"""The path of an item by the index of its list and its place there."""

Report = Callable[[Exception, FieldDetailsList, Path], None]
"""Adds an error at a path."""


def located(error: Exception, details: FieldDetailsList, path: Path) -> GraphQLError:
    """Returns an error at a path, and at the places of its field in the document."""
    return located_error(error, [field.node for field in details], path.as_list())


def beginning(path: Path, length: int) -> Path:
    """Returns the first keys of a path."""
    for _ in range(len(path.as_list()) - length):
        path = path.prev or path
    return path


def picked(path_at: PathAt, indexes: Sequence[int]) -> PathAt:
    """Returns the paths of some of the rows."""
    return lambda place: path_at(indexes[place])


def items_below(path_at: PathAt, key: str, inner: str | None = None) -> PathOfItem:
    """Returns the paths of the items of the lists below several places."""

    def path_of(index: int, place: int) -> Path:
        item = path_at(index).add_key(key, None).add_key(place, None)
        return item.add_key(inner, None) if inner else item

    return path_of
