"""Plans of documents that are asked again and again: what was planned for a field once is not planned anew.

Kept are levels without links, lists and asked fields: their plan depends on nothing but the document, the variables of
`@skip` and `@include`, and the limits. All else is planned for each request, since it holds arguments.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from graph.document.lrucache import LruCache
from graph.planning.levels import FieldDetailsList, Level
from k8s.reading.selection import Selection
from resolvers.limits import OperationLimits

_KEPT: Final = 512
_KEPT_CHARACTERS: Final = 60_000
"""Of the documents of all plans, which stay as long as these; a character takes 50 to 200 bytes."""


class PlanKey(NamedTuple):
    """What a plan depends on; nodes are those of a document that is kept, and told apart by identity."""

    type_name: str
    nodes: tuple[int, ...]
    switches: tuple[tuple[str, bool], ...]
    limits: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Plan:
    """What was planned; `details` keeps the nodes alive, so that their identity stays theirs."""

    level: Level
    selection: Selection
    selected: int
    details: FieldDetailsList


class Plans:
    """The plans that were used last."""

    def __init__(self) -> None:
        self._known = LruCache[PlanKey, Plan](_KEPT, weight=_KEPT_CHARACTERS)

    def find(self, key: PlanKey) -> Plan | None:
        """The plan, if it is kept."""
        return self._known.find(key)

    def add(self, key: PlanKey, plan: Plan) -> None:
        """Keeps a plan, and lets go of those that were not used longest."""
        self._known.add(key, plan, _document_characters(plan.details))


def _document_characters(details: FieldDetailsList) -> int:
    """The length of the document that the nodes keep alive."""
    location = details[0].node.loc
    return len(location.source.body) if location is not None else 0


def plan_key(
    type_name: str, details: FieldDetailsList, variables: Mapping[str, object], limits: OperationLimits
) -> PlanKey | None:
    """The key of a field's plan; None where it depends on more than a key holds."""
    if any(each.fragment_variable_values is not None for each in details):
        return None
    switches = tuple((name, value) for name, value in variables.items() if isinstance(value, bool))
    return PlanKey(
        type_name, tuple(id(each.node) for each in details), switches, (limits.depth, limits.selected_fields)
    )
