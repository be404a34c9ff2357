"""The types by which values of fields compare: they follow from a field's format, and of a text from its name."""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import Final

from graph.schema.returns import EnumValues, Returns
from k8s.kinds.structure import Field, FieldFormat
from k8s.listednames import all_of
from resolvers.errors import BadUserInput
from resolvers.filters.comparing import ValueType

_VALUE_TYPES: Final = {
    FieldFormat.STRING: ValueType.TEXT,
    FieldFormat.INT32: ValueType.NUMBER,
    FieldFormat.INT64: ValueType.NUMBER,
    FieldFormat.NUMBER: ValueType.NUMBER,
    FieldFormat.BOOLEAN: ValueType.BOOLEAN,
    FieldFormat.TIME: ValueType.TIME,
    FieldFormat.BYTES: ValueType.TEXT,
    FieldFormat.QUANTITY: ValueType.QUANTITY,
    FieldFormat.INT_OR_STRING: ValueType.ANY,
    FieldFormat.ANY: ValueType.ANY,
}
_OF_MAPS: Final = {
    FieldFormat.STRING_MAP: ValueType.FREE_TEXT,
    FieldFormat.QUANTITY_MAP: ValueType.QUANTITY,
    FieldFormat.ANY: ValueType.ANY,
}
_ADDRESSES: Final = frozenset(
    {"ip", "ips", "podIP", "hostIP", "clusterIP", "clusterIPs", "externalIPs", "internalIP", "loadBalancerIP"}
)
_LONGEST: Final = 64
"""Characters of an unknown value that are compared and shown."""
_TEXTUAL_VERSIONS: Final = frozenset({"apiVersion", "resourceVersion"})


class UnknownValue(BadUserInput):
    """A value that an enum does not have, so nothing can match it; in a list of several types, another may have it."""


def refuse_unknown_values(where: str, known: EnumValues | None, values: Iterable[object]) -> None:
    """Refuses values that an enum does not have; None: it is no enum.

    Raises:
        UnknownValue: one of them is unknown; the message suggests the nearest one.
    """
    if known is None:
        return
    for value in values:
        if value not in known.names:
            near, names = _nearest_value(value, known.names), all_of(known.names)
            if near is not None:
                raise UnknownValue(
                    f"{where}: {_shown(value)} is no value of {known.enum}; did you mean {near}? "
                    f"Its values are {names}."
                )
            raise UnknownValue(f"{where}: {_shown(value)} is no value of {known.enum}; its values are {names}.")


def _nearest_value(value: object, known: Sequence[str]) -> str | None:
    """Returns the value in other letters, or the most similar one."""
    folded = {_letters(name): name for name in known}
    near = get_close_matches(_letters(value[:_LONGEST]), folded, n=1) if isinstance(value, str) else []
    return folded[near[0]] if near else None


def _letters(name: str) -> str:
    return name.lower().replace("_", "")


def _shown(value: object) -> str:
    return value if isinstance(value, str) and value and len(value) <= _LONGEST else "the value"


def format_of(field: Field, hint: Returns | None) -> FieldFormat:
    """Returns the format of a plain field; that of its hint if there is one."""
    if hint is not None and isinstance(hint.element, FieldFormat):
        return hint.element
    return field.format or FieldFormat.ANY


def value_type_of(value_format: FieldFormat, name: str) -> ValueType | None:
    """Returns the type of a field's values by its format and name; None for a map."""
    if value_format is FieldFormat.STRING:
        return _textual(name)
    return _VALUE_TYPES.get(value_format)


def map_value_type(value_format: FieldFormat) -> ValueType | None:
    """Returns the type of the values in a map, or in free JSON; None for other formats."""
    return _OF_MAPS.get(value_format)


def _textual(name: str) -> ValueType:
    """Returns the type of a text by its field's name in the Kubernetes API: some are addresses or versions."""
    if name in _ADDRESSES:
        return ValueType.ADDRESS
    if name.lower().endswith("version") and name not in _TEXTUAL_VERSIONS:
        return ValueType.VERSION
    return ValueType.TEXT
