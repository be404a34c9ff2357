"""The rules that choose a fault for a request through a fault proxy."""

from __future__ import annotations

from dataclasses import dataclass

from tests.controlplane.faults import HangHandshake, Refuse, RequestFault


@dataclass
class _Rule:
    prefix: str
    fault: RequestFault
    times_left: int | None


class FaultRules:
    """Faults by path prefix; the first matching rule that is not used up wins."""

    def __init__(self) -> None:
        """Begins without rules."""
        self._rules: list[_Rule] = []

    def add(self, path_prefix: str, fault: RequestFault, *, times: int | None) -> None:
        """Adds a fault for the next `times` requests whose raw path begins so, or for all of them.

        Raises:
            TypeError: The fault concerns connections, before any path is known.
        """
        if isinstance(fault, Refuse | HangHandshake):
            raise TypeError(f"{fault} concerns connections: set it as `fault`")
        self._rules.append(_Rule(path_prefix, fault, times))

    def clear(self) -> None:
        """Removes all rules."""
        self._rules.clear()

    def take(self, path: str) -> RequestFault | None:
        """Returns the fault for a request, and counts it as used."""
        for rule in self._rules:
            if path.startswith(rule.prefix) and rule.times_left != 0:
                if rule.times_left is not None:
                    rule.times_left -= 1
                return rule.fault
        return None
