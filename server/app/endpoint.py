"""`/graphql`: the rules of the GraphQL-over-HTTP specification, in the order in which a request meets them.

Source: https://graphql.github.io/graphql-over-http/draft/
"""

import asyncio
from contextlib import AsyncExitStack, closing
from dataclasses import dataclass, field
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from graph.request import GraphqlRequest
from k8s.errors import ErrorCode
from k8s.listednames import any_of
from k8s.turns.turns import WORKING_FOR
from resolvers.caller import Caller
from resolvers.errors import MemoryFull
from resolvers.memory.budget import MemoryBudget
from resolvers.memory.share import MemoryShare
from server.app.execution import HttpExecution
from server.app.persisteddocuments import PersistedDocuments
from server.app.subscriptions import Subscriptions
from server.auth.bearer import TokenAuthenticator, authenticate, bearer_token
from server.auth.development import DevelopmentIdentity
from server.auth.shared import digest
from server.http.csrf import needs_preflight
from server.http.disconnect import while_connected
from server.http.graphqlexecutor import GraphqlExecutor
from server.http.mediatypes import EVENT_STREAM, MULTIPART, Acceptance, MediaType, is_html_preferred, is_json
from server.http.request import Parameters, decode_body, decode_query_string, read_body
from server.http.responses import Refusal
from server.http.sending import CountedResponse, Sending
from server.live.streamresponse import LiveStream
from server.ratelimit.anonymous import AnonymousLimiter, AnonymousLimits
from server.ratelimit.ratelimit import CallerLimiter, CallerLimits

METHODS: Final = ("GET", "POST")
_ALLOW_POST: Final = {"Allow": "POST"}

_FULL_RETRY_AFTER_S: Final = 5
"""Seconds before a retry when memory is short: large responses take a few."""

EXPLAIN_HEADER: Final = "Fleetgraph-Explain"
"""The header that asks for the cost of the query: with `1`, it is in the response's `extensions.explain`."""


@dataclass(frozen=True, slots=True)
class HttpLimits:
    """Limits of one request; each is a setting (docs/settings.md).

    Attributes:
        body_bytes: The largest body.
        body_values: The most values in its JSON.
        body_timeout_s: Seconds in which the whole body must arrive.
    """

    body_bytes: int = 2_000_000
    body_values: int = 120_000
    body_timeout_s: float = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointServices:
    """The services around the execution of a request.

    Attributes:
        development: The identity of requests without a token, if they are allowed.
        documents: Persisted documents.
        caller_limiter: Limits authenticated requests.
        memory: The memory budget of operations and responses.
        anonymous_limiter: Limits unauthenticated requests.
        subscriptions: Subscriptions.
    """

    development: DevelopmentIdentity | None = None
    documents: PersistedDocuments = field(default_factory=PersistedDocuments)
    caller_limiter: CallerLimiter = field(default_factory=lambda: CallerLimiter(CallerLimits()))
    memory: MemoryBudget = field(default_factory=MemoryBudget)
    anonymous_limiter: AnonymousLimiter = field(default_factory=lambda: AnonymousLimiter(AnonymousLimits()))
    subscriptions: Subscriptions = field(default_factory=Subscriptions)


