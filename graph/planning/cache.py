"""The cache of plans: a field of a cached document is planned once.

Only levels without links, lists, remote fields and arguments are cached: their plans depend on nothing but the
document, the variables of `@skip` and `@include`, and the limits. All others contain arguments and are planned for each
request.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from graph.document.lrucache import LruCache
from graph.planning.levels import FieldDetailsList, Level
from k8s.reading.selection import Selection
from resolvers.limits import OperationLimits

_MOST_PLANS: Final = 512
_MOST_CHARACTERS: Final = 60_000
"""Characters of the documents of all plans, which live as long as these; a character takes 50 to 200 bytes."""


class PlanKey(NamedTuple):
    """All inputs of a plan; nodes are compared by identity, since their document is cached."""

    type_name: str
    nodes: tuple[int, ...]
    switches: tuple[tuple[str, bool], ...]
    limits: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan; `details` keeps the nodes alive, so that no other nodes get their identity."""

    level: Level
    selection: Selection
    selected: int
    details: FieldDetailsList


class Plans:
    """The plans used last."""

    def __init__(self) -> None:
        self._known = LruCache[PlanKey, Plan](_MOST_PLANS, weight=_MOST_CHARACTERS)

    def find(self, key: PlanKey) -> Plan | None:
        """Returns the cached plan, or None."""
        return self._known.find(key)

    def add(self, key: PlanKey, plan: Plan) -> None:
        """Adds a plan, and drops the least recently used ones."""
        self._known.add(key, plan, _document_characters(plan.details))


def _document_characters(details: FieldDetailsList) -> int:
    """Returns the length of the document that the nodes keep alive."""
    location = details[0].node.loc
    return len(location.source.body) if location is not None else 0


def plan_key(
    type_name: str, details: FieldDetailsList, variables: Mapping[str, object], limits: OperationLimits
) -> PlanKey | None:
    """Returns the key of a field's plan; None if it depends on more than a key contains."""
    if any(field.fragment_variable_values is not None for field in details):
        return None
    switches = tuple((name, value) for name, value in variables.items() if isinstance(value, bool))
    return PlanKey(
        type_name, tuple(id(field.node) for field in details), switches, (limits.depth, limits.selected_fields)
    )
