"""Watches as one of our service accounts, which is repaired after a refusal as for reads."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from typing import Final

from k8s.accounts.accountconnection import AccountConnection
from k8s.errors import Forbidden, Unauthenticated
from k8s.transport.body import OnPrefix
from k8s.transport.call import JSON, Call
from k8s.transport.deadline import Deadline
from k8s.watches.watchconnection import WatchConnection
from k8s.watches.watchsource import Chunks

_SELECTORS: Final = frozenset({"labelSelector", "fieldSelector"})


class AccountWatching:
    """A source of watches for one account.

    A new account may not do anything for a moment, until the API server's authorizer has seen its bindings.
    """

    def __init__(self, watching: WatchConnection, account: AccountConnection) -> None:
        """Takes the connection for watches, and the one for reads, which repairs the account."""
        self.name = watching.name
        self._watching = watching
        self._account = account

    @asynccontextmanager
    async def stream(self, call: Call, *, answer_s: float, silence_s: float) -> AsyncIterator[Chunks]:
        """Yields the body of a watch; see `k8s.watches.watchsource.WatchSource`."""
        async with AsyncExitStack() as stack:
            try:
                stream = await stack.enter_async_context(
                    self._watching.stream(call, answer_s=answer_s, silence_s=silence_s)
                )
            except (Forbidden, Unauthenticated):
                await self._account.send(_first_of_list(call), Deadline(answer_s))  # or raises the refusal again
                stream = await stack.enter_async_context(
                    self._watching.stream(call, answer_s=answer_s, silence_s=silence_s)
                )
            yield stream

    async def send(self, call: Call, deadline: Deadline, *, on_prefix: OnPrefix | None = None) -> bytes:
        """Returns the body of the answer to `call`; raises ClusterError."""
        try:
            return await self._watching.send(call, deadline, on_prefix=on_prefix)
        except (Forbidden, Unauthenticated):
            return await self._account.send(call, deadline, on_prefix=on_prefix)

    async def close(self) -> None:
        """Ends all streams at once; the connection for reads stays open."""
        await self._watching.close()


def _first_of_list(watch: Call) -> Call:
    """Returns the call for the first object of what is watched."""
    selectors = (item for item in watch.query if item[0] in _SELECTORS)
    return replace(watch, verb="list", query=(("limit", "1"), *selectors), accept=JSON, is_stream=False)