class GraphqlEndpoint:
    """The endpoint of GraphQL requests over HTTP. Every refusal is a `Refusal`."""

    def __init__(
        self,
        executor: GraphqlExecutor,
        callers: TokenAuthenticator,
        *,
        limits: HttpLimits,
        services: EndpointServices | None = None,
    ) -> None:
        self._callers = callers
        self._limits = limits
        self._services = services or EndpointServices()
        self._execution = HttpExecution(
            executor,
            callers,
            development=self._services.development,
            subscriptions=self._services.subscriptions,
        )

    async def serve(self, request: Request) -> Response:
        """Returns the response to one request. A browser that follows a link gets a page instead."""
        is_bare = request.method != "POST" and not request.scope["query_string"]
        if is_bare and is_html_preferred(request.headers.get("accept", "")):
            raise HTTPException(405, headers={"Allow": "GET, POST"})
        token = bearer_token(request.headers)
        key = digest(token) if token is not None else None
        try:
            return await self._serve_limited(request, key)
        except Refusal as refusal:
            if refusal.status == 401:
                await self._services.anonymous_limiter.spread()
            if key is not None and refusal.status == 429:
                delay_s = self._services.caller_limiter.refusal_delay_s(key)
                if delay_s:
                    await asyncio.sleep(delay_s)
            raise

    async def _serve_limited(self, request: Request, key: bytes | None) -> Response:
        async with AsyncExitStack() as resources:
            if key is not None:
                resources.enter_context(self._services.caller_limiter.for_token(key))
            caller = await authenticate(request, self._callers, development=self._services.development)
            request.state.caller = caller.name
            if key is not None:
                self._services.anonymous_limiter.recent_tokens.add(key)
            WORKING_FOR.set(caller.name)
            await resources.enter_async_context(self._services.caller_limiter.for_caller(caller.name))
            resources.enter_context(self._services.caller_limiter.any_caller())  # after the wait, which takes no place
            await self._memory_for(caller)
            memory = resources.enter_context(closing(self._services.memory.share(caller.name, is_sent=True)))
            response = await self._answer(request, caller, memory)
            if isinstance(response, LiveStream):
                return response  # its places and its memory are those of subscriptions
            sending = Sending(caller.name, request.scope["state"].get("transport"))
            resources.enter_context(self._services.memory.sending(sending))
            return CountedResponse(response, sending, resources.pop_all())

    async def _memory_for(self, caller: Caller) -> None:
        """Waits until memory for an operation is free.

        Raises:
            Refusal: 503; other operations hold the memory.
        """
        try:
            await self._services.memory.admit(caller.name)
        except MemoryFull as full:
            headers = {"Retry-After": str(_FULL_RETRY_AFTER_S)}
            raise Refusal(503, str(full), code=ErrorCode.TOO_MANY_REQUESTS, headers=headers) from full

    async def _answer(self, request: Request, caller: Caller, memory: MemoryShare) -> Response:
        acceptance = _acceptance(request)
        is_safe = request.method != "POST"  # GET, or HEAD
        parameters = self._query_parameters(request) if is_safe else await self._body_parameters(request)
        graphql_request = GraphqlRequest(
            self._services.documents.text(parameters),
            parameters.variables,
            parameters.operation_name,
            is_explained=_is_explained(request),
            is_safe=is_safe,
            is_persisted=parameters.query is None,
            memory=memory,
        )
        work = self._execution.response(request, graphql_request, caller, acceptance=acceptance)
        response = await while_connected(request.receive, work)
        if response.body:
            memory.answer(len(response.body))
        return response

    def _query_parameters(self, request: Request) -> Parameters:
        if not needs_preflight(request.headers):
            raise Refusal(
                403,
                "A GET without a token needs the header `GraphQL-Require-Preflight: 1`, so that no page of another "
                "origin can make a browser send it.",
                code=ErrorCode.FORBIDDEN,
            )
        text: bytes = request.scope["query_string"]
        if len(text) > self._limits.body_bytes:
            message = (
                f"The query string has more than {self._limits.body_bytes} bytes (FLEETGRAPH_MAX_BODY_BYTES). "
                "Send the request by POST."
            )
            raise Refusal(414, message, code=ErrorCode.LIMIT_EXCEEDED)
        return decode_query_string(text)

    async def _body_parameters(self, request: Request) -> Parameters:
        if not is_json(request.headers.get("content-type")):
            raise Refusal(415, "Send the request as application/json in UTF-8.", headers={"Accept": MediaType.JSON})
        body = await read_body(request, limit_bytes=self._limits.body_bytes, timeout_s=self._limits.body_timeout_s)
        return decode_body(body, most_values=self._limits.body_values)


def _is_explained(request: Request) -> bool:
    return request.headers.get(EXPLAIN_HEADER, "").lower() in {"1", "true"}


def _acceptance(request: Request) -> Acceptance:
    """Returns the responses that the client accepts; refuses a client that accepts none."""
    acceptance = Acceptance.of(",".join(request.headers.getlist("accept")))
    if acceptance == (None, None, None):
        types = (*MediaType, MULTIPART, EVENT_STREAM)
        raise Refusal(406, f"Responses are {any_of(types)}; the Accept header allows none of them.")
    return acceptance
