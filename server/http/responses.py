"""Responses that are no GraphQL results: refusals, shaped as GraphQL errors, so that clients read errors in one way."""

import json
from collections.abc import Mapping
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from k8s.errors import ErrorCode
from resolvers.messages.translation import localize
from server.http.mediatypes import MediaType, negotiate

RETRY_AFTER_S: Final = 1
"""Seconds before a retry when the store does not respond; it is usually back at once."""


class Refusal(Exception):
    """The end of a request with an HTTP status; the message is shown to the client."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        code: ErrorCode = ErrorCode.BAD_USER_INPUT,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.headers = dict(headers or {})


async def refusal_response(request: Request, error: Exception) -> Response:
    """Returns the response to a refusal. Async, since Starlette runs other `exception_handlers` in threads."""
    if not isinstance(error, Refusal):
        raise error
    request.state.error_code = error.code
    return error_response(
        error.status, str(error), code=error.code, headers=error.headers, accept=request.headers.get("accept")
    )


def error_response(
    status: int,
    message: str,
    *,
    code: ErrorCode,
    headers: Mapping[str, str] | None = None,
    accept: str | None = None,
    error_id: str | None = None,
) -> Response:
    """Returns a GraphQL error without `data`, in the media type that the client prefers, or else plain JSON."""
    extensions = {"code": code.value} | ({"id": error_id} if error_id else {})
    body = json.dumps(
        {"errors": [{"message": localize(message), "extensions": extensions}]}, ensure_ascii=False
    ).encode()
    return json_response(body, status=status, media_type=negotiate(accept) or MediaType.JSON, headers=headers)


def json_response(
    body: bytes, *, status: int, media_type: MediaType = MediaType.JSON, headers: Mapping[str, str] | None = None
) -> Response:
    """Returns a response in one of the server's media types; middleware adds the headers for browsers."""
    response = Response(body, status_code=status, media_type=f"{media_type}; charset=utf-8")
    response.headers.update(headers or {})
    return response
