"""A snapshot cluster in place of a connection: the same calls and errors, without a network."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from k8s import errors
from k8s.transport.body import PREFIX_BYTES, OnPrefix
from k8s.transport.bodymemory import portion_for
from k8s.transport.call import Call
from k8s.transport.deadline import Deadline
from k8s.transport.exchangeprogress import ExchangeProgress
from k8s.transport.limits import ConnectionLimits
from k8s.transport.status import status_error
from snapshots.serving.api import SnapshotApi
from snapshots.serving.request import ApiAnswer, ApiRequest


class SnapshotSender:
    """A sender of calls to a snapshot cluster; see `k8s.transport.sender.Sender`."""

    def __init__(
        self, name: str, api: SnapshotApi, *, latency_s: float = 0.0, limits: ConnectionLimits | None = None
    ) -> None:
        """Creates a sender for one cluster.

        Args:
            name: The cluster's name.
            api: Its API.
            latency_s: The latency before each response.
            limits: The limits of the size of a response and of the memory of all responses; None: no limits.
        """
        self.name = name
        self._api = api
        self._latency_s = latency_s
        self._limits = limits
        self._closed = asyncio.Event()

    def __repr__(self) -> str:
        return f"SnapshotSender({self.name!r})"

    async def send(self, call: Call, deadline: Deadline, *, on_prefix: OnPrefix | None = None) -> bytes:
        """Returns the body of the response to `call`.

        Raises:
            ClusterError: The cluster refuses the call, or the deadline passes.
        """
        if not deadline.left_s:
            cause = (
                f"its timeout of {deadline.timeout_s:.3g} s passed before the request to {call.verb} {call.target} "
                "was sent."
            )
            raise errors.TimedOut(self.name, cause)
        with deadline.running():
            left_s, progress = deadline.left_s, ExchangeProgress()
            try:
                async with asyncio.timeout(left_s):
                    with progress.tracked():
                        await self._travel()
                        answer = await self._api.answer(_request(call))
                        body = await self._body(answer)
            except TimeoutError as error:
                late = f"no complete answer to {call.verb} {call.target} within its {left_s:.3g} s."
                raise errors.TimedOut(self.name, progress.memory_wait_cause(call, left_s) or late) from error
        return self._accepted(call, answer, body, on_prefix)

    @asynccontextmanager
    async def stream(self, call: Call, *, answer_s: float, silence_s: float) -> AsyncIterator["SnapshotStream"]:
        """Yields the events of a watch as they happen; see `k8s.watches.watchsource.WatchSource`.

        Raises:
            ClusterError: The cluster refuses the call, or does not answer it as a watch.
        """
        await self._travel()
        answer = await self._api.answer(_request(call))
        if answer.lines is None:
            self._accepted(call, answer, answer.body, None)
            raise errors.ProtocolBroken(self.name, f"its answer to {call.verb} {call.target} is no watch.")
        yield SnapshotStream(answer.lines, self._closed)

    async def close(self) -> None:
        """Cancels running calls; later calls are still possible."""
        self._closed.set()
        self._closed = asyncio.Event()

    async def retire(self) -> None:
        """Does nothing: running calls end by themselves, and there is no other state."""

    async def _travel(self) -> None:
        """Waits for the latency of the cluster."""
        if not self._latency_s:
            return
        try:
            async with asyncio.timeout(self._latency_s):
                await self._closed.wait()
        except TimeoutError:
            return
        raise errors.Unreachable(self.name, "the connection was closed.")

    async def _body(self, answer: ApiAnswer) -> bytes:
        """Returns the body, joined as soon as there is memory for it."""
        if answer.lines is not None:
            return b"".join([line async for line in answer.lines])
        if self._limits is None:
            return answer.body
        size_bytes = answer.size_bytes
        if size_bytes > self._limits.body_bytes:
            raise errors.AnswerTooLarge(self.name, self._limits.too_large)
        with portion_for(self._limits.bodies, self.name) as portion:
            await portion.grow(size_bytes)
            return answer.body

    def _accepted(self, call: Call, answer: ApiAnswer, body: bytes, on_prefix: OnPrefix | None) -> bytes:
        if answer.status >= 400:
            raise status_error(
                self.name, status=answer.status, body=body, verb=call.verb, target=call.target, query=call.query
            )
        if on_prefix is not None:
            on_prefix(body[:PREFIX_BYTES])
        return body


class SnapshotStream:
    """The events of a watch, one line of JSON each."""

    def __init__(self, lines: AsyncIterator[bytes], closed: asyncio.Event) -> None:
        """Takes the lines, and the end of the client."""
        self._lines = lines
        self._closed = closed

    async def chunk(self) -> bytes:
        """Returns the next line; empty at the end of the watch."""
        line = asyncio.ensure_future(anext(self._lines, b""))
        end = asyncio.ensure_future(self._closed.wait())
        try:
            await asyncio.wait((line, end), return_when=asyncio.FIRST_COMPLETED)
            return line.result() if line.done() else b""
        finally:
            for task in (line, end):
                task.cancel()
            await asyncio.gather(line, end, return_exceptions=True)


def _request(call: Call) -> ApiRequest:
    return ApiRequest(call.method, call.path, query=call.query, accept=call.accept, body=call.body or b"")
