"""Expected answers, from the server's JSON, and differences from them."""

from collections.abc import Iterator

from tests.controlplane.json_object import JsonValue
from tests.truth.openapi import OpenApi, PropertyType, graphql_name


def answer_of(openapi: OpenApi, definition: str, value: JsonValue) -> JsonValue:
    """Returns the answer to all fields of an object: each JSON value under its GraphQL name, all others null.

    What is of a kind says so in GraphQL even where the server leaves it out, as in the items of a list.

    Raises:
        KeyError: the object has a key that its definition has not.
    """
    if value is None:
        return None
    assert isinstance(value, dict)
    properties = openapi.properties(definition)
    answer: dict[str, JsonValue] = {graphql_name(key): None for key in properties}
    for key, inner in value.items():
        answer[graphql_name(key)] = _answer_of_property(openapi, properties[key], inner)
    return {**answer, **openapi.constants(definition)}


def _answer_of_property(openapi: OpenApi, property_type: PropertyType, value: JsonValue) -> JsonValue:
    if property_type.definition is None or value is None:
        return value
    if property_type.is_list:
        assert isinstance(value, list)
        return [answer_of(openapi, property_type.definition, item) for item in value]
    return answer_of(openapi, property_type.definition, value)


def differences(expected: JsonValue, actual: JsonValue, path: str = "") -> Iterator[str]:
    """Yields the paths at which two values are not the same JSON; keys that were not selected must be missing."""
    if isinstance(expected, dict) and isinstance(actual, dict):
        for key in sorted(expected.keys() | actual.keys()):
            if key not in actual:
                if expected[key] is not None:
                    yield f"{path}.{key}: not in the answer"
            elif key not in expected:
                yield f"{path}.{key}: not in the object"
            else:
                yield from differences(expected[key], actual[key], f"{path}.{key}")
    elif isinstance(expected, list) and isinstance(actual, list) and len(expected) == len(actual):
        for place, (one, other) in enumerate(zip(expected, actual, strict=True)):
            yield from differences(one, other, f"{path}[{place}]")
    elif not _are_same(expected, actual):
        yield f"{path}: {expected!r:.200} is answered as {actual!r:.200}"


def _are_same(expected: JsonValue, actual: JsonValue) -> bool:
    return expected == actual and isinstance(expected, bool) == isinstance(actual, bool)


def written_fields(openapi: OpenApi, definition: str, value: JsonValue) -> Iterator[tuple[str, str]]:
    """Returns definition and key of every value of an object."""
    if not isinstance(value, dict):
        return
    for key, property_type in openapi.properties(definition).items():
        inner = value.get(key)
        if inner is None:
            continue
        yield definition, key
        if property_type.definition is not None:
            for item in inner if isinstance(inner, list) else [inner]:
                yield from written_fields(openapi, property_type.definition, item)
