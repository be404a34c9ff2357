"""What is asked of one cluster, and what it answered."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from k8s.kinds.kind import Kind
from k8s.reading.decoding import Row
from k8s.reading.selection import Selection

Keep = Callable[[Sequence[Row]], Awaitable[Sequence[Any]]]
"""What is kept of some objects of a list that is read as a whole, in their order: some of them, or a part of each."""

Keeper = Callable[[int, Sequence[Row], int | None], Awaitable[Keep | None]]
"""From the number of objects that were read so far, the newest of them, and how many the API server says are still to
come (None: it does not say), to what is kept of them and of what comes; None: they are. It may wait, before more is
read."""


async def keeps_everything(_read: int, _newest: Sequence[Row], _left: int | None) -> None:
    """Keeps whole objects, however many they are."""


async def keeps_nothing(_read: int, _newest: Sequence[Row], _left: int | None) -> Keep:
    """Keeps no objects: for who only counts them."""
    return _nothing


async def _nothing(_rows: Sequence[Row]) -> Sequence[Any]:
    return ()


def keeping_whole(keeper: Keeper) -> Keeper:
    """Tells a keeper of all objects, and keeps them whole, whatever it would keep of them."""

    async def whole(read: int, newest: Sequence[Row], left: int | None) -> None:
        await keeper(read, newest, left)

    return whole


@dataclass(frozen=True, slots=True)
class ListRequest:
    """The objects of one kind that a query needs, and what of each.

    Attributes:
        kind: what to list.
        structure: the name of the kind's structure.
        selection: the paths to decode; `metadata.name` and, for namespaced kinds, `metadata.namespace` among them.
        namespace: None for all of them.
        label_selector: as Kubernetes writes it; empty for none.
        field_selector: likewise.
    """

    kind: Kind
    structure: str
    selection: Selection
    namespace: str | None = None
    label_selector: str = ""
    field_selector: str = ""

    @property
    def needs_only_metadata(self) -> bool:
        """Whether metadata answers it, so that the API server need not send the rest."""
        return self.selection.keys in {("metadata",), ()}


@dataclass(frozen=True, slots=True)
class Window:
    """Which part of a list is wanted.

    Attributes:
        first: at least this many objects, if there are so many; None for all.
        after: namespace (empty for objects of the whole cluster) and name of the object behind which to begin.
        token: the API server's own token that continues right there; it may have expired.
    """

    first: int | None = None
    after: tuple[str, str] | None = None
    token: str = field(default="", repr=False)

    def left(self, read: int, remaining: int | None) -> int | None:
        """Returns how many objects of it are still to come, after those that were read and of those that remain."""
        if self.first is None or remaining is None:
            return remaining
        return min(remaining, max(0, self.first - read))

    @property
    def is_sought(self) -> bool:
        """Whether objects must be read and dropped to find its beginning."""
        return self.after is not None and not self.token


WHOLE = Window()
"""The whole list."""


@dataclass(frozen=True, slots=True)
class Listing:
    """Rows of one list of one cluster, in the API server's own order: by `namespace/name`.

    Attributes:
        rows: the decoded objects of the window, or what was kept of them.
        resource_version: of the list's first page.
        observed_at: when that page was asked for; the answer is not older than this.
        token: continues behind the last row; empty at the end of the list.
        count: of the whole list; None where the API server did not tell.
        read: how many objects of the window were read, whatever was kept of them.
        is_kept: whether the rows are what was kept of the objects.
    """

    rows: list[Any]
    resource_version: str
    observed_at: datetime
    token: str = ""
    count: int | None = None
    read: int = 0
    is_kept: bool = False
