"""Conversion of decoded values to the values of the answer, column by column.

Usually they are the same objects. If a selection has aliases, or fewer fields than were decoded, new objects are
created from columns of the old ones' attributes; no Python code runs per value.
"""

from collections.abc import Iterable, Sequence
from itertools import chain, islice, repeat
from operator import attrgetter
from typing import Any, cast

from graph.planning.emitted import Mark, emitted_rows
from graph.planning.levels import Constant, Entry, Leaf, Level, Nested, OpenValue, TypeMeta
from graph.schema.returns import composite_selection
from k8s.reading.openpaths import open_value
from k8s.reading.selection import LEAF, Selection
from resolvers.pacing import in_slices


def decoded_selection(value: object) -> Selection:
    """Returns the selection of a decoded value, from its class; empty for rows of other classes."""
    selection = getattr(type(value), "selection", None)
    return selection if isinstance(selection, Selection) else LEAF


def shaped(level: Level, values: Sequence[Any], selection: Selection) -> Sequence[Any]:
    """Returns values of one structure, converted for the level, in order; None stays None."""
    if level.passes(selection):
        return values
    present = [value for value in values if value is not None]
    columns = [column(entry, present, selection) for entry in level.entries]
    rows = emitted_rows(level.emitted, columns, len(present))
    if len(present) == len(values):
        return list(rows)
    return [None if value is None else next(rows) for value in values]


def column(entry: Entry, values: Sequence[Any], selection: Selection) -> Iterable[Any]:
    """Returns one entry's value for each value: a constant, one of its class, or a field of the value itself."""
    if isinstance(entry, Constant):
        return repeat(entry.value, len(values))
    if isinstance(entry, TypeMeta):
        row_types: set[Any] = set(map(type, values))
        texts = {row_type: entry.value(row_type.kind) for row_type in row_types}
        return map(texts.__getitem__, map(type, values))
    if isinstance(entry, OpenValue):
        return [open_value(value, (entry.json_key,)) for value in values]
    if isinstance(entry, Leaf):
        return map(attrgetter(entry.attribute), values)
    assert isinstance(entry, Nested)  # noqa: S101  levels inside a row have no other entries
    nested = list(map(attrgetter(entry.attribute), values))
    below = selection.below(entry.json_key)
    return shaped_lists(entry.level, nested, below) if entry.is_list else shaped(entry.level, nested, below)


async def completed_composites(level: Level | None, values: Sequence[Any], *, are_lists: bool) -> Sequence[Any]:
    """Completes values with fields of their own, or lists of them; null and marks stay."""
    present = (value for value in values if value is not None and not isinstance(value, Mark))
    sample = next(chain.from_iterable(present) if are_lists else present, None) if level is not None else None
    if level is None or sample is None:
        return values
    convert, selection = shaped_lists if are_lists else shaped, composite_selection(cast(Any, type(sample)))

    def completed(part: Sequence[Any]) -> list[Any]:
        results = convert(level, [None if isinstance(value, Mark) else value for value in part], selection)
        return [value if isinstance(value, Mark) else result for value, result in zip(part, results, strict=True)]

    return await in_slices(completed, values)


def shaped_lists(level: Level, lists: Sequence[Any], selection: Selection) -> Sequence[Any]:
    """Returns lists of values of one structure, each value converted for the level, in order; None stays None."""
    if level.passes(selection):
        return lists
    flat = list(chain.from_iterable(values for values in lists if values is not None))
    items = iter(shaped(level, flat, selection))
    return [None if values is None else list(islice(items, len(values))) for values in lists]
