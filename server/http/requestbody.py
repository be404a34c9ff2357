"""The body of a request, read as it comes, and never more of it than allowed."""

import asyncio

from starlette.requests import Request

from k8s.errors import ErrorCode
from server.http.responses import Refusal

_CLOSE = {"Connection": "close"}
"""What is left of a body that was not read would be taken for the next request."""


async def read_body(request: Request, *, limit_bytes: int, timeout_s: float) -> bytes:
    """The whole body.

    Raises:
        Refusal: 413 over `limit_bytes`, announced or not; 408 after `timeout_s`; 415 if it is compressed.
        ClientDisconnect: The caller went away.
    """
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise Refusal(415, "Compressed request bodies are not accepted.", headers={"Accept-Encoding": "identity"})
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced[:20]) > limit_bytes:
        raise _too_large(limit_bytes)
    try:
        async with asyncio.timeout(timeout_s):
            return await _collected(request, limit_bytes)
    except TimeoutError:
        raise Refusal(408, f"The body did not arrive within {timeout_s:g} s.", headers=_CLOSE) from None


async def _collected(request: Request, limit_bytes: int) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit_bytes:
            raise _too_large(limit_bytes)
    return bytes(body)


def _too_large(limit_bytes: int) -> Refusal:
    message = f"The body has more than {limit_bytes} bytes (setting FLEETGRAPH_MAX_BODY_BYTES)."
    return Refusal(413, message, code=ErrorCode.LIMIT_EXCEEDED, headers=_CLOSE)
