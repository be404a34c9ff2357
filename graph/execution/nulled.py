"""The mark of a row that is null because a non-null field of it failed."""

from enum import Enum
from typing import Final


class _Nulled(Enum):
    NULLED = "nulled"


NULLED: Final = _Nulled.NULLED
