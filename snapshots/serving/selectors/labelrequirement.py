"""One requirement of a label selector.

Source: `Requirement` of the `labels` package and the validation of label keys and values of k8s.io/apimachinery.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from snapshots.serving.status import bad_request, quoted

BINARY: Final = frozenset({"in", "notin", "=", "==", "!=", ">", "<"})
_NAME: Final = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"
_SUBDOMAIN: Final = "[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*"
_INTEGER: Final = re.compile(r"[+-]?[0-9]+", re.ASCII)
_NAME_BYTES: Final = 63
_PREFIX_BYTES: Final = 253
_CHARACTERS: Final = (
    "consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character"
)
_NAME_SAID: Final = (
    f"{_CHARACTERS} (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '{_NAME}')"
)
_VALUE_SAID: Final = (
    f"a valid label must be an empty string or {_CHARACTERS} "
    f"(e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '({_NAME})?')"
)
_PREFIX_SAID: Final = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and "
    f"end with an alphanumeric character (e.g. 'example.com', regex used for validation is '{_SUBDOMAIN}')"
)


@dataclass(frozen=True, slots=True)
class Requirement:
    """A key, an operator (one of `BINARY`, `exists` or `!`), and the values to compare with."""

    key: str
    operator: str
    values: Collection[str]

    def matches(self, labels: Mapping[str, str | None]) -> bool:
        """Returns whether an object with these labels meets it; a label without a value is empty."""
        has_key = self.key in labels
        value = (labels[self.key] or "") if has_key else ""
        match self.operator:
            case "exists":
                return has_key
            case "!":
                return not has_key
            case "notin" | "!=":
                return not has_key or value not in self.values
            case ">" | "<":
                return has_key and self._compares(value)
            case _:
                return has_key and value in self.values

    def _compares(self, value: str) -> bool:
        [limit] = self.values
        number, bound = integer(value), integer(limit)
        if number is None or bound is None:
            return False
        return number > bound if self.operator == ">" else number < bound


def requirement(key: str, operator: str, values: Sequence[str]) -> Requirement:
    """Returns a requirement with valid values.

    Raises:
        RequestRefused: A value is invalid.
    """
    faults = []
    if operator in {">", "<"}:
        message = "for 'Gt', 'Lt' operators, the value must be an integer"
        faults += [
            f"values[{at}]: {_invalid(value, message)}" for at, value in enumerate(values) if integer(value) is None
        ]
    for at, value in enumerate(values):
        if message := "; ".join(_value_faults(value)):
            faults.append(f"values[{at}][{key}]: {_invalid(value, message)}")
    if faults:
        raise bad_request(faults[0] if len(faults) == 1 else f"[{', '.join(faults)}]")
    return Requirement(key, operator, tuple(values))


def checked_key(key: str) -> None:
    """Checks the key of a label.

    Raises:
        RequestRefused: The key is invalid.
    """
    if faults := _key_faults(key):
        raise bad_request(f"<nil>: {_invalid(key, '; '.join(faults))}")


def integer(text: str) -> int | None:
    """Returns the number as Go's `strconv.ParseInt` does: 64 bits, with or without a sign."""
    number = int(text) if _INTEGER.fullmatch(text) and len(text) <= 80 else None
    return number if number is not None and -(2**63) <= number < 2**63 else None


def _key_faults(key: str) -> list[str]:
    *prefixes, name = key.split("/")
    if len(prefixes) > 1:
        example = " with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"
        return [f"a valid label key must {_NAME_SAID}{example}"]
    faults = [f"prefix part {message}" for prefix in prefixes for message in _prefix_faults(prefix)]
    if not name:
        faults.append("name part must be non-empty")
    elif len(name.encode()) > _NAME_BYTES:
        faults.append(f"name part must be no more than {_NAME_BYTES} bytes")
    return faults if re.fullmatch(_NAME, name) else [*faults, f"name part must {_NAME_SAID}"]


def _prefix_faults(prefix: str) -> list[str]:
    if not prefix:
        return ["must be non-empty"]
    faults = [f"must be no more than {_PREFIX_BYTES} bytes"] if len(prefix.encode()) > _PREFIX_BYTES else []
    return faults if re.fullmatch(_SUBDOMAIN, prefix) else [*faults, _PREFIX_SAID]


def _value_faults(value: str) -> list[str]:
    faults = [f"must be no more than {_NAME_BYTES} bytes"] if len(value.encode()) > _NAME_BYTES else []
    return faults if re.fullmatch(f"({_NAME})?", value) else [*faults, _VALUE_SAID]


def _invalid(value: str, message: str) -> str:
    return f"Invalid value: {quoted(value)}: {message}"
