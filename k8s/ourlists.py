"""Lists of what carries our labels in a cluster: read page by page, however many a cluster says there are."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from k8s import errors
from k8s.call import Call
from k8s.deadline import Deadline
from k8s.decoder import TooMuchToDecode, Undecodable
from k8s.kind import Kind
from k8s.page import Page, PageDecoder
from k8s.pages import PAGE_OBJECTS, SMALLER
from k8s.path import list_path
from k8s.sender import Sender

T = TypeVar("T")

MOST_OF_ALL: Final = 20_000
"""Objects of one kind that fleetgraph looks after in a cluster."""
MOST_OF_ACCOUNT: Final = 5000
"""Objects of one kind that belong to one account."""

_OBJECT_BYTES: Final = 2048
"""Of an object on the average; one as fleetgraph makes them has about 1 KB."""


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
    labels: Mapping[str, str],
    namespace: str | None = None,
    most: int = MOST_OF_ALL,
) -> Found[T]:
    """Reads all objects of a kind that carry some labels, or the first of them where they are too many.

    Args:
        sender: asks the cluster.
        kind: what is listed.
        decoder: of its pages.
        deadline: of all pages together.
        labels: which objects.
        namespace: where; None for all.
        most: how many are read, of 2 KiB on the average.

    Raises:
        ClusterError: they cannot be listed.
    """
    selector = ",".join(f"{key}={value}" for key, value in labels.items())
    found: list[T] = []
    token, limit, left_bytes = "", PAGE_OBJECTS, most * _OBJECT_BYTES
    while True:
        query = (("labelSelector", selector), ("limit", str(limit)), *((("continue", token),) if token else ()))
        call = Call(list_path(kind, namespace), "list", kind.plural, query=query, most_bytes=None)
        try:
            body = await sender.send(call, deadline)
            page = await _decoded(decoder, body, sender.name, call)
        except errors.AnswerTooLarge:
            if limit == 1:
                raise
            limit = max(1, limit // SMALLER)
            continue
        found += page.items or ()
        left_bytes -= len(body)
        if len(found) > most or left_bytes < 0:
            cause = (
                f"it lists more {kind.plural} with fleetgraph's labels than the limit, {most}: the rest was not read."
            )
            return Found(found, errors.TooManyObjects(sender.name, cause))
        before, token = token, page.metadata.continue_token
        if not token:
            return Found(found)
        if token == before or not page.items:
            raise errors.ProtocolBroken(sender.name, f"its list of {kind} never ends.")


async def _decoded(decoder: PageDecoder[T], body: bytes, cluster: str, call: Call) -> Page[T]:
    try:
        return await decoder.read(body)
    except TooMuchToDecode as error:
        cause = f"its answer to {call.verb} {call.target} has more values than are decoded at once."
        raise (errors.ProtocolBroken if error.is_one_object else errors.AnswerTooLarge)(cluster, cause) from None
    except Undecodable:
        cause = f"its answer to {call.verb} {call.target} is not what the Kubernetes API sends."
        raise errors.ProtocolBroken(cluster, cause) from None
