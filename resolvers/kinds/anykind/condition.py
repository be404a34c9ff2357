"""`condition(type:)`: one condition of an object's status, for objects of every kind."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Final

from msgspec import Meta, Struct

from k8s.reading.openpaths import open_rows, open_value, open_values
from k8s.reading.rowdecoders import Row
from resolvers.kinds.leaves import Time
from resolvers.kinds.longlists import items_of
from resolvers.links.members import ANY_KIND, Argument, Arguments, Family

CONDITIONS = Family(ANY_KIND)

_PATHS: Final = ("status.conditions", "conditions")
"""The lists of conditions: in the status by the API conventions, at the top of a ComponentStatus."""
_KEYS: Final = ("type", "status", "reason", "message", "lastTransitionTime", "lastUpdateTime")


class ObjectCondition(Struct, frozen=True):
    """One condition of an object's status, as its controller wrote it."""

    status: Annotated[str | None, Meta(description="True, False or Unknown.")]
    reason: Annotated[str | None, Meta(description="The reason for the last change, in one word.")]
    message: Annotated[str | None, Meta(description="The same in a sentence.")]
    since: Annotated[
        Time | None, Meta(description="The time of the last change: lastTransitionTime, else lastUpdateTime.")
    ]


def _type(arguments: Mapping[str, object]) -> str:
    return str(arguments["type"])


@CONDITIONS.derived(
    description="The condition of its status that has this type, such as `Ready` or `Available`; null if it has none. "
    "In `where`, `orderBy` and `groups` it is `status.conditions[type=Ready].status`.",
    open_reads=tuple(f"{path}.{key}" for path in _PATHS for key in _KEYS),
    arguments=Arguments((Argument("type", str, "The type of the condition, such as `Ready`, in any case."),), _type),
)
def condition(row: Row, condition_type: str) -> ObjectCondition | None:
    """Returns the first condition of the type; without one, the first in another case, as for `kubectl wait`."""
    in_another_case: Sequence[object] | None = None
    for path in _PATHS:
        conditions = open_value(row, path)
        entries = items_of(conditions) if isinstance(conditions, list) else ()
        for values in open_rows(entries, _KEYS) or (open_values(entry, _KEYS) for entry in entries):
            name = _text(values[0]) if values is not None else None
            if values is None or name is None:
                continue
            if name == condition_type:
                return _condition(values)
            if in_another_case is None and name.casefold() == condition_type.casefold():
                in_another_case = values
    return _condition(in_another_case) if in_another_case is not None else None


def _condition(values: Sequence[object]) -> ObjectCondition:
    status, reason, message, changed, updated = map(_text, values[1:])
    time = changed or updated
    return ObjectCondition(status, reason, message, Time(time) if time else None)


def _text(value: object) -> str | None:
    """Returns a text; None for another value."""
    return value if isinstance(value, str) else None
