"""A kubelet's environment of a container, transcribed from its source for comparison: bytes, and objects as plain JSON.

It shares nothing with `resolvers.kinds.environment`. Values of Secrets are `SECRET_VALUE`, which the other one masks.

Sources: `Expand` and `tryReadVariableName` of third_party/forked/golang/expansion, `makeEnvironmentVariables` of
pkg/kubelet, both of Kubernetes 1.37.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

SECRET_VALUE: Final = "\N{FULL BLOCK}secret\N{FULL BLOCK}"

Json = Mapping[str, Any]


def expand(text: str, mapping: Callable[[str], str]) -> str:
    """Returns what Go's `Expand` returns, byte by byte."""
    source, output, checkpoint, cursor = text.encode(), b"", 0, 0
    while cursor < len(source):
        if source[cursor : cursor + 1] == b"$" and cursor + 1 < len(source):
            output += source[checkpoint:cursor]
            read, is_variable, advance = _variable_name(source[cursor + 1 :])
            output += mapping(read.decode()).encode() if is_variable else read
            cursor += advance
            checkpoint = cursor + 1
        cursor += 1
    return (output + source[checkpoint:]).decode()


def _variable_name(source: bytes) -> tuple[bytes, bool, int]:
    if source[:1] == b"$":
        return b"$", False, 1
    if source[:1] == b"(":
        for place in range(1, len(source)):
            if source[place : place + 1] == b")":
                return source[1:place], True, place + 1
        return b"$(", False, 1
    first = source.decode()[0].encode()
    return b"$" + first, False, len(first)


class CannotStart(Exception):
    """The error with which the kubelet refuses to start a container."""


def environment(container: Json, data: Mapping[str, Mapping[str, Json]], services: Mapping[str, str]) -> dict[str, str]:
    """Returns the variables of a container, without those of Services.

    Args:
        container: the container, whose variables have values or keys of ConfigMaps and Secrets.
        data: the data of objects by kind and name.
        services: the variables of Services.

    Raises:
        CannotStart: something that is required is missing.
    """
    result: dict[str, str] = {}
    for one in container.get("envFrom", ()):
        for key, value in (_data(one, "Ref", data) or {}).items():
            result[one.get("prefix", "") + key] = value

    def mapped(name: str) -> str:
        return next((context[name] for context in (result, services) if name in context), f"$({name})")

    for one in container.get("env", ()):
        text = one.get("value", "")
        value = expand(text, mapped) if text else ""
        if not text and "valueFrom" in one:
            read = _key(one["valueFrom"], data)
            if read is None:
                continue
            value = read
        result[one["name"]] = value
    return result


def _key(source: Json, data: Mapping[str, Mapping[str, Json]]) -> str | None:
    """Returns a key's value; None if it is optional and not there."""
    kind, reference = _reference(source, "KeyRef")
    found = _data(source, "KeyRef", data)
    if found is not None and reference["key"] in found:
        return str(found[reference["key"]])
    if reference.get("optional"):
        return None
    raise CannotStart(f"couldn't find key {reference['key']} in {kind} shop/{reference['name']}")


def _data(source: Json, ending: str, data: Mapping[str, Mapping[str, Json]]) -> Json | None:
    """Returns an object's data; None if it is optional and not there."""
    kind, reference = _reference(source, ending)
    found = data[kind].get(reference["name"])
    if found is None and not reference.get("optional"):
        raise CannotStart(f'{kind.lower()} "{reference["name"]}" not found')
    return found


def _reference(source: Json, ending: str) -> tuple[str, Json]:
    kind = "configMap" if f"configMap{ending}" in source else "secret"
    return kind[0].upper() + kind[1:], source[f"{kind}{ending}"]
