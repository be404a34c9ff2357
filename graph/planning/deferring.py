"""The split of a selection set into fields that are delivered at once, and deferred ones.

A server may deliver deferred fields at once. Here fragments of one selection set with a common field, and nested
fragments, are delivered together: no object is read twice, and none is split.
Source: https://github.com/graphql/graphql-spec/pull/1110
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from graphql.execution.collect_fields import DeferUsage, FieldDetails

FieldDetailsList = list[FieldDetails]
Fields = Mapping[str, FieldDetailsList]


@dataclass(slots=True)
class Later:
    """Fields that are delivered together, and their fragments."""

    fields: dict[str, FieldDetailsList] = field(default_factory=dict)
    usages: dict[int, DeferUsage] = field(default_factory=dict)

    @property
    def labels(self) -> tuple[str | None, ...]:
        """Returns the labels, one for each fragment."""
        return tuple(usage.label for usage in self.usages.values())


def undeferred(fields: Fields) -> dict[str, FieldDetailsList]:
    """Returns the same fields, all of them delivered at once."""
    return {key: _bare(details) for key, details in fields.items()}


def split(fields: Fields) -> tuple[dict[str, FieldDetailsList], Sequence[Later]]:
    """Returns the fields that are delivered at once, and the deferred ones; both ways together mean at once."""
    now: dict[str, FieldDetailsList] = {}
    later: list[Later] = []
    for key, details in fields.items():
        usages = [field.defer_usage for field in details if field.defer_usage is not None]
        if len(usages) < len(details):
            now[key] = _bare(details)
            continue
        outermost = {id(usage): usage for usage in map(_outermost, usages)}
        joined = [fragment for fragment in later if not outermost.keys().isdisjoint(fragment.usages)]
        together = Later()
        for fragment in joined:
            later.remove(fragment)
            together.fields |= fragment.fields
            together.usages |= fragment.usages
        together.fields[key] = _bare(details)
        together.usages |= outermost
        later.append(together)
    return now, later


def _outermost(usage: DeferUsage) -> DeferUsage:
    while usage.parent_defer_usage is not None:
        usage = usage.parent_defer_usage
    return usage


def _bare(details: FieldDetailsList) -> FieldDetailsList:
    """Returns the details without their fragment's deferral; those inside them remain."""
    if all(field.defer_usage is None for field in details):
        return details
    return [FieldDetails(field.node, None, field.fragment_variable_values) for field in details]
