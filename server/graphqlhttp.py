"""`POST /graphql`: the GraphQL-over-HTTP specification's rules, in the order in which a request meets them.

Source: https://graphql.github.io/graphql-over-http/draft/
"""

from dataclasses import dataclass, replace
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from resolvers.caller import Caller
from server.authentication import authenticate
from server.callers import KnowsCallers
from server.development import DevelopmentIdentity
from server.execution import Answer, Executes, GraphqlRequest, Payloads
from server.graphqlrequest import decode_request
from server.mediatypes import MULTIPART, MediaType, is_json, negotiate, payload_format
from server.multipart import PayloadsResponse, whole_response
from server.presence import while_connected
from server.replies import Refusal, json_response
from server.requestbody import read_body

EXPLAIN_HEADER: Final = "Fleetgraph-Explain"
"""With `1`, the answer's `extensions.explain` says what it cost."""


@dataclass(frozen=True, slots=True)
class HttpLimits:
    """Bounds of one request; each is a setting (docs/settings.md).

    Attributes:
        body_bytes: The largest body.
        body_timeout_s: Seconds in which the whole body must have arrived.
    """

    body_bytes: int = 2_000_000
    body_timeout_s: float = 10.0


class GraphqlEndpoint:
    """Answers GraphQL requests over HTTP; every refusal is a `Refusal`."""

    def __init__(
        self,
        executor: Executes,
        callers: KnowsCallers,
        *,
        limits: HttpLimits,
        development: DevelopmentIdentity | None = None,
    ) -> None:
        self._executor = executor
        self._callers = callers
        self._development = development
        self._limits = limits

    async def post(self, request: Request) -> Response:
        """The answer to one request."""
        caller = await authenticate(request, self._callers, development=self._development)
        request.state.caller = caller.name
        media_type = _accepted(request)
        if not is_json(request.headers.get("content-type")):
            raise Refusal(415, "Send the request as application/json in UTF-8.", headers={"Accept": MediaType.JSON})
        body = await read_body(request, limit_bytes=self._limits.body_bytes, timeout_s=self._limits.body_timeout_s)
        asked = replace(decode_request(body), is_explained=_is_explained(request))
        answer = await while_connected(request.receive, self._answered(request, asked, caller))
        if isinstance(answer, Response):
            return answer
        return json_response(answer.to_json(), status=_status(answer, media_type), media_type=media_type)

    async def _answered(self, request: Request, asked: GraphqlRequest, caller: Caller) -> Answer | Response:
        """The whole answer; a response in payloads for who accepts them, if something is deferred."""
        accept = _accept(request)
        written_in = payload_format(accept)
        if written_in is None:
            return await self._executor.execute(asked, caller)
        answer = await self._executor.deliver(asked, caller, written_in)
        if isinstance(answer, Payloads):
            return PayloadsResponse(answer, written_in)
        return answer if negotiate(accept) is not None else whole_response(answer.to_json(), written_in)


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
