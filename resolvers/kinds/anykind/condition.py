"""`condition(type:)`: one condition of an object's status, for objects of every kind."""

from collections.abc import Mapping
from typing import Annotated, Final

from msgspec import Meta, Struct

from k8s.reading.openpaths import open_value
from k8s.reading.rowdecoders import Row
from resolvers.kinds.leaves import Time
from resolvers.kinds.longlists import items_of
from resolvers.links.members import ANY_KIND, Argument, Arguments, Family

CONDITIONS = Family(ANY_KIND)

_PATHS: Final = ("status.conditions", "conditions")
"""The lists of conditions: in the status by the API conventions, at the top of a ComponentStatus."""
_TIMES: Final = ("lastTransitionTime", "lastUpdateTime")


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
    open_reads=_PATHS,
    arguments=Arguments((Argument("type", str, "The type of the condition, such as `Ready`, in any case."),), _type),
)
def condition(row: Row, condition_type: str) -> ObjectCondition | None:
    """Returns the first condition of the type; without one, the first in another case, as for `kubectl wait`."""
    in_another_case: Mapping[str, object] | None = None
    for path in _PATHS:
        conditions = open_value(row, path)
        for entry in items_of(conditions) if isinstance(conditions, list) else ():
            name = _text(entry, "type") if isinstance(entry, Mapping) else None
            if name == condition_type:
                return _condition(entry)
            if in_another_case is None and name is not None and name.casefold() == condition_type.casefold():
                in_another_case = entry
    return _condition(in_another_case) if in_another_case is not None else None


def _condition(entry: Mapping[str, object]) -> ObjectCondition:
    times = (_text(entry, key) for key in _TIMES)
    since = next((Time(time) for time in times if time), None)
    return ObjectCondition(_text(entry, "status"), _text(entry, "reason"), _text(entry, "message"), since)


def _text(entry: Mapping[str, object], key: str) -> str | None:
    """Returns the text of a key; None for another value."""
    value = entry.get(key)
    return value if isinstance(value, str) else None
