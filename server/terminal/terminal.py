"""Escaping of untrusted names and messages for a terminal, which would execute control characters."""

import re
from typing import Final

_CONTROLS: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
"""Control characters (ECMA-48 C0, C1), line separators, bidirectional overrides (UAX 9), halves of surrogate pairs."""

_ENDS: Final = (".", "!", "?", ":", "…")
_DOUBLED: Final = re.compile(r"(?:(?<!\.)(\.)|([!?]))\.$")
_COMMAND: Final = re.compile(r": fleetgraph [^.]*$")

_CONTROLS_IN_JSON: Final = re.compile(r"[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def printable(text: str) -> str:
    r"""Returns the text on one line, with control characters escaped, such as `\x1b`."""
    return _CONTROLS.sub(lambda match: _escape(match.group()), text)


def sentence(text: str) -> str:
    """Returns a message with one full stop at its end; a question or a command that ends it is left as it is."""
    text = _DOUBLED.sub(lambda match: match[1] or match[2], text.rstrip())
    return text if text.endswith(_ENDS) or _COMMAND.search(text) else f"{text}."


def printable_json(text: str) -> str:
    r"""Returns equivalent JSON, with control characters escaped, such as `\u009b`; JSON itself escapes the rest."""
    return _CONTROLS_IN_JSON.sub(lambda match: f"\\u{ord(match.group()):04x}", text)


def _escape(character: str) -> str:
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
