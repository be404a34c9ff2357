"""Which fields of a selection set are delivered at once, and which later.

A service may deliver at once what a client lets it defer. Here fragments of one selection set that have a field in
common, and fragments inside each other, are delivered together: no object is asked for twice, and none is split.
Source: https://github.com/graphql/graphql-spec/pull/1110
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from graphql.execution.collect_fields import DeferUsage, FieldDetails

FieldDetailsList = list[FieldDetails]
Fields = Mapping[str, FieldDetailsList]


@dataclass(slots=True)
class Later:
    """Fields that are delivered together, and the labels of the fragments that they stand in."""

    fields: dict[str, FieldDetailsList] = field(default_factory=dict)
    usages: dict[int, DeferUsage] = field(default_factory=dict)

    @property
    def labels(self) -> tuple[str | None, ...]:
        """One for each fragment."""
        return tuple(usage.label for usage in self.usages.values())


def undeferred(fields: Fields) -> dict[str, FieldDetailsList]:
    """The same fields, all of them delivered at once."""
    return {key: _bare(details) for key, details in fields.items()}


def split(fields: Fields) -> tuple[dict[str, FieldDetailsList], Sequence[Later]]:
    """The fields that are delivered at once, and those that are not; a field that is asked for in both ways is."""
    now: dict[str, FieldDetailsList] = {}
    later: list[Later] = []
    for key, details in fields.items():
        usages = [each.defer_usage for each in details if each.defer_usage is not None]
        if len(usages) < len(details):
            now[key] = _bare(details)
            continue
        outermost = {id(usage): usage for usage in map(_outermost, usages)}
        joined = [each for each in later if not outermost.keys().isdisjoint(each.usages)]
        together = Later()
        for each in joined:
            later.remove(each)
            together.fields |= each.fields
            together.usages |= each.usages
        together.fields[key] = _bare(details)
        together.usages |= outermost
        later.append(together)
    return now, later


def _outermost(usage: DeferUsage) -> DeferUsage:
    while usage.parent_defer_usage is not None:
        usage = usage.parent_defer_usage
    return usage


def _bare(details: FieldDetailsList) -> FieldDetailsList:
    """Below a field that is delivered, only what is deferred there is deferred."""
    if all(each.defer_usage is None for each in details):
        return details
    return [FieldDetails(each.node, None, each.fragment_variable_values) for each in details]
