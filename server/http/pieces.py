"""Large bodies, sent in pieces: no faster than they are taken, in turns with others, and without copies."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from starlette.types import Message, Send

PIECE_BYTES: Final = 65_536
"""The next piece waits until the caller has taken enough of those before."""


async def _give_way() -> None:
    await asyncio.sleep(0)


def in_pieces(send: Send, between: Callable[[], Awaitable[None]] = _give_way) -> Send:
    """Returns a `send` that splits what is larger than a piece.

    Args:
        send: Sends a piece.
        between: Waited for between two pieces.
    """

    async def sending(message: Message) -> None:
        body = memoryview(message.get("body", b""))
        while len(body) > PIECE_BYTES:
            await send({"type": message["type"], "body": body[:PIECE_BYTES], "more_body": True})
            body = body[PIECE_BYTES:]
            message = {**message, "body": body}
            await between()
        await send(message)

    return sending
