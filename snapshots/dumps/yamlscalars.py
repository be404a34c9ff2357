"""What a plain YAML scalar means to Kubernetes' tools.

Source: the resolution of sigs.k8s.io/yaml (YAML 1.1, but for sexagesimal numbers and times, which stay text). A single
`y` or `n`, which it always writes in quotes, is text: other tools write it without.
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
"""Characters of a number; Python refuses to read integers far longer than any float could be."""

FOREIGN_TAG: Final = "a YAML tag (!...) is none that Kubernetes objects have"

_TAG: Final = "tag:yaml.org,2002:"


def resolved(text: str) -> Scalar:
    """The value of a plain scalar without a tag."""
    if text and text[0] not in _MAY_BE_SPECIAL:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if len(text) > _LONGEST:
        return text
    return _number(text)


def tagged(text: str, tag: str) -> Scalar:
    """The value of a scalar with a tag.

    Raises:
        DocumentBroken: the tag is none of JSON's types, or the text is none of them.
    """
    if tag in {"!", f"{_TAG}str"}:
        return text
    value = resolved(text)
    wanted: dict[str, tuple[type, ...]] = {
        f"{_TAG}int": (int,),
        f"{_TAG}float": (int, float),
        f"{_TAG}bool": (bool,),
        f"{_TAG}null": (type(None),),
    }
    if not isinstance(value, wanted.get(tag, ())):
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
