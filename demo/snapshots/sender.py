"""A snapshot cluster in place of a connection: the same calls, the same errors, no port between."""

import asyncio

from demo.snapshots.api import SnapshotApi
from demo.snapshots.request import ApiAnswer, ApiRequest
from k8s import errors
from k8s.body import PREFIX_BYTES, OnPrefix
from k8s.call import Call
from k8s.deadline import Deadline
from k8s.status import status_error


class SnapshotSender:
    """Sends calls to a snapshot cluster; see `k8s.sender.Sender`."""

    def __init__(self, name: str, api: SnapshotApi, *, latency_s: float = 0.0) -> None:
        """Stands for a cluster that is `latency_s` seconds away."""
        self.name = name
        self._api = api
        self._latency_s = latency_s
        self._closed = asyncio.Event()

    def __repr__(self) -> str:
        return f"SnapshotSender({self.name!r})"

    async def send(self, call: Call, deadline: Deadline, *, on_prefix: OnPrefix | None = None) -> bytes:
        """The body of the answer to `call`.

        Raises:
            ClusterError: the cluster refuses it, or the deadline is over first.
        """
        if not deadline.left_s:
            cause = f"its {deadline.timeout_s:.3g} s were over before it could be asked to {call.verb} {call.target}."
            raise errors.TimedOut(self.name, cause)
        with deadline.running():
            left_s = deadline.left_s
            try:
                async with asyncio.timeout(left_s):
                    await self._travel()
                    answer = await self._api.answer(_request(call))
                    body = answer.body if answer.lines is None else b"".join([line async for line in answer.lines])
            except TimeoutError as error:
                cause = f"no complete answer to {call.verb} {call.target} within its {left_s:.3g} s."
                raise errors.TimedOut(self.name, cause) from error
        return self._accepted(call, answer, body, on_prefix)

    async def close(self) -> None:
        """Ends what is under way; later calls are answered."""
        self._closed.set()
        self._closed = asyncio.Event()

    async def retire(self) -> None:
        """Does nothing: what is under way ends by itself, and nothing else is kept."""

    async def _travel(self) -> None:
        """Waits as long as the way to the cluster takes."""
        if not self._latency_s:
            return
        try:
            async with asyncio.timeout(self._latency_s):
                await self._closed.wait()
        except TimeoutError:
            return
        raise errors.Unreachable(self.name, "the connection was closed.")

    def _accepted(self, call: Call, answer: ApiAnswer, body: bytes, on_prefix: OnPrefix | None) -> bytes:
        if answer.status >= 400:
            raise status_error(self.name, status=answer.status, body=body, verb=call.verb, target=call.target)
        if on_prefix is not None:
            on_prefix(body[:PREFIX_BYTES])
        return body


def _request(call: Call) -> ApiRequest:
    return ApiRequest(call.method, call.path, query=call.query, accept=call.accept, body=call.body or b"")
