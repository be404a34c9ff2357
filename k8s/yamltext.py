"""JSON values as the YAML text that kubectl writes.

Source: sigs.k8s.io/yaml, which encodes with go-yaml v2: keys in natural order, lists at the indentation of their key,
texts of several lines as blocks, and texts that would be read as another type in double quotes.
"""

import re
from collections.abc import Mapping
from functools import cmp_to_key
from typing import Any, Final

import yaml

_DUMPER: Final[Any] = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
_OTHER_TYPES: Final = re.compile(
    r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|0[box][0-9a-fA-F_]+|[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?"
    r"|y|Y|yes|Yes|YES|on|On|ON|n|N|no|No|NO|off|Off|OFF"
)
"""Texts of other types in YAML 1.1 that PyYAML does not take for one, or that go-yaml quotes all the same."""
_DIGITS: Final = re.compile("[0-9]+")
_STRING: Final = "tag:yaml.org,2002:str"
_TEXTS: Final = frozenset({_STRING, "tag:yaml.org,2002:merge", "tag:yaml.org,2002:value", "tag:yaml.org,2002:yaml"})
"""The types of `<<`, `=` and `*`, which are texts to go-yaml."""


class _Dumper(_DUMPER):  # type: ignore[misc]  # of C or of Python
    """A dumper in the style of go-yaml."""

    def ignore_aliases(self, _data: object) -> bool:
        return True


def yaml_text(value: Any) -> str:
    """Returns the YAML of a JSON value, with a line break at the end."""
    text: str = yaml.dump(
        value, Dumper=_Dumper, allow_unicode=True, default_flow_style=False, width=80, sort_keys=False
    )
    return text


def _text(dumper: Any, text: str) -> yaml.ScalarNode:
    style = None
    if "\n" in text:
        style = "|"
    elif dumper.resolve(yaml.ScalarNode, text, (True, False)) not in _TEXTS or _OTHER_TYPES.fullmatch(text):
        style = '"'
    return dumper.represent_scalar(_STRING, text, style=style)  # type: ignore[no-any-return]  # of C or of Python


def _map(dumper: Any, value: Mapping[str, Any]) -> yaml.MappingNode:
    keys = sorted(value) if all(map(str.isalpha, value)) else sorted(value, key=_NATURAL)
    return dumper.represent_mapping("tag:yaml.org,2002:map", {key: value[key] for key in keys})  # type: ignore[no-any-return]


def _order(one: str, other: str) -> int:
    """Compares two keys as `keyList` of go-yaml v2 does: letters come after all else, digits compare as numbers."""
    for place, (ours, theirs) in enumerate(zip(one, other, strict=False)):
        if ours == theirs:
            continue
        if ours.isalpha() or theirs.isalpha():
            return _sign(ours, theirs) if ours.isalpha() and theirs.isalpha() else (1 if ours.isalpha() else -1)
        before = one[:place]
        zeros = before[len(before.rstrip("0123456789")) :].strip("0") if "0" in (ours, theirs) else ""
        numbers = [_number(key, place, is_inside=bool(zeros)) for key in (one, other)]
        if numbers[0] != numbers[1]:
            return _sign(*numbers)
        return _sign(ours, theirs)
    return len(one) - len(other)


def _number(key: str, place: int, *, is_inside: bool) -> tuple[int, int]:
    """Returns the number at a place of a key, and its length; if it is inside of a longer one, zeros count."""
    digits = _DIGITS.match(key, place)
    text = digits[0][:18] if digits is not None else ""
    return int(f"1{text}" if is_inside else text or "0"), len(text)


def _sign(one: Any, other: Any) -> int:
    return -1 if one < other else 1


_NATURAL: Final = cmp_to_key(_order)
_Dumper.add_representer(str, _text)
_Dumper.add_representer(dict, _map)
