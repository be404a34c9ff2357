"""Scalars of YAML in the styles of kubectl, in steps: an object may have texts of a megabyte.

Texts of one line are folded at single spaces behind column 80, as `yaml_emitter_write_*_scalar` of libyaml does.

Source: `yaml_emitter_analyze_scalar` and `yaml_emitter_select_scalar_style` of libyaml and of go-yaml v2, which puts
texts that would be read as another type in double quotes.
"""

import re
from collections.abc import Generator
from functools import cache
from typing import Any, Final, TypeAlias

from yaml import ScalarNode
from yaml.representer import SafeRepresenter
from yaml.resolver import Resolver

Steps: TypeAlias = Generator[None, None, str]

_WIDTH: Final = 80
_LONGEST_KEY_BYTES: Final = 128
_STEP: Final = 16_384
"""Characters of a step."""
_SHORT: Final = 1000
"""Characters of a text that needs no steps."""

_BREAK: Final = re.compile("[\n\r\x85\u2028\u2029]")
_NAMES: Final = dict(zip('\0\a\b\t\n\v\f\r\x1b"\\\x85\u2028\u2029', '0abtnvfre"\\NLP', strict=True))
_NOT_PLAIN: Final = re.compile(r"[-?:](?: |$)|---|\.\.\.|[ #,\[\]{}&*!|>'\"%@`]")
"""Beginnings of texts that are not written plainly."""
_OTHER_TYPES: Final = re.compile(
    r"[-+]?((\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|0[box][0-9a-fA-F]+|[0-9]+(:[0-5]?[0-9])+(\.[0-9]*)?)"
    r"|y|Y|yes|Yes|YES|on|On|ON|n|N|no|No|NO|off|Off|OFF"
)
"""Texts, without `_`, of other types in YAML 1.1 that PyYAML takes for texts, or that go-yaml quotes all the same."""
_LONG_NUMBER: Final = re.compile(r"[-+0-9.:_a-fA-Fox]{1000}")
"""The beginning of a long text that might be a number."""
_FIRST_SPACE: Final = re.compile("(?<! ) ")
_SINGLE_SPACE: Final = re.compile("(?<! ) (?! )")
_TEXTS: Final = frozenset(f"tag:yaml.org,2002:{name}" for name in ("str", "merge", "value", "yaml"))
"""The types of texts; `<<`, `=` and `*` have types that PyYAML cannot read as values, and are in single quotes."""
_TEXT: Final = "tag:yaml.org,2002:str"
_RESOLVER: Final = Resolver()
_REPRESENTER: Final = SafeRepresenter()


def short_scalar(value: Any, *, column: int) -> str | None:
    """Returns a scalar that needs neither steps nor a second line, or an empty list or map; None for other texts.

    Args:
        value: the JSON value.
        column: the column at which it begins.
    """
    if not isinstance(value, str):
        return _other(value)
    if len(value) > _SHORT or _BREAK.search(value):
        return None
    text = key_text(value)
    return text if column + len(text) <= _WIDTH + 1 or " " not in text else None


def scalar(text: str, *, column: int, indent: int) -> Steps:
    """Returns a text of any length, without the line break behind it.

    Args:
        text: the text.
        column: the column at which it begins.
        indent: the indentation of the lines that follow.
    """
    if (yield from _is_special(text)):
        return (yield from _double_quoted(text, column, indent))
    if "\n" in text:
        is_block = " \n" not in text and not text.endswith(" ")
        return (yield from (_block(text, indent) if is_block else _double_quoted(text, column, indent)))
    if _is_of_another_type(text):
        return (yield from _double_quoted(text, column, indent))
    if _is_plain(text):
        return (yield from _folded(text, column, indent))
    return (yield from _folded((yield from _single_quoted(text)), column, indent, ends=1))


def is_simple_key(key: str) -> bool:
    """Returns whether a key is written before its `:` on one line; others are written behind a `?`."""
    return not _BREAK.search(key) and len(key.encode()) <= _LONGEST_KEY_BYTES


def key_text(key: str) -> str:
    """Returns a short text on one line, such as a simple key."""
    if _special().search(key) or _is_of_another_type(key):
        return f'"{_escaped().sub(_escape, key)}"'
    return key if _is_plain(key) else "'" + key.replace("'", "''") + "'"


