"""Limits of all comparisons of one operation together.

One variable can be the operand of thousands of comparisons, each of which parses it, and each pattern takes memory of
its own. So comparisons, values, characters and patterns are counted over the whole operation.
"""

from collections.abc import Sequence
from typing import Any, Final

from resolvers.errors import BadUserInput, LimitExceeded
from resolvers.filters.folding import MAX_CHARACTERS, folded
from resolvers.filters.jsonsizes import json_size
from resolvers.filters.operands import Operands
from resolvers.filters.patterns import Pattern, compiled_pattern
from resolvers.limits import OperationLimits

_MAX_COMPARISONS: Final = 250
_MAX_VALUES: Final = 20_000
_MAX_CHARACTERS: Final = 4_000_000
_MAX_INSTRUCTIONS: Final = 20_000
_MAX_PATTERNS: Final = 100


class ComparisonLimits:
    """The counts of one operation's comparisons so far, and its compiled patterns."""

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
        """Counts a comparison and its values.

        Raises:
            LimitExceeded: the operation's comparisons, their values or characters are over the limit.
        """
        self._comparisons += 1
        if self._comparisons > _MAX_COMPARISONS:
            raise LimitExceeded(f"where: the query has more than {_MAX_COMPARISONS} comparisons.")
        values, characters = json_size(value, most=_MAX_VALUES - self._values)
        self._values += values
        self._characters += characters
        if self._values > _MAX_VALUES:
            raise LimitExceeded(f"where: the comparisons have more than {_MAX_VALUES} values.")
        if self._characters > _MAX_CHARACTERS:
            raise LimitExceeded(
                f"where: the values of the comparisons have {self._characters} characters; "
                f"the limit is {_MAX_CHARACTERS}."
            )

    def folded(self, value: Any, where: str) -> Any:
        """Returns a text without case, and any other value unchanged.

        Raises:
            BadUserInput: the operation's texts with ignoreCase are over the limit.
        """
        if not isinstance(value, str):
            return value
        self._folded += len(value)
        if self._folded > MAX_CHARACTERS:
            raise BadUserInput(
                f"{where}: the comparisons with ignoreCase have {self._folded} characters; "
                f"the limit is {MAX_CHARACTERS}."
            )
        return folded(value)

    def read_later(self, operands: Operands) -> None:
        """Collects operands that must be read before the first comparison."""
        self._unread.append(operands)

    def take_unread(self) -> Sequence[Operands]:
        """Returns the operands that were collected since the last call."""
        unread, self._unread = self._unread, []
        return unread

    def pattern(self, text: str, *, ignores_case: bool, where: str) -> Pattern:
        """Returns a pattern, compiled once.

        Raises:
            BadUserInput: it is invalid, or too long.
            LimitExceeded: the operation's patterns or their instructions are over the limit.
        """
        compiled = self._patterns.get((text, ignores_case))
        if compiled is not None:
            return compiled
        if len(self._patterns) >= _MAX_PATTERNS:
            raise LimitExceeded(f"{where}: the query has more than {_MAX_PATTERNS} patterns.")
        most_steps = self._limits.pattern_steps
        pattern = compiled_pattern(text, ignores_case=ignores_case, most_steps=most_steps, where=where)
        self._patterns[text, ignores_case] = pattern
        self._instructions += pattern.size
        if self._instructions > _MAX_INSTRUCTIONS:
            raise LimitExceeded(
                f"{where}: the programs of the patterns have {self._instructions} instructions; "
                f"the limit is {_MAX_INSTRUCTIONS}."
            )
        return pattern
