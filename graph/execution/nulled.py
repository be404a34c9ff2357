"""The marker of a row that is null because one of its non-null fields failed."""

from enum import Enum
from typing import Final


class _Nulled(Enum):
    NULLED = "nulled"


NULLED: Final = _Nulled.NULLED
