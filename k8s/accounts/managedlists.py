"""Lists of objects with our labels, read page by page within limits.

Only the needed values of each page are stored. Clusters that are read at the same time have a memory allowance each.
"""

from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from k8s import errors
from k8s.kinds.kind import Kind
from k8s.reading.decoder import TooMuchToDecode, Undecodable
from k8s.reading.listing import PAGE_OBJECTS, SMALLER
from k8s.reading.pagedecoder import DecodedPage, PageDecoder
from k8s.transport.call import Call
from k8s.transport.deadline import Deadline
from k8s.transport.path import list_path
from k8s.transport.sender import Sender
from k8s.turns.turns import paced

T = TypeVar("T")
K = TypeVar("K")

MOST_OF_ALL: Final = 20_000
"""The limit of objects of one kind in a cluster."""
MOST_OF_ACCOUNT: Final = 5000
"""The limit of objects of one kind of one account."""

_OBJECT_BYTES: Final = 2048
"""The average size of an object; one as fleetgraph makes them has about 1 KB."""
_RESULT_BYTES: Final = 512
"""Bytes of memory for the result of a short object; that of a longer one takes less than its JSON."""
_PAGE_BYTES: Final = 4 * 1024 * 1024
"""The limit of a page; a larger one is requested with fewer objects. etcd stores no object of more than 3 MB."""


@dataclass(slots=True)
class MemoryAllowance:
    """The memory for the objects of one cluster while others are read as well.

    Attributes:
        left_bytes: Bytes left, approximately.
    """

    left_bytes: int

    def take(self, size_bytes: int, cluster: str) -> None:
        """Takes some bytes.

        Raises:
            TooMuchMemory: Fewer bytes are left.
        """
        self.left_bytes -= size_bytes
        if self.left_bytes < 0:
            cause = "its service accounts and bindings take more memory than its share beside other clusters."
            raise errors.TooMuchMemory(cluster, cause)


MEMORY_ALLOWANCE: Final[ContextVar[MemoryAllowance | None]] = ContextVar("allowance", default=None)
"""The allowance of the cluster that is read; None if it is the only one."""


@dataclass(frozen=True, slots=True)
class ManagedObjects(Generic[T]):
    """The objects with our labels that were read.

    Attributes:
        items: The objects up to the limit.
        excess: The error to raise after they are processed, if there are more; None if these are all.
    """

    items: list[T]
    excess: errors.TooManyObjects | None = None

    def refuse_excess(self) -> None:
        """Raises TooManyObjects if there are more objects than were read."""
        if self.excess is not None:
            raise self.excess


async def list_managed(
    sender: Sender,
    kind: Kind,
    decoder: PageDecoder[T],
    deadline: Deadline,
    *,
    convert: Callable[[T], K],
    labels: Mapping[str, str],
    namespace: str | None = None,
    most: int = MOST_OF_ALL,
) -> ManagedObjects[K]:
    """Reads all objects of a kind that have some labels, up to a limit.

    Args:
        sender: Sends to the cluster.
        kind: The kind of the objects.
        decoder: The decoder of the pages.
        deadline: The deadline of all pages together.
        convert: Converts an object to a result, which takes no more memory than its JSON, or 512 bytes.
        labels: The labels that select the objects.
        namespace: The namespace; None for all.
        most: The limit of objects, of 2 KiB on average.

    Raises:
        TooMuchMemory: The objects exceed the `MEMORY_ALLOWANCE`.
        ClusterError: The objects cannot be listed.
    """
    selector = ",".join(f"{key}={value}" for key, value in labels.items())
    objects: list[K] = []
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
        items, before, token = page.items, token, page.metadata.continue_token
        _take(max(len(body), len(items) * _RESULT_BYTES), sender.name)
        left_bytes -= len(body)
        objects += [convert(item) async for item in paced(items)]
        is_empty = not items
        del body, page, items  # free the memory before the next page arrives
        if len(objects) > most or left_bytes < 0:
            cause = (
                f"it lists more {kind.plural} with fleetgraph's labels than the limit, {most}: the rest was not read."
            )
            return ManagedObjects(objects, errors.TooManyObjects(sender.name, cause))
        if not token:
            return ManagedObjects(objects)
        if token == before or is_empty:
            raise errors.ProtocolBroken(sender.name, f"its list of {kind} never ends.")


def _take(size_bytes: int, cluster: str) -> None:
    allowance = MEMORY_ALLOWANCE.get()
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
