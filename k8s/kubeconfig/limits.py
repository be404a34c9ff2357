"""The limits of one kubeconfig file; a module of its own, because settings name them without reading kubeconfigs."""

from dataclasses import dataclass
from typing import Final

BYTES_SETTING: Final = "FLEETGRAPH_MAX_KUBECONFIG_BYTES"
"""The setting of the largest file."""
CONTEXTS_SETTING: Final = "FLEETGRAPH_MAX_KUBECONFIG_CONTEXTS"
"""The setting of the largest number of contexts."""

VALUES_PER_CONTEXT: Final = 100
"""The limit of scalars and collections for each context; one with its cluster and user has about 27, with an exec
plugin 50."""


@dataclass(frozen=True, slots=True)
class KubeconfigLimits:
    """The limits of one file.

    Attributes:
        file_bytes: Its size; a context with embedded certificates has about 6 KB.
        contexts: The number of its contexts, of its clusters and of its users, each.
    """

    file_bytes: int = 16 * 1024 * 1024
    contexts: int = 2500

    @property
    def values(self) -> int:
        """Returns the limit of scalars and collections in the file."""
        return self.contexts * VALUES_PER_CONTEXT
