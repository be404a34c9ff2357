"""Lists of what carries our labels in a cluster: read page by page, however many a cluster says there are.

Of each page only what is needed is kept. Of clusters that are read at the same time each has an allowance.
"""

from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from k8s import errors
from k8s.kinds.kind import Kind
from k8s.reading.decoder import TooMuchToDecode, Undecodable
from k8s.reading.page import DecodedPage, PageDecoder
from k8s.reading.pages import PAGE_OBJECTS, SMALLER
from k8s.transport.call import Call
from k8s.transport.deadline import Deadline
from k8s.transport.path import list_path
from k8s.transport.sender import Sender
from k8s.turns.turns import paced

T = TypeVar("T")
K = TypeVar("K")

MOST_OF_ALL: Final = 20_000
"""Objects of one kind that fleetgraph looks after in a cluster."""
MOST_OF_ACCOUNT: Final = 5000
"""Objects of one kind that belong to one account."""

_OBJECT_BYTES: Final = 2048
"""Of an object on the average; one as fleetgraph makes them has about 1 KB."""
_KEPT_BYTES: Final = 512
"""Of memory that what is kept of a short object takes; of a longer one it is less than its bytes."""
_PAGE_BYTES: Final = 4 * 1024 * 1024
"""The largest page that is read; a larger one is asked for with fewer objects. etcd keeps none of more than 3 MB."""


@dataclass(slots=True)
class Allowance:
    """What may be kept of one cluster while others are read as well.

    Attributes:
        left_bytes: Of memory, about.
    """

    left_bytes: int

    def take(self, size_bytes: int, cluster: str) -> None:
        """Takes so much of it.

        Raises:
            TooMuchMemory: There is not so much left.
        """
        self.left_bytes -= size_bytes
        if self.left_bytes < 0:
            raise errors.TooMuchMemory(cluster, "it has more to look after than is kept beside other clusters.")


ALLOWANCE: Final[ContextVar[Allowance | None]] = ContextVar("allowance", default=None)
"""Of the cluster that is read; None where it is the only one."""


@dataclass(frozen=True, slots=True)
class Found(Generic[T]):
    """Objects that carry our labels: those that were read.

    Attributes:
        items: Of those that there are, as many as may be.
        excess: Raised once these are dealt with, where there are more; None where these are all.
    """

    items: list[T]
    excess: errors.TooManyObjects | None = None

    def refuse_excess(self) -> None:
        """Raises TooManyObjects where there are more than were read."""
        if self.excess is not None:
            raise self.excess


async def our_objects(
    sender: Sender,
    kind: Kind,
    decoder: PageDecoder[T],
    deadline: Deadline,
    *,
    keep: Callable[[T], K],
    labels: Mapping[str, str],
    namespace: str | None = None,
    most: int = MOST_OF_ALL,
) -> Found[K]:
    """Reads all objects of a kind that carry some labels, or the first of them where they are too many.

    Args:
        sender: asks the cluster.
        kind: what is listed.
        decoder: of its pages.
        deadline: of all pages together.
        keep: makes what is kept of an object, which takes no more memory than its bytes, or 512.
        labels: which objects.
        namespace: where; None for all.
        most: how many are read, of 2 KiB on the average.

    Raises:
        TooMuchMemory: they are more than the `ALLOWANCE`.
        ClusterError: they cannot be listed.
    """
    selector = ",".join(f"{key}={value}" for key, value in labels.items())
    found: list[K] = []
    token, limit, left_bytes = "", PAGE_OBJECTS, most * _OBJECT_BYTES
    while True:
        query = (("labelSelector", selector), ("limit", str(limit)), *((("continue", token),) if token else ()))
        call = Call(list_path(kind, namespace), "list", kind.plural, query=query, most_bytes=_PAGE_BYTES)
        try:
            body = await sender.send(call, deadline)
            page = await _decoded(decoder, body, sender.name, call)
        except errors.AnswerTooLarge:
            if limit == 1:
                raise
            limit = max(1, limit // SMALLER)
            continue
        items, before, token = page.items or (), token, page.metadata.continue_token
        _take(max(len(body), len(items) * _KEPT_BYTES), sender.name)
        left_bytes -= len(body)
        found += [keep(each) async for each in paced(items)]
        is_empty = not items
        del body, page, items  # not kept while the next page is on its way
        if len(found) > most or left_bytes < 0:
            cause = (
                f"it lists more {kind.plural} with fleetgraph's labels than the limit, {most}: the rest was not read."
            )
            return Found(found, errors.TooManyObjects(sender.name, cause))
        if not token:
            return Found(found)
        if token == before or is_empty:
            raise errors.ProtocolBroken(sender.name, f"its list of {kind} never ends.")


def _take(size_bytes: int, cluster: str) -> None:
    allowance = ALLOWANCE.get()
    if allowance is not None:
        allowance.take(size_bytes, cluster)


async def _decoded(decoder: PageDecoder[T], body: bytes, cluster: str, call: Call) -> DecodedPage[T]:
    try:
        return await decoder.read(body)
    except TooMuchToDecode as error:
        cause = f"its answer to {call.verb} {call.target} has more values than are decoded at once."
        raise (errors.ProtocolBroken if error.is_one_object else errors.AnswerTooLarge)(cluster, cause) from None
    except Undecodable:
        cause = f"its answer to {call.verb} {call.target} is not what the Kubernetes API sends."
        raise errors.ProtocolBroken(cluster, cause) from None
