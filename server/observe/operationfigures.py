"""Figures of one operation, for its metrics and its span."""

from collections import Counter as Counted
from collections.abc import Mapping, Sequence

from k8s.errors import ErrorCode


class OperationFigures:
    """Figures of one operation.

    Attributes:
        outcome: `ok`, `partial` (data and errors), `refused` (nothing was executed), `subscription` (it is one, and
            goes on elsewhere), `timeout`, or `abandoned`: the caller disconnected, or an unexpected error occurred.
        codes: The codes of its errors, with their counts.
    """

    def __init__(self) -> None:
        self.outcome = "abandoned"
        self.codes: Counted[str] = Counted()
        self.objects_read = 0
        self.objects_sent = 0

    def answered(self, *, executed: bool, errors: Sequence[Mapping[str, object]]) -> None:
        """Notes an answer: whether it was executed, and its errors as callers see them."""
        self.outcome = "refused" if not executed else "partial" if errors else "ok"
        for error in errors:
            extensions = error["extensions"]
            if isinstance(extensions, Mapping):
                self.codes[str(extensions["code"])] += 1

    def subscribed(self) -> None:
        """Notes that the operation is a subscription."""
        self.outcome = "subscription"

    def timed_out(self) -> None:
        """Notes that the operation timed out."""
        self.outcome = "timeout"
        self.codes = Counted([ErrorCode.LIMIT_EXCEEDED.value])
