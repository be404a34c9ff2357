"""The scope of a list of one cluster: the namespaces that were read."""

from dataclasses import dataclass, field
from typing import Final


@dataclass(frozen=True, slots=True)
class Scope:
    """The namespaces that a list has read.

    Attributes:
        namespaces: namespaces whose objects were read; None for the whole cluster.
        is_partial: true if the query asked for other namespaces as well, which the identity may not list.
        refused: of a request for one namespace, this one, if the identity may not list it; nothing is known of others.
    """

    namespaces: tuple[str, ...] | None = None
    is_partial: bool = False
    refused: str | None = None
    _seen: frozenset[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Indexes the namespaces, since links look up those of all their parents."""
        object.__setattr__(self, "_seen", frozenset(self.namespaces or () if self.is_partial else ()))

    def hides(self, namespace: str) -> bool:
        """Returns whether a namespace may have objects that were asked for and not read."""
        if self.refused is not None:
            return namespace == self.refused
        return self.is_partial and namespace not in self._seen


WHOLE_CLUSTER: Final = Scope()
"""The scope of a list that has read the whole cluster."""
