"""Continue tokens: from where a list goes on, and in which version of it.

The same format as API servers' (`storage` of k8s.io/apiserver), so that the same tokens are refused.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from dataclasses import dataclass
from typing import Final

import msgspec

from snapshots.serving.status import Refused, bad_request

_VERSION: Final = "meta.k8s.io/v1"
LATEST: Final = -1
"""In place of a version: the list as it is now, consistent with the pages before or not."""


class _Written(msgspec.Struct):
    v: str = ""
    rv: int = 0
    start: str = ""


_DECODER = msgspec.json.Decoder(_Written)


@dataclass(frozen=True, slots=True)
class ContinueToken:
    """Where to go on.

    Attributes:
        resource_version: of the list's first page, or `LATEST`.
        start: the first key that may follow, relative to the namespace that is listed.
    """

    resource_version: int
    start: str

    def written(self) -> str:
        """The token as clients see it."""
        written = msgspec.json.encode(_Written(_VERSION, self.resource_version, f"/{self.start}"))
        return urlsafe_b64encode(written).rstrip(b"=").decode("ascii")


def after(key: str, resource_version: int) -> ContinueToken:
    """The token for what follows a key."""
    return ContinueToken(resource_version, f"{key}\0")


def read_token(text: str) -> ContinueToken:
    """The token that a client sends back.

    Raises:
        Refused: it is none of an API server's.
    """
    written = _decoded(text)
    if written.v != _VERSION:
        raise _not_valid(f"server does not recognize this encoded version {written.v}")
    if not written.rv:
        raise _not_valid(f"incorrect encoded start resourceVersion (version {_VERSION})")
    if not written.start:
        raise _not_valid(f"encoded start key empty (version {_VERSION})")
    start = written.start.removeprefix("/")
    if start and not {"", ".", ".."}.isdisjoint(start.split("/")):
        raise _not_valid(written.start)
    return ContinueToken(max(written.rv, LATEST), start)


def _decoded(text: str) -> _Written:
    try:
        if not text.isascii() or "=" in text or "+" in text or "/" in text:
            raise _not_valid("illegal base64 data")
        return _DECODER.decode(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (Error, ValueError) as error:
        raise _not_valid("it holds nothing that a server has written") from error


def _not_valid(why: str) -> Refused:
    return bad_request(f"invalid continue token: continue key is not valid: {why}")
