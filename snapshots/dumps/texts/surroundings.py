"""Text around the objects of a file: warnings and errors of kubectl, shell prompts, log lines.

It is recognized by lines that begin at the left margin and are no YAML: `Warning: ...`, `Error from server ...`.
"""

import re
from collections.abc import Iterator
from typing import Final

from snapshots.dumps.texts.document import SurroundingText

_SHOWN_BYTES: Final = 400
_SHOWN: Final = 100
_LONG_WORD: Final = re.compile(r"[^\s\"'(),;=\[\]{}/:]{33,}")
"""A word that may be a credential."""

_COMPLAINTS: Final = rb"Warning:|warning:|[Ee]rror:|Error from server|Unable to connect|The connection to the server"
_COMPLAINT: Final = re.compile(_COMPLAINTS)
_NO_YAML: Final = (
    rb"(?:(?=" + _COMPLAINTS + rb")|"
    rb"(?![ \t\n#%\[\]{}\"'&*!?|>]|$|---|\.\.\.|-(?:[ \t\n]|$)|[A-Za-z_][\w./-]*[ \t]*:(?:[ \t\n]|$)))"
)
_ANY_LINE: Final = re.compile(rb"\n" + _NO_YAML, re.MULTILINE)
_LINES: Final = re.compile(rb"(?:^" + _NO_YAML + rb"[^\n]*(?:\n|\Z))+", re.MULTILINE)
_ANY_BUT_LINE_ENDS: Final = re.compile(rb"[^\n]+")


def yaml_surroundings(content: bytes, line: int) -> Iterator[SurroundingText]:
    """Yields the text in a YAML document; `line` is the line of its begin in the file."""
    at = 0
    for lines in _LINES.finditer(content):
        if lines.start() == lines.end():
            continue
        line += content.count(b"\n", at, lines.start())
        at = lines.start()
        yield SurroundingText(line, content[at : min(lines.end(), at + _SHOWN_BYTES)])


def without_surroundings(content: bytes) -> bytes:
    """Returns a YAML document with empty lines in place of the text in it."""
    if _ANY_LINE.search(b"\n" + content.rstrip()) is None:
        return content
    return _LINES.sub(lambda lines: _ANY_BUT_LINE_ENDS.sub(b"", lines[0]), content)


def surrounding(content: bytes, start: int, end: int, line: int) -> SurroundingText:
    """Returns the text between two positions."""
    return SurroundingText(line, content[start : min(end, start + _SHOWN_BYTES)])


def is_complaint(found: SurroundingText) -> bool:
    """Returns whether a text is an error or a warning of kubectl: it may be all that a file has."""
    return _COMPLAINT.match(found.text) is not None


def in_words(found: SurroundingText) -> str:
    """Returns a clause with the first line of a text, without long words, which may be credentials."""
    first = found.text.decode("utf-8", "replace").strip().partition("\n")[0]
    shown = _LONG_WORD.sub("...", first)
    shown = f"{shown[:_SHOWN]}..." if len(shown) > _SHOWN else shown
    printable = "".join(char if char.isprintable() else ascii(char)[1:-1] for char in shown)
    return f"text around the objects: {printable}"
