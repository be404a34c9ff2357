"""Execution of a request, and its response in a form that the client accepts.

Queries and mutations are answered as a whole, or in payloads if the client accepts them and data follows later.
Subscriptions are answered as streams.
"""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from graph.answer import NEEDS_STREAM
from graph.incremental.payloads import PayloadFormat
from graph.request import GraphqlRequest
from resolvers.caller import Caller
from server.app.subscriptions import Subscriptions
from server.auth.accesslost import RIGHTS_LOST, TOKEN_LOST, AccessLost
from server.auth.bearer import TokenAuthenticator, authenticate
from server.auth.development import DevelopmentIdentity
from server.http.framing import Framing
from server.http.graphqlexecutor import GraphqlExecutor, GraphqlResponse, LivePayloads, Payloads
from server.http.liveframings import FRAMINGS
from server.http.mediatypes import Acceptance, MediaType
from server.http.multipart import IncrementalParts, PayloadsResponse, WholeResponse
from server.http.responses import Refusal, json_response

_ALLOW_POST: Final = {"Allow": "POST"}


class HttpExecution:
    """The execution of requests over HTTP."""

    def __init__(
        self,
        executor: GraphqlExecutor,
        callers: TokenAuthenticator,
        *,
        development: DevelopmentIdentity | None,
        subscriptions: Subscriptions,
    ) -> None:
        self._executor = executor
        self._callers = callers
        self._development = development
        self._subscriptions = subscriptions

    async def response(
        self, request: Request, graphql_request: GraphqlRequest, caller: Caller, *, acceptance: Acceptance
    ) -> Response:
        """Returns the response to a request; raises `Refusal`."""
        executed = await self._executed(request, graphql_request, caller, acceptance)
        if isinstance(executed, Response):
            return executed
        if executed.needs_stream:
            return await self._stream(request, graphql_request, caller, acceptance)
        if executed.needs_post:
            raise Refusal(405, "GET executes no mutations. Send this operation by POST.", headers=_ALLOW_POST)
        return _whole(executed, acceptance)

    async def _executed(
        self, request: Request, graphql_request: GraphqlRequest, caller: Caller, acceptance: Acceptance
    ) -> GraphqlResponse | Response:
        """Returns the whole response, or the one in payloads."""
        framing = _payload_framing(acceptance)
        if framing is None:
            return await self._executor.execute(graphql_request, caller)
        payload_format = acceptance.payload_format or PayloadFormat.IDS
        answer = await self._executor.deliver(graphql_request, caller, payload_format)
        if isinstance(answer, Payloads):
            return PayloadsResponse(answer, framing, access_lost=lambda: self._access_lost(request, caller, answer))
        return answer

    async def _stream(
        self, request: Request, graphql_request: GraphqlRequest, caller: Caller, acceptance: Acceptance
    ) -> Response:
        """Returns the response to a subscription."""
        if acceptance.stream_format is None:
            raise Refusal(406, NEEDS_STREAM)
        if request.method == "HEAD":
            raise Refusal(405, "A subscription has no HEAD. Send it by GET or POST.", headers={"Allow": "GET, POST"})
        answer = await self._executor.subscribe(graphql_request, caller)
        if isinstance(answer, LivePayloads):
            return self._subscriptions.stream(request, answer, caller, stream_format=acceptance.stream_format)
        assert answer is not None  # noqa: S101  it is a subscription
        return _whole(answer, acceptance)

    async def _access_lost(self, request: Request, caller: Caller, answer: Payloads) -> AccessLost | None:
        """Returns the reason why the caller may not see the rest; None if it may, or if that cannot be checked."""
        try:
            current = await authenticate(request, self._callers, development=self._development)
        except Refusal as refusal:
            return None if refusal.status == 503 else TOKEN_LOST
        return None if current == caller and await answer.is_permitted() else RIGHTS_LOST


def _payload_framing(acceptance: Acceptance) -> Framing | None:
    """Returns the form of the payloads of a query; None if it is answered as a whole."""
    if acceptance.payload_format is not None:
        return IncrementalParts(acceptance.payload_format)
    if acceptance.media_type is None and acceptance.stream_format is not None:
        return FRAMINGS[acceptance.stream_format]
    return None


def _whole(answer: GraphqlResponse, acceptance: Acceptance) -> Response:
    """Returns a response as a whole: as JSON if the client accepts it, else as one payload."""
    media_type = acceptance.media_type
    if media_type is not None:
        return json_response(answer.to_json(), status=_status(answer, media_type), media_type=media_type)
    framing = None if acceptance.stream_format is None else FRAMINGS[acceptance.stream_format]
    return WholeResponse(answer.to_json(), framing or IncrementalParts(acceptance.payload_format or PayloadFormat.IDS))


def _status(answer: GraphqlResponse, media_type: MediaType) -> int:
    """Returns the status code.

    With `application/json`, it says nothing about the GraphQL request: intermediaries send such statuses as well.
    """
    return 400 if media_type is MediaType.GRAPHQL_RESPONSE and not answer.executed else 200
