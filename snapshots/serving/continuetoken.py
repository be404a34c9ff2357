"""Continue tokens: the next key and the version of a list.

The format is that of API servers (`storage` of k8s.io/apiserver), so that the same tokens are refused.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from dataclasses import dataclass
from typing import Final

import msgspec

from snapshots.serving.status import RequestRefused, bad_request

_VERSION: Final = "meta.k8s.io/v1"
LATEST: Final = -1
"""Used as a version: the current list, possibly inconsistent with the earlier pages."""


class _TokenJson(msgspec.Struct):
    v: str = ""
    rv: int = 0
    start: str = ""


_DECODER = msgspec.json.Decoder(_TokenJson)


@dataclass(frozen=True, slots=True)
class ContinueToken:
    """The position of the next page.

    Attributes:
        resource_version: The version of the list's first page, or `LATEST`.
        start: The lowest key of the next page, relative to the listed namespace.
    """

    resource_version: int
    start: str

    def encoded(self) -> str:
        """Returns the token as clients see it."""
        token = msgspec.json.encode(_TokenJson(_VERSION, self.resource_version, f"/{self.start}"))
        return urlsafe_b64encode(token).rstrip(b"=").decode("ascii")


def after(key: str, resource_version: int) -> ContinueToken:
    """Returns the token of the page after a key."""
    return ContinueToken(resource_version, f"{key}\0")


def read_token(text: str) -> ContinueToken:
    """Decodes the token of a client.

    Raises:
        RequestRefused: It is not a token of an API server.
    """
    token = _decoded(text)
    if token.v != _VERSION:
        raise _not_valid(f"server does not recognize this encoded version {token.v}")
    if not token.rv:
        raise _not_valid(f"incorrect encoded start resourceVersion (version {_VERSION})")
    if not token.start:
        raise _not_valid(f"encoded start key empty (version {_VERSION})")
    start = token.start.removeprefix("/")
    if start and not {"", ".", ".."}.isdisjoint(start.split("/")):
        raise _not_valid(token.start)
    return ContinueToken(max(token.rv, LATEST), start)


def _decoded(text: str) -> _TokenJson:
    try:
        if not text.isascii() or "=" in text or "+" in text or "/" in text:
            raise _not_valid("illegal base64 data")
        return _DECODER.decode(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (Error, ValueError) as error:
        raise _not_valid("it holds nothing that a server has written") from error


def _not_valid(cause: str) -> RequestRefused:
    return bad_request(f"invalid continue token: continue key is not valid: {cause}")
