"""Limits of discovery; each is a setting (docs/settings.md)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DiscoveryLimits:
    """Limits of the discovery of the kinds that a server serves.

    Attributes:
        refresh_s: Seconds after which the kinds are read again in the background.
        kinds: Kinds of one server, which take about a kilobyte each; others are left out.
    """

    refresh_s: float = 60.0
    kinds: int = 10_000
