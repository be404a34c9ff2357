"""One of each in turn: whoever has hundreds waiting delays another one by one, not by hundreds."""

from collections import OrderedDict, deque
from typing import Generic, TypeVar

T = TypeVar("T")


class RoundRobin(Generic[T]):
    """What waits, by whose it is."""

    def __init__(self) -> None:
        self._waiting: OrderedDict[str, deque[T]] = OrderedDict()

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def put(self, who: str, item: T) -> None:
        """Adds something behind all that is of the same one."""
        self._waiting.setdefault(who, deque()).append(item)

    def take(self) -> T:
        """Removes and returns what comes next; there must be something."""
        who, items = self._waiting.popitem(last=False)
        item = items.popleft()
        if items:
            self._waiting[who] = items
        return item
