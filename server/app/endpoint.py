"""`/graphql`: the GraphQL-over-HTTP specification's rules, in the order in which a request meets them.

Source: https://graphql.github.io/graphql-over-http/draft/
"""

import asyncio
from contextlib import AsyncExitStack, closing
from dataclasses import dataclass, field, replace
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from k8s.errors import ErrorCode
from k8s.turns.turns import WORKING_FOR
from resolvers.caller import Caller
from resolvers.errors import MemoryFull
from resolvers.memory.budget import MemoryBudget
from resolvers.memory.share import MemoryShare
from server.app.documents import PersistedDocuments
from server.auth.bearer import KnowsCallers, authenticate, bearer_token
from server.auth.development import DevelopmentIdentity
from server.auth.shared import digest
from server.http.answers import Answer, Executes, GraphqlRequest, Payloads
from server.http.csrf import cannot_be_simple
from server.http.disconnect import while_connected
from server.http.mediatypes import MULTIPART, MediaType, is_html_preferred, is_json, negotiate, payload_format
from server.http.multipart import Lost, PayloadsResponse, WholeResponse
from server.http.pieces import in_pieces
from server.http.request import Parameters, decode_body, decode_query_string
from server.http.requestbody import read_body
from server.http.responses import Refusal, json_response
from server.http.sending import Sending
from server.ratelimit.ratelimit import Admission, AdmissionLimits
from server.ratelimit.strangers import StrangerLimits, Strangers

METHODS: Final = ("GET", "POST")
_ALLOW_POST: Final = {"Allow": "POST"}
_TOKEN_LOST: Final = Lost("The token is not valid any more.", ErrorCode.UNAUTHENTICATED)
_RIGHTS_LOST: Final = Lost("What you may see has changed meanwhile; ask again.", ErrorCode.FORBIDDEN)

_FULL_RETRY_AFTER_S: Final = 5
"""Where memory is short: large answers take a few seconds."""

EXPLAIN_HEADER: Final = "Fleetgraph-Explain"
"""With `1`, the answer's `extensions.explain` says what it cost."""


@dataclass(frozen=True, slots=True)
class HttpLimits:
    """Bounds of one request; each is a setting (docs/settings.md).

    Attributes:
        body_bytes: The largest body.
        body_values: The most values in its JSON.
        body_timeout_s: Seconds in which the whole body must have arrived.
    """

    body_bytes: int = 2_000_000
    body_values: int = 120_000
    body_timeout_s: float = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpParts:
    """What stands around the execution of a request.

    Attributes:
        development: who asks without a token, if somebody may.
        documents: those that callers may name.
        admission: how many requests are worked on.
        memory: what operations and answers may hold.
        strangers: what whoever is not known may ask for.
    """

    development: DevelopmentIdentity | None = None
    documents: PersistedDocuments = field(default_factory=PersistedDocuments)
    admission: Admission = field(default_factory=lambda: Admission(AdmissionLimits()))
    memory: MemoryBudget = field(default_factory=MemoryBudget)
    strangers: Strangers = field(default_factory=lambda: Strangers(StrangerLimits()))


