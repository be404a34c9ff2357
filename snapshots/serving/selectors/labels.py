"""Label selectors, parsed in the same way as by API servers, with the same error messages.

Source: the `labels` package of k8s.io/apimachinery. A selector is a conjunction of requirements.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from snapshots.serving.selectors.labelrequirement import BINARY, Requirement, checked_key, requirement
from snapshots.serving.status import RequestRefused, bad_request

END: Final = "end"
IDENTIFIER: Final = "identifier"

_TOKEN: Final = re.compile(r"[ \t\r\n]*(?:(?P<special>==|!=|[=!(),<>])|(?P<word>[^=!(),<> \t\r\n\0]+))\0?")
_OPERATORS: Final = frozenset({"in", "notin"})


@dataclass(frozen=True, slots=True)
class Token:
    """A word with its kind: `END`, `IDENTIFIER`, or the word itself for operators and punctuation."""

    kind: str
    text: str

    def as_value(self) -> "Token":
        """Returns the token in the place of a key or value, in which `in` and `notin` are identifiers."""
        return Token(IDENTIFIER, self.text) if self.kind in _OPERATORS else self


def tokens(text: str) -> list[Token]:
    """Returns all tokens, with `END` as the last; a NUL at the begin of a word ends the text, as in Go."""
    words: list[Token] = []
    at = 0
    while match := _TOKEN.match(text, at):
        word = match["special"] or match["word"]
        is_literal = match["special"] is not None or word in _OPERATORS
        words.append(Token(word if is_literal else IDENTIFIER, word))
        at = match.end()
    return [*words, Token(END, "")]


@dataclass(frozen=True, slots=True)
class LabelSelector:
    """Requirements that must all hold; without any it selects everything."""

    requirements: Sequence[Requirement] = ()

    def __bool__(self) -> bool:
        return bool(self.requirements)

    def matches(self, labels: Mapping[str, str | None]) -> bool:
        """Returns whether an object with these labels is selected."""
        return all(requirement.matches(labels) for requirement in self.requirements)


def parsed_labels(text: str) -> LabelSelector:
    """Parses a selector.

    Raises:
        RequestRefused: The text is not a selector.
    """
    parser = _Parser(tokens(text))
    requirements: list[Requirement] = []
    while parser.peek.kind != END:
        if parser.peek.kind not in {IDENTIFIER, "!"}:
            raise bad_request(f"found '{parser.peek.text}', expected: !, identifier, or 'end of string'")
        try:
            requirements.append(parser.requirement())
        except RequestRefused as refused:
            raise bad_request(f"unable to parse requirement: {refused}") from refused
        separator = parser.take()
        if separator.kind == END:
            break
        if separator.kind != ",":
            raise bad_request(f"found '{separator.text}', expected: ',' or 'end of string'")
        if parser.peek.kind not in {IDENTIFIER, "!"}:
            raise bad_request(f"found '{parser.peek.text}', expected: identifier after ','")
    return LabelSelector(tuple(requirements))


class _Parser:
    """A parser of requirements; `in` and `notin` are operators only in the place of an operator."""

    def __init__(self, parsed: Sequence[Token]) -> None:
        self._tokens = parsed
        self._at = 0

    @property
    def peek(self) -> Token:
        """Returns the next token, as a key or value, without consuming it."""
        return self._tokens[self._at].as_value()

    def take(self) -> Token:
        """Consumes the next token, as a key or value; the last one stays."""
        return self._next().as_value()

    def requirement(self) -> Requirement:
        first = self.take()
        is_negated = first.kind == "!"
        key = self.take() if is_negated else first
        if key.kind != IDENTIFIER:
            raise bad_request(f"found '{key.text}', expected: identifier")
        checked_key(key.text)
        if is_negated:
            return requirement(key.text, "!", ())
        if self.peek.kind in {END, ","}:
            return requirement(key.text, "exists", ())
        operator = self._next()
        if operator.kind not in BINARY:
            raise bad_request(f"found '{operator.text}', expected: in, notin, =, ==, !=, gt, lt")
        values = self._values() if operator.kind in {"in", "notin"} else self._value()
        return requirement(key.text, operator.kind, values)

    def _next(self) -> Token:
        token = self._tokens[self._at]
        self._at = min(self._at + 1, len(self._tokens) - 1)
        return token

    def _value(self) -> Sequence[str]:
        if self.peek.kind in {END, ","}:
            return ("",)
        token = self.take()
        if token.kind != IDENTIFIER:
            raise bad_request(f"found '{token.text}', expected: identifier")
        return (token.text,)

    def _values(self) -> Sequence[str]:
        opening = self.take()
        if opening.kind != "(":
            raise bad_request(f"found '{opening.text}' expected: '('")
        first = self.peek
        if first.kind == ")":
            self.take()
            return ("",)
        if first.kind not in {IDENTIFIER, ","}:
            raise bad_request(f"found '{first.text}', expected: ',', ')' or identifier")
        values = self._identifiers()
        self.take()  # the closing parenthesis, which ended the identifiers
        return sorted(values)

    def _identifiers(self) -> set[str]:
        """Returns the values between commas; a missing one is the empty value."""
        values: set[str] = set()
        while True:
            token = self.take()
            if token.kind == IDENTIFIER:
                values.add(token.text)
                if self.peek.kind == ")":
                    return values
                if self.peek.kind != ",":
                    raise bad_request(f"found '{self.peek.text}', expected: ',' or ')'")
            elif token.kind == ",":
                if not values or self.peek.kind in {")", ","}:
                    values.add("")
                if self.peek.kind == ")":
                    return values
            else:
                raise bad_request(f"found '{token.text}', expected: ',', or identifier")
