"""Which part of a cluster one list of it has seen."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Scope:
    """What was read of what was asked for.

    Attributes:
        namespaces: those whose objects were read; None for the whole cluster.
        is_partial: whether objects of other namespaces were wanted, too, which the identity may not list.
    """

    namespaces: tuple[str, ...] | None = None
    is_partial: bool = False

    def hides(self, namespace: str) -> bool:
        """Whether a namespace may have objects that were wanted, and not read."""
        return self.is_partial and namespace not in (self.namespaces or ())


WHOLE_CLUSTER: Final = Scope()
"""All that a cluster has."""
