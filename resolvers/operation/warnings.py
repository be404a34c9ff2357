"""Warnings about a query that is valid and answered, but may not mean what its author thinks."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from resolvers.messages.translation import localize

_MOST: Final = 10
"""Warnings of one response."""


class WarningCode(StrEnum):
    """The kind of a warning, for programs."""

    DIFFERENT_ELEMENTS = "DIFFERENT_ELEMENTS"
    """Comparisons of one list beside each other in `where` may hold of different elements."""
    UNKNOWN_KIND = "UNKNOWN_KIND"
    """No cluster that answered knows the name of a kind or a category."""
    NO_VALUE = "NO_VALUE"
    """A field in no list is null for a reason that the envelope of a list would have, or a link for a mask."""


@dataclass(slots=True)
class Warnings:
    """The warnings of one operation, each once and in the language of the request; the first ten of them."""

    _messages: dict[str, WarningCode] = field(default_factory=dict)

    def add(self, code: WarningCode, message: str) -> None:
        """Adds a warning."""
        if len(self._messages) < _MOST:
            self._messages.setdefault(localize(message), code)

    def to_builtins(self) -> Sequence[object]:
        """Returns `extensions.warnings` of a response."""
        return [{"code": code.value, "message": message} for message, code in self._messages.items()]
