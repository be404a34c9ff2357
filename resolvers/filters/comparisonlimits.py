"""The values that the comparisons of one operation are given, bounded together.

A variable is sent once and may be given to thousands of comparisons, each of which reads it; and each pattern takes
memory of its own.
"""

from collections.abc import Sequence
from typing import Any, Final

from resolvers.errors import BadUserInput, LimitExceeded
from resolvers.filters.folding import MOST_CHARACTERS, folded
from resolvers.filters.jsonsizes import json_size
from resolvers.filters.operands import Operands
from resolvers.filters.patterns import Pattern, compiled_pattern
from resolvers.limits import OperationLimits

_MOST_COMPARISONS: Final = 250
_MOST_VALUES: Final = 20_000
_MOST_CHARACTERS: Final = 4_000_000
_MOST_INSTRUCTIONS: Final = 20_000
_MOST_PATTERNS: Final = 100


class ComparisonLimits:
    """What the comparisons of one operation were given so far."""

    def __init__(self, limits: OperationLimits | None = None) -> None:
        self._limits = limits or OperationLimits()
        self._patterns: dict[tuple[str, bool], Pattern] = {}
        self._instructions = 0
        self._comparisons = 0
        self._values = 0
        self._characters = 0
        self._folded = 0
        self._unread: list[Operands] = []

    def count(self, value: object) -> None:
        """Counts a comparison and its value, or its values.

        Raises:
            LimitExceeded: with those before, they are too many, or too long.
        """
        self._comparisons += 1
        if self._comparisons > _MOST_COMPARISONS:
            raise LimitExceeded(f"where: the query has more than {_MOST_COMPARISONS} comparisons.")
        values, characters = json_size(value, most=_MOST_VALUES - self._values)
        self._values += values
        self._characters += characters
        if self._values > _MOST_VALUES:
            raise LimitExceeded(f"where: the comparisons have more than {_MOST_VALUES} values.")
        if self._characters > _MOST_CHARACTERS:
            raise LimitExceeded(
                f"where: the values of the comparisons have {self._characters} characters; at most {_MOST_CHARACTERS}."
            )

    def folded(self, value: Any, where: str) -> Any:
        """A value without case; what is no text as it is.

        Raises:
            BadUserInput: with those before, there is too much text.
        """
        if not isinstance(value, str):
            return value
        self._folded += len(value)
        if self._folded > MOST_CHARACTERS:
            raise BadUserInput(
                f"{where}: with ignoreCase the comparisons are given {self._folded} characters; "
                f"at most {MOST_CHARACTERS}."
            )
        return folded(value)

    def read_later(self, operands: Operands) -> None:
        """Notes values that must be read before anything is compared with them."""
        self._unread.append(operands)

    def take_unread(self) -> Sequence[Operands]:
        """Values that were noted since this was last asked."""
        unread, self._unread = self._unread, []
        return unread

    def pattern(self, text: str, *, ignores_case: bool, where: str) -> Pattern:
        """A pattern, compiled once.

        Raises:
            BadUserInput: it is none, or too long.
            LimitExceeded: with those before, there are too many, or their programs are too long.
        """
        known = self._patterns.get((text, ignores_case))
        if known is not None:
            return known
        if len(self._patterns) >= _MOST_PATTERNS:
            raise LimitExceeded(f"{where}: the query has more than {_MOST_PATTERNS} patterns.")
        most_steps = self._limits.pattern_steps
        pattern = compiled_pattern(text, ignores_case=ignores_case, most_steps=most_steps, where=where)
        self._patterns[text, ignores_case] = pattern
        self._instructions += pattern.size
        if self._instructions > _MOST_INSTRUCTIONS:
            raise LimitExceeded(
                f"{where}: the programs of the patterns have {self._instructions} instructions; "
                f"at most {_MOST_INSTRUCTIONS}."
            )
        return pattern
