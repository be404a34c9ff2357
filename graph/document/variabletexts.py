"""Variables written as text, `name=value`, and read by the type that the operation declares."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from graphql import ListTypeNode, NamedTypeNode, NonNullTypeNode, TypeNode

from graph.document.operations import operation_of, parsed

_AS_JSON: Final = frozenset({"Int", "Float", "Boolean"})
_TEXT: Final = frozenset({"String", "ID", "Quantity", "Time", "MicroTime", "Duration", "Int64"})


class VariableTextInvalid(Exception):
    """A text that is not a value of its variable; the message has the expected type."""


def variables_from_texts(query: str, operation_name: str | None, texts: Mapping[str, str]) -> dict[str, object]:
    """Returns the values of texts.

    A `String` and its like is the text itself; numbers, booleans and input objects are JSON, lists are JSON or their
    items between commas; `null` is null unless the variable is text. The executor refuses names that the operation does
    not declare, and a document that does not parse.

    Raises:
        VariableTextInvalid: a text is no value of the declared type.
    """
    declared = _declared(query, operation_name)
    return {name: _value(name, text, declared.get(name)) for name, text in texts.items()}


def variable_names(query: str, operation_name: str | None) -> Sequence[str] | None:
    """Returns the names that an operation declares; None if the document does not parse or has no such operation."""
    document = parsed(query)
    if document is None or operation_of(document, operation_name) is None:
        return None
    return list(_declared(query, operation_name))


def _declared(query: str, operation_name: str | None) -> Mapping[str, TypeNode]:
    document = parsed(query)
    operation = operation_of(document, operation_name) if document is not None else None
    definitions = operation.variable_definitions if operation is not None else None
    return {definition.variable.name.value: definition.type for definition in definitions or ()}


def _value(name: str, text: str, declared: TypeNode | None) -> object:
    if isinstance(declared, NonNullTypeNode):
        declared = declared.type
    if isinstance(declared, ListTypeNode):
        if text.lstrip().startswith("[") or text == "null":
            return _json(name, text, "a list as JSON, or items between commas")
        return [_value(name, item, declared.type) for item in _items(text)]
    if isinstance(declared, NamedTypeNode):
        return _named(name, text, declared.name.value)
    return text


def _named(name: str, text: str, type_name: str) -> object:
    if type_name in _TEXT:
        return text
    if type_name in _AS_JSON or text == "null" or text.lstrip().startswith("{"):
        return _json(name, text, f"a value of {type_name}, as JSON")
    return text


def _items(text: str) -> Iterable[str]:
    return (item.strip() for item in text.split(",") if item.strip())


def _json(name: str, text: str, expected: str) -> object:
    try:
        value: object = json.loads(text)
    except (ValueError, RecursionError):
        raise VariableTextInvalid(f"{text[:80]!r} is no value of ${name}: give {expected}.") from None
    return value
