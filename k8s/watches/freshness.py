"""The freshness of watched objects."""

from enum import StrEnum


class Freshness(StrEnum):
    """The freshness of held objects.

    - SYNCING: not all objects have arrived yet.
    - LIVE: all that the API server sends.
    - STALE: those of the last connection; the watch is about to continue.
    - FAILED: none, because no connection has succeeded.
    """

    SYNCING = "SYNCING"
    LIVE = "LIVE"
    STALE = "STALE"
    FAILED = "FAILED"
