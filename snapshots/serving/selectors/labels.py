"""Label selectors as API servers read them: what is accepted, what it means, and in which words it is refused.

Source: the `labels` package of k8s.io/apimachinery. A selector is a conjunction of requirements.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from snapshots.serving.selectors.labelrequirement import BINARY, Requirement, checked_key, requirement
from snapshots.serving.selectors.labeltokens import END, IDENTIFIER, Token, tokens
from snapshots.serving.status import Refused, bad_request


@dataclass(frozen=True, slots=True)
class LabelSelector:
    """Requirements that must all hold; without any it selects everything."""

    requirements: Sequence[Requirement] = ()

    def __bool__(self) -> bool:
        return bool(self.requirements)

    def matches(self, labels: Mapping[str, str | None]) -> bool:
        """Whether an object with these labels is selected."""
        return all(requirement.matches(labels) for requirement in self.requirements)


def parsed_labels(text: str) -> LabelSelector:
    """The selector that a text means.

    Raises:
        Refused: it is none.
    """
    parser = _Parser(tokens(text))
    found: list[Requirement] = []
    while parser.seen.kind != END:
        if parser.seen.kind not in {IDENTIFIER, "!"}:
            raise bad_request(f"found '{parser.seen.text}', expected: !, identifier, or 'end of string'")
        try:
            found.append(parser.requirement())
        except Refused as refused:
            raise bad_request(f"unable to parse requirement: {refused}") from refused
        separator = parser.take()
        if separator.kind == END:
            break
        if separator.kind != ",":
            raise bad_request(f"found '{separator.text}', expected: ',' or 'end of string'")
        if parser.seen.kind not in {IDENTIFIER, "!"}:
            raise bad_request(f"found '{parser.seen.text}', expected: identifier after ','")
    return LabelSelector(tuple(found))


class _Parser:
    """Reads requirements from tokens; `in` and `notin` are operators only where one is expected."""

    def __init__(self, found: Sequence[Token]) -> None:
        self._tokens = found
        self._at = 0

    @property
    def seen(self) -> Token:
        """The next token, where a key or a value may stand."""
        return self._tokens[self._at].as_value()

    def take(self) -> Token:
        """The next token, where a key or a value may stand; the last one stays."""
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
        if self.seen.kind in {END, ","}:
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
        if self.seen.kind in {END, ","}:
            return ("",)
        token = self.take()
        if token.kind != IDENTIFIER:
            raise bad_request(f"found '{token.text}', expected: identifier")
        return (token.text,)

    def _values(self) -> Sequence[str]:
        opening = self.take()
        if opening.kind != "(":
            raise bad_request(f"found '{opening.text}' expected: '('")
        first = self.seen
        if first.kind == ")":
            self.take()
            return ("",)
        if first.kind not in {IDENTIFIER, ","}:
            raise bad_request(f"found '{first.text}', expected: ',', ')' or identifier")
        values = self._identifiers()
        self.take()  # the closing parenthesis, which ended the identifiers
        return sorted(values)

    def _identifiers(self) -> set[str]:
        """Values with commas between; one that is left out is the empty value."""
        values: set[str] = set()
        while True:
            token = self.take()
            if token.kind == IDENTIFIER:
                values.add(token.text)
                if self.seen.kind == ")":
                    return values
                if self.seen.kind != ",":
                    raise bad_request(f"found '{self.seen.text}', expected: ',' or ')'")
            elif token.kind == ",":
                if not values or self.seen.kind in {")", ","}:
                    values.add("")
                if self.seen.kind == ")":
                    return values
            else:
                raise bad_request(f"found '{token.text}', expected: ',', or identifier")
