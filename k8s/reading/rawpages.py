"""Lists as the API server wrote them, page by page, for callers that store whole objects."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass

import msgspec

from k8s import errors
from k8s.kinds.kind import Kind
from k8s.reading.decoder import TooMuchToDecode, Undecodable
from k8s.reading.listing import PAGE_OBJECTS, SMALLER
from k8s.reading.pagedecoder import DecodedPage, read_split_page
from k8s.transport.call import Call
from k8s.transport.deadline import Deadline
from k8s.transport.path import list_path
from k8s.transport.sender import Sender


@dataclass(frozen=True, slots=True)
class RawPage:
    """One page.

    Attributes:
        body: the list in the bytes of the server.
        objects: the number of its objects.
        resource_version: the version of the whole list.
    """

    body: bytes
    objects: int
    resource_version: str


async def raw_pages(sender: Sender, kind: Kind, *, page_timeout_s: float) -> AsyncGenerator[RawPage, None]:
    """Yields the pages of a list of all objects of a kind; requests each one after the page before was processed.

    Raises:
        Gone: the continue token expired because the list was read too slowly; start again.
        ClusterError: there is no answer, or it is a refusal or invalid.
    """
    token, limit = "", PAGE_OBJECTS
    seen: set[str] = set()
    while True:
        try:
            body = await sender.send(_call(kind, token, limit), Deadline(page_timeout_s))
            page = await decoded_page(sender.name, str(kind), body)
        except errors.AnswerTooLarge:
            if limit == 1:
                raise
            limit = max(1, limit // SMALLER)
            continue
        yield RawPage(body, len(page.items), page.metadata.resource_version)
        token = page.metadata.continue_token
        if not token:
            return
        if token in seen:
            raise errors.ProtocolBroken(sender.name, f"its list of {kind} never ends.")
        seen.add(token)


def _call(kind: Kind, token: str, limit: int) -> Call:
    query = (("limit", str(limit)), *((("continue", token),) if token else ()))
    return Call(list_path(kind), "list", str(kind), query=query, most_bytes=None)


async def decoded_page(cluster: str, target: str, body: bytes) -> DecodedPage[msgspec.Raw]:
    """Returns a page of a list of `target`, with the JSON of each object.

    Raises:
        AnswerTooLarge: It has more values than are decoded.
        ProtocolBroken: It is no list.
    """
    cause = f"its answer to list {target} is no list."
    try:
        page = await read_split_page(body)
    except TooMuchToDecode as error:
        raise errors.AnswerTooLarge(cluster, cause) from error
    except Undecodable as error:
        raise errors.ProtocolBroken(cluster, cause) from error
    if not page.kind.endswith("List"):
        raise errors.ProtocolBroken(cluster, cause)
    return page
