"""All objects of a target from a list, page by page, for servers that have no initial events."""

from collections.abc import AsyncGenerator
from typing import Final

import msgspec

from k8s import errors
from k8s.reading.decoder import TooMuchToDecode, Undecodable
from k8s.reading.pagedecoder import DecodedPage, read_split_page
from k8s.transport.call import Call
from k8s.transport.deadline import Deadline
from k8s.transport.sender import Sender
from k8s.turns.turns import Pace
from k8s.watches.target import WatchTarget
from k8s.watches.watchevents import WatchEvent, added_event

_AT_ONCE: Final = 50
"""Objects of one part: whoever takes them packs them, about 50 microseconds for each."""


async def listed_objects(
    sender: Sender, target: WatchTarget, *, page_timeout_s: float
) -> AsyncGenerator[tuple[list[WatchEvent], str], None]:
    """Yields the objects as events, with the version of the list, which is empty if the server gives none.

    Raises:
        Gone: A continue token expired because the list was read too slowly; start again.
        ClusterError: There is no answer, or it is a refusal or no list.
    """
    token, version = "", ""
    seen: set[str] = set()
    pace = Pace()
    while True:
        call = target.list_call(token)
        page = await _page(sender, call, page_timeout_s)
        version = version or page.metadata.resource_version
        for start in range(0, max(1, len(page.items)), _AT_ONCE):
            items = page.items[start : start + _AT_ONCE]
            yield [added_event(bytes(item), sender.name, call) for item in items], version
            await pace.breathe()
        token = page.metadata.continue_token
        if not token:
            return
        if token in seen:
            raise errors.ProtocolBroken(sender.name, f"its list of {target} never ends.")
        seen.add(token)


async def listed_version(sender: Sender, target: WatchTarget, *, timeout_s: float) -> str:
    """Returns the current version of a list, from its first object alone; raises ClusterError."""
    page = await _page(sender, target.list_call("", objects=1), timeout_s)
    return page.metadata.resource_version


async def _page(sender: Sender, call: Call, timeout_s: float) -> DecodedPage[msgspec.Raw]:
    cause = f"its answer to {call.verb} {call.target} is no list."
    body = await sender.send(call, Deadline(timeout_s))
    try:
        page = await read_split_page(body)
    except TooMuchToDecode as error:
        raise errors.AnswerTooLarge(sender.name, cause) from error
    except Undecodable as error:
        raise errors.ProtocolBroken(sender.name, cause) from error
    if not page.kind.endswith("List"):
        raise errors.ProtocolBroken(sender.name, cause)
    return page
