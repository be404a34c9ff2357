"""Warnings about a query that is valid and answered, but may not mean what its author thinks."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from k8s.listednames import all_of
from resolvers.messages.translation import localize

_MOST: Final = 10
"""Warnings of one response."""
_MOST_NAMED: Final = 10
"""Clusters that the message of a warning names."""


class WarningCode(StrEnum):
    """The kind of a warning, for programs."""

    DIFFERENT_ELEMENTS = "DIFFERENT_ELEMENTS"
    """Comparisons of one list beside each other in `where` may hold of different elements."""
    UNKNOWN_KIND = "UNKNOWN_KIND"
    """No cluster that answered knows the name of a kind or a category."""
    NO_VALUE = "NO_VALUE"
    """A field in no list is null for a reason that the envelope of a list would have, or a link for a mask."""
    LEFT_OUT = "LEFT_OUT"
    """Objects of a kind of the whole cluster are not counted, since the caller may not list them."""


@dataclass(slots=True)
class _Warning:
    """One warning; `reason` and `clusters` are those of values that clusters do not have."""

    code: WarningCode
    message: str
    reason: str | None
    clusters: dict[str, None] = field(default_factory=dict)

    def to_builtins(self) -> dict[str, object]:
        """Returns the warning for a response, in the language of the request."""
        entry: dict[str, object] = {"code": self.code.value, "message": localize(self._text())}
        if self.reason is not None:
            entry["reason"] = self.reason
        if self.clusters:
            entry["clusters"] = sorted(self.clusters)
        return entry

    def _text(self) -> str:
        names = [repr(name) for name in sorted(self.clusters)]
        if not names:
            return self.message
        if len(names) == 1:
            return f"cluster {names[0]}: {self.message}"
        if len(names) <= _MOST_NAMED:
            return f"clusters {all_of(names)}: {self.message}"
        return f"{len(names)} clusters: {self.message}"


@dataclass(slots=True)
class Warnings:
    """The warnings of one operation, each once, with all clusters that it is about; the first ten of them."""

    _known: dict[tuple[WarningCode, str], _Warning] = field(default_factory=dict)

    def add(self, code: WarningCode, message: str, *, reason: str | None = None, cluster: str | None = None) -> None:
        """Adds a warning.

        Args:
            code: the code.
            message: the message, without the cluster.
            reason: the finer cause for which values are missing, for programs.
            cluster: the name of the cluster that it is about; None if it is about the query.
        """
        known = self._known.get((code, message))
        if known is None:
            if len(self._known) >= _MOST:
                return
            known = self._known[code, message] = _Warning(code, message, reason)
        if cluster is not None:
            known.clusters[cluster] = None

    def to_builtins(self) -> Sequence[object]:
        """Returns `extensions.warnings` of a response."""
        return [warning.to_builtins() for warning in self._known.values()]
