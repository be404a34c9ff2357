"""Values of plain YAML scalars, as Kubernetes' tools read them.

Source: the resolution of sigs.k8s.io/yaml (YAML 1.1 without sexagesimal numbers and times, which stay text). A single
`y` or `n` is text: sigs.k8s.io/yaml always quotes it, other tools do not.
"""

import re
from typing import Final, TypeAlias

from snapshots.dumps.errors import DocumentBroken

Scalar: TypeAlias = "str | int | float | bool | None"

_WORDS: Final[dict[str, bool | None]] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"), True),
    **dict.fromkeys(("no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"), False),
}
_MAY_BE_SPECIAL: Final = frozenset("0123456789+-.~nNtTfFyYoO")
_INTEGER: Final = re.compile(r"[-+]?(?:0b[01_]+|0x[0-9a-fA-F_]+|0o?[0-7_]+|[1-9][0-9_]*|0)", re.ASCII)
_FLOAT: Final = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?", re.ASCII)
_OLD_OCTAL: Final = re.compile(r"^([-+]?)0([0-7]+)$")
_LEAST, _MOST = -(2**63), 2**64 - 1
_LONGEST: Final = 400
"""The maximum characters of a number; Python refuses to parse very long integers."""

FOREIGN_TAG: Final = "a YAML tag (!...) is not supported in Kubernetes objects"

_TAG: Final = "tag:yaml.org,2002:"


def resolved(text: str) -> Scalar:
    """Returns the value of a plain scalar without a tag."""
    if text and text[0] not in _MAY_BE_SPECIAL:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if len(text) > _LONGEST:
        return text
    return _number(text)


def tagged(text: str, tag: str) -> Scalar:
    """Returns the value of a scalar with a tag.

    Raises:
        DocumentBroken: The tag is not a JSON type, or the text does not fit it.
    """
    if tag in {"!", f"{_TAG}str"}:
        return text
    value = resolved(text)
    types: dict[str, tuple[type, ...]] = {
        f"{_TAG}int": (int,),
        f"{_TAG}float": (int, float),
        f"{_TAG}bool": (bool,),
        f"{_TAG}null": (type(None),),
    }
    if not isinstance(value, types.get(tag, ())):
        raise DocumentBroken(FOREIGN_TAG)
    return value


def _number(text: str) -> Scalar:
    if _INTEGER.fullmatch(text):
        try:
            value = int(_OLD_OCTAL.sub(r"\g<1>0o\g<2>", text.replace("_", "")), 0)
        except ValueError:
            return text
        return value if _LEAST <= value <= _MOST else float(value)
    if _FLOAT.fullmatch(text):
        value_float = float(text)
        return text if value_float in {float("inf"), float("-inf")} else value_float
    return text
