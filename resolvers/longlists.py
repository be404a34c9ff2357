"""Lists within one object, as far as functions of one row look at them.

API servers keep objects below 1.5 MB, so real lists are far shorter; but a function of a row cannot be interrupted, and
a hostile server's row is as long as an answer may be.
"""

from collections.abc import Sequence
from typing import Final

from k8s.decoding import Row
from resolvers.errors import LimitExceeded

MOST_ITEMS: Final = 10_000


def items_of(items: Sequence[Row] | None, name: str) -> Sequence[Row]:
    """A list of an object; an empty one where there is none.

    Raises:
        LimitExceeded: it is longer than any real one.
    """
    if items is not None and len(items) > MOST_ITEMS:
        raise LimitExceeded(f"{name}: the object has {len(items)} of them; at most {MOST_ITEMS} are looked at.")
    return items or ()
