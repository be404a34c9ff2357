"""Large bodies, sent in pieces: no faster than they are taken, and without a copy for each reader."""

from typing import Final

from starlette.types import Message, Send

PIECE_BYTES: Final = 65_536
"""The next piece waits until the caller has taken enough of those before."""


def in_pieces(send: Send) -> Send:
    """Returns a `send` that splits what is larger than a piece."""

    async def sending(message: Message) -> None:
        body = memoryview(message.get("body", b""))
        while len(body) > PIECE_BYTES:
            await send({"type": message["type"], "body": body[:PIECE_BYTES], "more_body": True})
            body = body[PIECE_BYTES:]
            message = {**message, "body": body}
        await send(message)

    return sending
