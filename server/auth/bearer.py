"""Who asks: the bearer of a token (RFC 6750, section 2.1: the header, and no other place), or the demo's user."""

import re
from typing import Final, Protocol

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection

from k8s.errors import ErrorCode
from resolvers.caller import Caller
from server.auth.development import DevelopmentIdentity
from server.http.responses import RETRY_AFTER_S, Refusal
from store.errors import StoreUnavailable

API_TOKEN_PREFIX: Final = "fgt_"  # noqa: S105  what all of them begin with

_BEARER: Final = re.compile(r"bearer +(\S+)", re.IGNORECASE | re.ASCII)


class TokenAuthenticator(Protocol):
    """Who says whose a token is."""

    async def caller(self, token: str) -> Caller | None:
        """The bearer of a valid token; raises `StoreUnavailable`."""
        ...


async def authenticate(
    request: HTTPConnection, callers: TokenAuthenticator, *, development: DevelopmentIdentity | None = None
) -> Caller:
    """The caller.

    Args:
        request: Only its headers and its sender are looked at.
        callers: Who says whose a token is.
        development: Who asks without a token, if somebody may; a token that is sent is verified all the same.

    Raises:
        Refusal: 401 without exactly one valid token, whatever is wrong with it; 403 if the request may not be the
            development identity's; 503 if the store cannot tell.
    """
    if development is not None:
        development.check(request)
        if "authorization" not in request.headers:
            return Caller(name=development.name, is_administrator=True)
    caller = await _bearer(bearer_token(request.headers), callers)
    if caller is None:
        raise _unauthenticated()
    return caller


async def _bearer(token: str | None, callers: TokenAuthenticator) -> Caller | None:
    try:
        return None if token is None else await callers.caller(token)
    except StoreUnavailable as error:
        raise Refusal(
            503,
            "Tokens cannot be verified now; try again.",
            code=ErrorCode.INTERNAL,
            headers={"Retry-After": str(RETRY_AFTER_S)},
        ) from error


def bearer_token(headers: Headers) -> str | None:
    """The token of the one Authorization header, if there is exactly one and it holds exactly one."""
    values = headers.getlist("authorization")
    found = _BEARER.fullmatch(values[0]) if len(values) == 1 else None
    return found[1] if found else None


def _unauthenticated() -> Refusal:
    """Always the same: what is wrong with a token is nobody's business who has none that is right."""
    return Refusal(
        401,
        "A valid token is needed: Authorization: Bearer <token>.",
        code=ErrorCode.UNAUTHENTICATED,
        headers={"WWW-Authenticate": 'Bearer realm="fleetgraph"'},
    )
