"""Authentication by a bearer token (RFC 6750, section 2.1: in the header, nowhere else), or as the demo's user."""

import base64
import binascii
import re
from typing import Final, Protocol

import msgspec
from starlette.datastructures import Headers
from starlette.requests import HTTPConnection

from k8s.errors import ErrorCode
from resolvers.caller import Caller
from server.auth.development import DevelopmentIdentity
from server.http.responses import RETRY_AFTER_S, Refusal
from store.errors import StoreUnavailable

API_TOKEN_PREFIX: Final = "fgt_"  # noqa: S105  the prefix of every API token

_BEARER: Final = re.compile(r"bearer +(\S+)", re.IGNORECASE | re.ASCII)


_SEGMENTS: Final = 3


class _Claims(msgspec.Struct):
    exp: float | None = None


_CLAIMS: Final = msgspec.json.Decoder(_Claims)


class TokenAuthenticator(Protocol):
    """The authenticator of bearer tokens."""

    async def caller(self, token: str) -> Caller | None:
        """Returns the bearer of a valid token, or None. Raises `StoreUnavailable`."""
        ...


async def authenticate(
    request: HTTPConnection, callers: TokenAuthenticator, *, development: DevelopmentIdentity | None = None
) -> Caller:
    """Returns the caller of a request.

    Args:
        request: Only its headers and its client address are used.
        callers: Authenticates tokens.
        development: The identity of requests without a token, if they are allowed. A token is verified all the same.

    Raises:
        Refusal: 401 without exactly one valid token; 403 if the request cannot be the development
            identity's; 503 if the store cannot verify tokens.
    """
    if development is not None:
        development.check(request)
        if "authorization" not in request.headers:
            return Caller(name=development.name, is_administrator=True)
    return await caller_of(bearer_token(request.headers), callers)


async def caller_of(token: str | None, callers: TokenAuthenticator) -> Caller:
    """Returns the bearer of a token; raises `Refusal` as `authenticate`."""
    caller = await _bearer(token, callers)
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
    """Returns the token of the Authorization header, if there is exactly one header with exactly one token."""
    values = headers.getlist("authorization")
    match = _BEARER.fullmatch(values[0]) if len(values) == 1 else None
    return match[1] if match else None


def expires_at_s(token: str) -> float | None:
    """Returns the expiry of a JWT that was verified; None for other tokens, which the store knows.

    Verification allows for clocks that differ (`clockSkewSeconds`), which what runs for long does not need.
    """
    segments = token.split(".")
    if len(segments) != _SEGMENTS:
        return None
    try:
        text = base64.urlsafe_b64decode(segments[1] + "=" * (-len(segments[1]) % 4))
        return _CLAIMS.decode(text).exp
    except (binascii.Error, msgspec.MsgspecError, ValueError):
        return None


def _unauthenticated() -> Refusal:
    """Returns the same refusal for every cause: a message about the token would help an attacker."""
    return Refusal(
        401,
        "A valid token is needed: Authorization: Bearer <token>.",
        code=ErrorCode.UNAUTHENTICATED,
        headers={"WWW-Authenticate": 'Bearer realm="fleetgraph"'},
    )
