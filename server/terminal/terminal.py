"""What may reach a terminal: names and messages come from strangers, and a terminal obeys what it reads."""

import re
from typing import Final

_OBEYED: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
"""Control characters (ECMA-48 C0, C1), line separators, bidirectional overrides (UAX 9), halves of surrogate pairs."""

_OBEYED_IN_JSON: Final = re.compile(r"[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def printable(text: str) -> str:
    r"""Text on one line, with `\x1b` instead of what a terminal would obey."""
    return _OBEYED.sub(lambda found: _escape(found.group()), text)


def printable_json(text: str) -> str:
    r"""JSON that means the same, with `\u009b` instead of what a terminal would obey; JSON itself escapes the rest."""
    return _OBEYED_IN_JSON.sub(lambda found: f"\\u{ord(found.group()):04x}", text)


def _escape(character: str) -> str:
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
