"""Answers without an end: one exchange whose body is passed on as it arrives.

It is the transport of watches, beside the one for whole bodies. It has an HTTP session of its own, so that watches take
no connection of a read.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import aiohttp

from k8s import errors
from k8s.credentials.credential import Secret
from k8s.credentials.fault import Presented
from k8s.transport.call import Call
from k8s.transport.exceptionmapping import ExchangeContext, translated
from k8s.transport.exchange import Exchange, ObservedCall
from k8s.transport.responsehead import ResponseHead
from k8s.transport.transport import Transport

_CHUNK_BYTES: Final = 64 * 1024


class Stream:
    """The body of an answer, as it arrives."""

    def __init__(self, content: aiohttp.StreamReader, exchange: Exchange, *, silence_s: float) -> None:
        self._content = content
        self._exchange = exchange
        self._silence_s = silence_s

    async def chunk(self) -> bytes:
        """Returns the next bytes, at most 64 KiB; empty at the end.

        Raises:
            TimeoutError: Nothing arrived for `silence_s` seconds.
        """
        async with asyncio.timeout(self._silence_s):
            chunk = await self._content.read(_CHUNK_BYTES)
        self._exchange.body_bytes += len(chunk)
        return chunk


class StreamTransport(Transport):
    """Exchanges calls for streams, with the errors of `Transport`."""

    @asynccontextmanager
    async def stream(self, call: Call, *, answer_s: float, silence_s: float) -> AsyncIterator[Stream]:
        """Yields the body of an answer once its head has arrived; leaving the context ends the exchange.

        Args:
            call: The request.
            answer_s: Seconds until the head of the answer.
            silence_s: Seconds between two pieces of the body.

        Raises:
            ClusterError: There was no answer, or a refusal; the body broke off, or was silent for too long.
        """
        context = ExchangeContext(self._cluster, call, answer_s, self._limits, Presented(self._certificate))
        async with self._counted():
            observed_call = ObservedCall(self._cluster, call, self._observer, self._identity)
            with observed_call as observed, translated(context), context.progress.tracked():
                token = self._token if self._source is None else await self._source.token()
                exchange = observed.begin()
                async with self._answered(exchange, token, answer_s) as response:
                    yield Stream(response.content, exchange, silence_s=silence_s)

    @asynccontextmanager
    async def _answered(
        self, exchange: Exchange, token: Secret | None, answer_s: float
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """Yields the response to a request, once its head says that it is a stream of JSON."""
        request = self._request(exchange, token)
        async with asyncio.timeout(answer_s):
            response = await request
        try:
            head = ResponseHead.of(response.status, response.headers)
            exchange.answered(head.status, head.audit_id)
            if head.status >= 400:
                async with asyncio.timeout(answer_s):
                    refusal = await self._refusal(exchange.call, head, response.content, token)
                if self._source is not None and token is not None and isinstance(refusal, errors.Unauthenticated):
                    self._source.refused(token)
                raise refusal
            head.require_json(self._cluster)
            if head.is_gzip:
                raise errors.ProtocolBroken(self._cluster, "its stream is compressed, although that was not accepted.")
            yield response
        finally:
            response.close()