def _other(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case float():
            text: str = _REPRESENTER.represent_float(value).value
            return text
        case list():
            return "[]"
        case dict():
            return "{}"
    return str(value)


@cache
def _special() -> re.Pattern[str]:
    """Returns characters that are written in double quotes only; compiled at the first use, since it takes 4 ms."""
    return re.compile("[^\n -~\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd]")


@cache
def _escaped() -> re.Pattern[str]:
    """Returns characters that are written as escapes in double quotes; also compiled at the first use."""
    return re.compile("[^ !#-\\[\\]-~\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd]")


def _is_special(text: str) -> Generator[None, None, bool]:
    for start in range(0, len(text), _STEP):
        if _special().search(text, start, start + _STEP):
            return True
        yield
    return False


def _is_of_another_type(text: str) -> bool:
    """Returns whether a reader might take a plain text for another type."""
    if len(text) > _SHORT:
        return _LONG_NUMBER.match(text) is not None
    if _tag(text) not in _TEXTS:
        return True
    return not text.startswith("_") and _OTHER_TYPES.fullmatch(text.replace("_", "")) is not None


def _is_plain(text: str) -> bool:
    if _NOT_PLAIN.match(text) or ": " in text or " #" in text or text.endswith((":", " ")):
        return False
    return len(text) > 2 or _tag(text) == _TEXT


def _tag(text: str) -> str:
    tag: str = _RESOLVER.resolve(ScalarNode, text, (True, False))  # type: ignore[no-untyped-call]
    return tag


def _single_quoted(text: str) -> Steps:
    pieces = ["'"]
    for start in range(0, len(text), _STEP):
        pieces.append(text[start : start + _STEP].replace("'", "''"))
        yield
    pieces.append("'")
    return "".join(pieces)


def _double_quoted(text: str, column: int, indent: int) -> Steps:
    pieces = ['"']
    for start in range(0, len(text), _STEP):
        pieces.append(_escaped().sub(_escape, text[start : start + _STEP]))
        yield
    pieces.append('"')
    return (yield from _folded("".join(pieces), column, indent, ends=1, is_double=True))


def _escape(match: re.Match[str]) -> str:
    character = match[0]
    name = _NAMES.get(character)
    if name is not None:
        return f"\\{name}"
    code = ord(character)
    return f"\\x{code:02X}" if code < 0x100 else f"\\u{code:04X}" if code < 0x10000 else f"\\U{code:08X}"


def _block(text: str, indent: int) -> Steps:
    """Returns a literal block: lines as they are, behind a head with the indentation, if needed, and the ending."""
    ending = "" if text.endswith("\n") else "-"
    ending = "+" if text.endswith("\n\n") or text == "\n" else ending
    pieces = [f"|2{ending}" if text.startswith((" ", "\n")) else f"|{ending}"]
    start, stop, margin = 0, len(text) - text.endswith("\n"), " " * indent
    while start <= stop:
        end = text.find("\n", min(start + _STEP, stop), stop)
        end = stop if end == -1 else end
        pieces.append("\n".join(f"{margin}{line}" if line else "" for line in text[start:end].split("\n")))
        start = end + 1
        yield
    return "\n".join(pieces)


def _folded(text: str, column: int, indent: int, *, ends: int = 0, is_double: bool = False) -> Steps:
    """Returns a text of one line, with line breaks in place of the first single space behind column 80 of each line.

    Args:
        text: the text with its quotes.
        column: the column at which it begins.
        indent: the indentation of the lines that follow.
        ends: the characters at each end that are no part of the text.
        is_double: whether it is in double quotes; then a line may also end at the first of several spaces.
    """
    lines, start, last = list[str](), 0, len(text) - ends - 1
    margin, place = f"\n{' ' * indent}", max(_WIDTH + 1 - column, ends + 1)
    while place < last:
        yield
        space = (_FIRST_SPACE if is_double else _SINGLE_SPACE).search(text, place, place + _STEP)
        place = space.start() if space is not None else place + _STEP
        if space is None or place >= last or (not is_double and text[place + 1] == " "):
            place += space is not None
            continue
        lines += (text[start:place], margin)
        start = place + 1
        place = start + max(_WIDTH + 1 - indent, 0)
        if text[start] == " ":
            lines.append("\\")
            place -= 1
    return "".join([*lines, text[start:]])
