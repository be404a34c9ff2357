"""Field selectors as API servers read them.

Source: the `fields` package of k8s.io/apimachinery. Which fields a kind has is said in `selectable`.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from snapshots.serving.status import bad_request


@dataclass(frozen=True, slots=True)
class Term:
    """A field that must have a value, or must not have it."""

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
        """The value that a field must have, if there is one."""
        return next((term.value for term in self.terms if term.field == field and not term.is_negated), None)

    def matches(self, value_of: Callable[[str], str]) -> bool:
        """Whether an object is selected whose fields have these values."""
        return all((value_of(term.field) == term.value) != term.is_negated for term in self.terms)


def parsed_fields(text: str) -> FieldSelector:
    """The selector that a text means; terms without field and value count for nothing.

    Raises:
        Refused: it is none.
    """
    terms = [_term(text, part) for part in sorted(_parts(text)) if part]
    return FieldSelector(tuple(term for term in terms if term.field or term.value))


def _parts(text: str) -> Iterator[str]:
    """What stands between the commas; one behind a backslash belongs to a value."""
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


def _term(text: str, part: str) -> Term:
    for at in range(len(part)):
        for operator in ("!=", "==", "="):
            if part.startswith(operator, at):
                return Term(part[:at], _unescaped(part[at + len(operator) :]), is_negated=operator == "!=")
    raise bad_request(f"invalid selector: '{text}'; can't understand '{part}'")


def _unescaped(value: str) -> str:
    written: list[str] = []
    is_escaped = False
    for character in value:
        if is_escaped and character not in "\\,=":
            raise bad_request(f"invalid field selector: invalid escape sequence: \\{character}")
        if not is_escaped and character in ",=":
            raise bad_request(f"invalid field selector: unescaped character in value: {ord(character)}")
        if is_escaped or character != "\\":
            written.append(character)
            is_escaped = False
        else:
            is_escaped = True
    if is_escaped:
        raise bad_request("invalid field selector: invalid escape sequence: \\")
    return "".join(written)
