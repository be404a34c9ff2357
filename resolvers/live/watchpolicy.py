"""The numbers of watches, and the memory of their objects."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WatchPolicy:
    """The limits of all watches; each is a setting (docs/settings.md).

    Attributes:
        in_cluster: The watches of one cluster, of all identities.
        altogether: The watches of all clusters.
        memory_bytes: The memory of the objects of all watches.
        linger_s: Seconds for which a watch goes on that nobody needs.
    """

    in_cluster: int = 100
    altogether: int = 1000
    memory_bytes: int = 512 * 1024 * 1024
    linger_s: float = 120.0
