"""A limit for lists within one object: derived fields read their first 10,000 items.

API servers limit objects to 1.5 MB, so real lists are far shorter. But a derived field cannot be interrupted, and a
hostile server's row can be as long as an answer. Longer lists are no error, which would cost the rows of all clusters.
"""

from collections.abc import Sequence
from typing import Final

from k8s.reading.rowdecoders import Row

MAX_ITEMS: Final = 10_000


def items_of(items: Sequence[Row] | None) -> Sequence[Row]:
    """Returns the first 10,000 items of a list of an object; an empty sequence for no list."""
    if items is None:
        return ()
    return items if len(items) <= MAX_ITEMS else items[:MAX_ITEMS]
