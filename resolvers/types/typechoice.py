"""The choice of API groups whose kinds have types of their own; kinds of all others are read as generic objects."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

EVERY_GROUP: Final = "*"

MAX_TYPES: Final = 5000
"""The default limit of types of all custom kinds of one schema; Argo CD has about 300, Cluster API 600."""
MOST_SCHEMAS: Final = 16
"""Schemas with custom kinds that are kept in memory."""
TIMEOUT_S: Final = 30.0
"""Seconds in which a cluster must answer all requests of one round; documents of thousands of kinds take several."""

_ENTRY: Final = re.compile(r"-?(\*|(\*\.)?[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*)")
_ANYTHING_BELOW: Final = "*."


@dataclass(frozen=True, slots=True)
class TypeChoice:
    """Groups with types: those that an entry names, without those that an exclusion names.

    Attributes:
        included: `*` for every group, a group (`argoproj.io`), or all groups below a domain (`*.crossplane.io`).
        excluded: the same, without their leading `-`.
    """

    included: frozenset[str] = frozenset({EVERY_GROUP})
    excluded: frozenset[str] = frozenset()

    @classmethod
    def of(cls, entries: Iterable[str]) -> "TypeChoice":
        """Returns the choice of the entries of a setting; exclusions alone exclude from every group.

        Raises:
            ValueError: an entry is no group; the message names it.
        """
        words = tuple(dict.fromkeys(entries))
        for word in words:
            if not _ENTRY.fullmatch(word):
                raise ValueError(
                    f"{word[:80]!r} is no API group. Write groups separated by commas, such as "
                    "`argoproj.io,*.crossplane.io`; `*` for all; `-` before a group excludes it."
                )
        excluded = frozenset(word[1:] for word in words if word.startswith("-"))
        included = frozenset(word for word in words if not word.startswith("-"))
        return cls(included or (frozenset({EVERY_GROUP}) if excluded else frozenset()), excluded)

    @property
    def is_empty(self) -> bool:
        """True if no group has types."""
        return not self.included or EVERY_GROUP in self.excluded

    def chooses(self, group: str) -> bool:
        """Returns whether kinds of a group have types."""
        return _names(self.included, group) and not _names(self.excluded, group)


def _names(entries: frozenset[str], group: str) -> bool:
    if EVERY_GROUP in entries or group in entries:
        return True
    domain = group
    while "." in domain:
        domain = domain.partition(".")[2]
        if f"{_ANYTHING_BELOW}{domain}" in entries:
            return True
    return False