class HeldResponse(Response):
    """A response that holds its caller's place among all requests until it was sent, in payloads or whole."""

    def __init__(self, response: Response, sending: Sending, ending: AsyncExitStack) -> None:
        self._response = response
        self._sending = sending
        self._ending = ending

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends it, no faster than the caller takes it."""
        async with self._ending:
            await self._response(scope, receive, in_pieces(self._sending.measured(send)))


class GraphqlEndpoint:
    """Answers GraphQL requests over HTTP; every refusal is a `Refusal`."""

    def __init__(
        self, executor: Executes, callers: KnowsCallers, *, limits: HttpLimits, parts: HttpParts | None = None
    ) -> None:
        self._executor = executor
        self._callers = callers
        self._limits = limits
        self._parts = parts or HttpParts()

    async def serve(self, request: Request) -> Response:
        """The answer to one request; people who come by a link are told where to go instead."""
        is_bare = request.method != "POST" and not request.scope["query_string"]
        if is_bare and is_html_preferred(request.headers.get("accept", "")):
            raise HTTPException(405, headers={"Allow": "GET, POST"})
        token = bearer_token(request.headers)
        key = digest(token) if token is not None else None
        try:
            return await self._admitted(request, key)
        except Refusal as refusal:
            if refusal.status == 401:
                await self._parts.strangers.spread()
            late_s = self._parts.admission.late_s(key) if key is not None and refusal.status == 429 else 0.0
            if late_s:
                await asyncio.sleep(late_s)
            raise

    async def _admitted(self, request: Request, key: bytes | None) -> Response:
        async with AsyncExitStack() as ending:
            if key is not None:
                ending.enter_context(self._parts.admission.bearer(key))
            caller = await authenticate(request, self._callers, development=self._parts.development)
            request.state.caller = caller.name
            if key is not None:
                self._parts.strangers.familiar.add(key)
            WORKING_FOR.set(caller.name)
            await ending.enter_async_context(self._parts.admission.of(caller.name))
            ending.enter_context(self._parts.admission.anyone())  # neither strangers nor those who wait take a place
            await self._memory_for(caller)
            memory = ending.enter_context(closing(self._parts.memory.share(caller.name, is_sent=True)))
            response = await self._answer(request, caller, memory)
            sending = Sending(caller.name, request.scope["state"].get("transport"))
            ending.enter_context(self._parts.memory.sending(sending))
            return HeldResponse(response, sending, ending.pop_all())

    async def _memory_for(self, caller: Caller) -> None:
        """Waits until an operation may begin.

        Raises:
            Refusal: 503; others held the memory that it needs.
        """
        try:
            await self._parts.memory.admit(caller.name)
        except MemoryFull as full:
            headers = {"Retry-After": str(_FULL_RETRY_AFTER_S)}
            raise Refusal(503, str(full), code=ErrorCode.TOO_MANY_REQUESTS, headers=headers) from full

    async def _answer(self, request: Request, caller: Caller, memory: MemoryShare) -> Response:
        media_type = _accepted(request)
        is_safe = request.method != "POST"  # GET, or HEAD
        given = self._of_query_string(request) if is_safe else await self._of_body(request)
        asked = self._parts.documents.request(given)
        asked = replace(asked, is_explained=_is_explained(request), is_safe=is_safe, memory=memory)
        answer = await while_connected(request.receive, self._answered(request, asked, caller))
        if isinstance(answer, Response):
            response = answer
        else:
            response = json_response(answer.to_json(), status=_status(answer, media_type), media_type=media_type)
        if response.body:
            memory.answer(len(response.body))
        return response

    def _of_query_string(self, request: Request) -> Parameters:
        if not cannot_be_simple(request.headers):
            raise Refusal(
                403,
                "A GET without a token needs the header `GraphQL-Require-Preflight: 1`, so that no page of another "
                "origin can make a browser send it.",
                code=ErrorCode.FORBIDDEN,
            )
        text: bytes = request.scope["query_string"]
        if len(text) > self._limits.body_bytes:
            message = (
                f"The query string has more than {self._limits.body_bytes} bytes (setting FLEETGRAPH_MAX_BODY_BYTES)."
            )
            raise Refusal(414, message, code=ErrorCode.LIMIT_EXCEEDED)
        return decode_query_string(text)

    async def _of_body(self, request: Request) -> Parameters:
        if not is_json(request.headers.get("content-type")):
            raise Refusal(415, "Send the request as application/json in UTF-8.", headers={"Accept": MediaType.JSON})
        body = await read_body(request, limit_bytes=self._limits.body_bytes, timeout_s=self._limits.body_timeout_s)
        return decode_body(body, most_values=self._limits.body_values)

    async def _answered(self, request: Request, asked: GraphqlRequest, caller: Caller) -> Answer | Response:
        """The whole answer; a response in payloads for who accepts them, if something is deferred."""
        accept = _accept(request)
        written_in = payload_format(accept)
        if written_in is None:
            return _read_only(await self._executor.execute(asked, caller))
        answer = await self._executor.deliver(asked, caller, written_in)
        if isinstance(answer, Payloads):
            return PayloadsResponse(answer, written_in, lost=lambda: self._lost(request, caller, answer))
        whole = _read_only(answer)
        return whole if negotiate(accept) is not None else WholeResponse(whole.to_json(), written_in)

    async def _lost(self, request: Request, caller: Caller, answer: Payloads) -> Lost | None:
        """Why the caller may not have the rest, if it is so; where nobody knows, it may."""
        try:
            now = await authenticate(request, self._callers, development=self._parts.development)
        except Refusal as refusal:
            return None if refusal.status == 503 else _TOKEN_LOST
        return None if now == caller and await answer.is_permitted() else _RIGHTS_LOST


def _read_only(answer: Answer) -> Answer:
    if answer.needs_post:
        raise Refusal(405, "Only queries are executed by GET: send this operation by POST.", headers=_ALLOW_POST)
    return answer


def _is_explained(request: Request) -> bool:
    return request.headers.get(EXPLAIN_HEADER, "").lower() in {"1", "true"}


def _accepted(request: Request) -> MediaType:
    accept = _accept(request)
    media_type = negotiate(accept)
    if media_type is None and payload_format(accept) is None:
        types = (*MediaType, MULTIPART)
        raise Refusal(406, f"Answers are {' or '.join(types)}, and the Accept header allows none of them.")
    return media_type or MediaType.JSON


def _accept(request: Request) -> str:
    return ",".join(request.headers.getlist("accept"))


def _status(answer: Answer, media_type: MediaType) -> int:
    """With `application/json`, a status says nothing about the GraphQL request: intermediaries make them, too."""
    return 400 if media_type is MediaType.GRAPHQL_RESPONSE and not answer.executed else 200
