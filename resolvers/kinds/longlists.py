"""Lists within one object, as far as functions of one row look at them.

API servers keep objects below 1.5 MB, so real lists are far shorter; but a function of a row cannot be interrupted, and
a hostile server's row is as long as an answer may be. Nothing is refused: an error would cost the rows of all clusters.
"""

from collections.abc import Sequence
from typing import Final

from k8s.reading.decoding import Row

MOST_ITEMS: Final = 10_000


def items_of(items: Sequence[Row] | None) -> Sequence[Row]:
    """The first 10,000 items of a list of an object; none where there is no list."""
    if items is None:
        return ()
    return items if len(items) <= MOST_ITEMS else items[:MOST_ITEMS]
