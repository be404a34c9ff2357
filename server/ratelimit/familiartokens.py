"""Tokens that were valid lately: requests with them go before those of strangers.

They are verified anew all the same; nothing is remembered of a token's worth.
"""

from collections import OrderedDict
from typing import Final

_REMEMBERED: Final = 10_000


class FamiliarTokens:
    """Tokens by their digests; those that were not used for longest are forgotten."""

    def __init__(self) -> None:
        self._digests: OrderedDict[bytes, None] = OrderedDict()

    def __contains__(self, digest: bytes) -> bool:
        return digest in self._digests

    def add(self, digest: bytes) -> None:
        """Notes that a token is valid."""
        self._digests[digest] = None
        self._digests.move_to_end(digest)
        if len(self._digests) > _REMEMBERED:
            self._digests.popitem(last=False)
