"""Subscriptions over HTTP: each is a response that goes on until one side ends it."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field

from starlette.requests import Request

from resolvers.caller import Caller
from server.auth.accesslost import AccessLost
from server.http.graphqlexecutor import LivePayloads
from server.http.liveframings import FRAMINGS
from server.http.mediatypes import StreamFormat
from server.live.limits import LiveLimits
from server.live.streamresponse import LiveStream


async def _never_lost(request: Request, caller: Caller) -> AccessLost:
    await asyncio.Event().wait()
    raise AssertionError


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscriptions:
    """The subscriptions of an application.

    Attributes:
        place: Counts a subscription of a caller while it runs; raises `Refusal`.
        access_lost: Returns when the caller of a request may not see the rest.
        stopping: Set when the server stops.
        limits: Limits.
    """

    place: Callable[[Caller], AbstractContextManager[None]] = lambda _caller: nullcontext()
    access_lost: Callable[[Request, Caller], Awaitable[AccessLost]] = _never_lost
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    limits: LiveLimits = field(default_factory=LiveLimits)

    def stream(
        self, request: Request, subscription: LivePayloads, caller: Caller, *, stream_format: StreamFormat
    ) -> LiveStream:
        """Returns the response to a subscription."""
        return LiveStream(
            subscription.payloads(caller),
            FRAMINGS[stream_format],
            place=lambda: self.place(caller),
            access_lost=lambda: self.access_lost(request, caller),
            stopping=self.stopping,
            limits=self.limits,
        )
