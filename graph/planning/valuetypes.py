"""The types by which values of fields compare: they follow from a field's format, and of a text from its name."""

from typing import Final

from graph.schema.returns import Returns
from k8s.kinds.structure import Field, FieldFormat
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
_TEXTUAL_VERSIONS: Final = frozenset({"apiVersion", "resourceVersion"})


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
