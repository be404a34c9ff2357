"""Field selectors, parsed in the same way as by API servers.

Source: the `fields` package of k8s.io/apimachinery. The fields of a kind are in `selectable`.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from snapshots.serving.status import bad_request


@dataclass(frozen=True, slots=True)
class Term:
    """A field and its required value, or with `is_negated` its forbidden value."""

    field: str
    value: str
    is_negated: bool = False


@dataclass(frozen=True, slots=True)
class FieldSelector:
    """Terms that must all hold; without any it selects everything."""

    terms: Sequence[Term] = ()

    def __bool__(self) -> bool:
        return bool(self.terms)

    def exact(self, field: str) -> str | None:
        """Returns the required value of a field, if there is one."""
        return next((term.value for term in self.terms if term.field == field and not term.is_negated), None)

    def matches(self, value_of: Callable[[str], str]) -> bool:
        """Returns whether an object with these values of fields is selected."""
        return all((value_of(term.field) == term.value) != term.is_negated for term in self.terms)


def parsed_fields(text: str) -> FieldSelector:
    """Parses a selector; terms without field and value are ignored.

    Raises:
        RequestRefused: The text is not a selector.
    """
    terms = [_term(text, term) for term in sorted(_split(text)) if term]
    return FieldSelector(tuple(term for term in terms if term.field or term.value))


def _split(text: str) -> Iterator[str]:
    """Splits a text at its commas; a comma after a backslash belongs to a value."""
    begin = 0
    is_escaped = False
    for at, character in enumerate(text):
        if is_escaped:
            is_escaped = False
        elif character == "\\":
            is_escaped = True
        elif character == ",":
            yield text[begin:at]
            begin = at + 1
    yield text[begin:]


def _term(text: str, term: str) -> Term:
    for at in range(len(term)):
        for operator in ("!=", "==", "="):
            if term.startswith(operator, at):
                return Term(term[:at], _unescaped(term[at + len(operator) :]), is_negated=operator == "!=")
    raise bad_request(f"invalid selector: '{text}'; can't understand '{term}'")


def _unescaped(value: str) -> str:
    characters: list[str] = []
    is_escaped = False
    for character in value:
        if is_escaped and character not in "\\,=":
            raise bad_request(f"invalid field selector: invalid escape sequence: \\{character}")
        if not is_escaped and character in ",=":
            raise bad_request(f"invalid field selector: unescaped character in value: {ord(character)}")
        if is_escaped or character != "\\":
            characters.append(character)
            is_escaped = False
        else:
            is_escaped = True
    if is_escaped:
        raise bad_request("invalid field selector: invalid escape sequence: \\")
    return "".join(characters)
