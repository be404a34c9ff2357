"""The words of a label selector."""

import re
from dataclasses import dataclass
from typing import Final

END: Final = "end"
IDENTIFIER: Final = "identifier"

_TOKEN: Final = re.compile(r"[ \t\r\n]*(?:(?P<special>==|!=|[=!(),<>])|(?P<word>[^=!(),<> \t\r\n\0]+))\0?")
_OPERATORS: Final = frozenset({"in", "notin"})


@dataclass(frozen=True, slots=True)
class Token:
    """A word with what it is: `END`, `IDENTIFIER`, or itself for operators and punctuation."""

    kind: str
    text: str

    def as_value(self) -> "Token":
        """The same where a key or a value may stand: there `in` and `notin` are names like others."""
        return Token(IDENTIFIER, self.text) if self.kind in _OPERATORS else self


def tokens(text: str) -> list[Token]:
    """All words, and `END` behind them; a NUL where a word would begin ends the text, as in Go."""
    found: list[Token] = []
    at = 0
    while match := _TOKEN.match(text, at):
        word = match["special"] or match["word"]
        is_literal = match["special"] is not None or word in _OPERATORS
        found.append(Token(word if is_literal else IDENTIFIER, word))
        at = match.end()
    return [*found, Token(END, "")]
