"""The expansion of `$(NAME)` in a value.

Source: `Expand` and `tryReadVariableName` of k8s.io/kubernetes/third_party/forked/golang/expansion.
"""

from collections.abc import Callable, Generator, Iterator
from typing import Final

from resolvers.kinds.environment.variables import Value

MOST_CHARACTERS: Final = 131_072
"""The limit of an expanded value: Linux starts no process with a longer one (`MAX_ARG_STRLEN`).

Values that contain each other could double with each variable otherwise.
"""

_AT_ONCE: Final = 64
"""Pieces of a value that are replaced in one step."""

_TOO_LONG: Final = f"With its references it has more than {MOST_CHARACTERS} characters; no process starts with that."


def expanded(text: str, value_of: Callable[[str], Value | None]) -> Generator[None, None, Value]:
    """Yields between steps; returns a value with its references replaced.

    `value_of` returns None for names that stay as they are.

    A value that contains a masked one is masked; one that contains an unknown one is unknown.
    """
    if "$" not in text:
        return Value(text)
    texts, length, masked = list[str](), 0, None
    for place, (piece, is_name) in enumerate(_pieces(text), start=1):
        if place % _AT_ONCE == 0:
            yield
        value = value_of(piece) if is_name else Value(piece)
        if value is None:
            value = Value(f"$({piece})")
        if value.error is not None:
            return value
        if value.text is None:
            masked = masked or value
            continue
        texts.append(value.text)
        length += len(value.text)
        if length > MOST_CHARACTERS:
            return Value(None, error=_TOO_LONG)
    return masked or Value("".join(texts))


def _pieces(text: str) -> Iterator[tuple[str, bool]]:
    """Yields texts, and names of variables with True."""
    last_closer, start = text.rfind(")"), 0
    while (operator := text.find("$", start)) >= 0 and operator + 1 < len(text):
        if operator > start:
            yield text[start:operator], False
        opener = operator + 1
        if text[opener] == "(" and last_closer > opener:
            closer = text.index(")", opener)
            yield text[opener + 1 : closer], True
            start = closer + 1
        else:
            yield "$" if text[opener] == "$" else text[operator : opener + 1], False
            start = opener + 1
    if start < len(text):
        yield text[start:], False
