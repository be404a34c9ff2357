"""Large bodies, sent in pieces: no faster than the client reads them, in turns with others, without copies."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from starlette.types import Message, Send

PIECE_BYTES: Final = 65_536
"""The size of a piece. The next one waits until the client has read enough of those before."""


async def _yield_turn() -> None:
    await asyncio.sleep(0)


def in_pieces(send: Send, between: Callable[[], Awaitable[None]] = _yield_turn) -> Send:
    """Returns a `send` that splits a body that is larger than a piece.

    Args:
        send: Sends a piece.
        between: Awaited between two pieces.
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
