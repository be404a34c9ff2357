"""An answer that is sent in payloads: what is there at once, and what was deferred as it comes."""

from collections.abc import AsyncGenerator
from contextlib import ExitStack
from dataclasses import dataclass, replace

from graph.incremental.delivery import Delivery
from graph.incremental.payloads import Error, Initial, Payload
from resolvers.operation.operation import Operation


@dataclass(frozen=True, slots=True)
class IncrementalAnswer:
    """What a client gets that reads payloads; its operation goes on until `close`.

    Attributes:
        first: what is sent at once; something follows.
        ending: is closed when all has been sent.
    """

    first: Payload
    delivery: Delivery
    operation: Operation
    ending: ExitStack

    async def payloads(self, *, until_s: float, late: Error) -> AsyncGenerator[Payload, None]:
        """All payloads, and the end of the operation.

        Args:
            until_s: when, by the loop's clock, nothing more is waited for.
            late: the error of what is not there then.
        """
        try:
            yield self.first
            async for payload in self.delivery.payloads(until_s=until_s, late=late):
                yield payload if payload.has_next else self._last(payload)
        finally:
            await self.close()

    def cut_off(self, error: Error) -> AsyncGenerator[Payload, None]:
        """The last payloads where nothing more will come, because of an error."""
        return self.delivery.outbox.cut_off(error)

    async def instead_of(self, payload: Payload, error: Error) -> AsyncGenerator[Payload, None]:
        """The last payloads, in place of one that cannot be sent, and of what that announces."""
        if payload.initial is not None:
            yield Payload(Initial(None, [error]), has_next=False)
            return
        self.delivery.outbox.take_back(payload)
        async for last in self.cut_off(error):
            yield last

    async def close(self) -> None:
        """Ends what is still under way."""
        try:
            await self.delivery.close()
        finally:
            try:
                await self.operation.close()
            finally:
                self.ending.close()

    def _last(self, payload: Payload) -> Payload:
        if self.operation.explanation is None:
            return payload
        return replace(payload, extensions={"explain": self.operation.explanation.to_builtins()})
