"""The segments of a JWT (RFC 7515, section 7.1; RFC 7519), decoded and not yet trusted.

JSON is read more strictly than the RFCs ask: a repeated name is refused (RFC 7519, section 4 allows either), so that no
two readers can see different claims.
"""

import base64
import binascii
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Never

from server.auth.oidc.errors import TokenRefused

_FORM: Final = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)")
_TYPES: Final = frozenset({"jwt", "at+jwt", "application/jwt", "application/at+jwt"})
_MAX_KEY_ID_CHARACTERS: Final = 256


@dataclass(frozen=True, slots=True)
class CompactJwt:
    """The segments of a JWT.

    Attributes:
        text: The token itself.
        algorithm: The algorithm that the token claims; only a configured one is ever used.
        key_id: The id of the issuer's key that it claims to be signed with.
    """

    text: str = field(repr=False)
    algorithm: str
    key_id: str
    claims: Mapping[str, object] = field(repr=False)


def parse_jwt(text: str, *, max_bytes: int) -> CompactJwt:
    """Splits and decodes a token.

    Raises:
        TokenRefused: It is too large, or not a JWT that is ever accepted.
    """
    if len(text) > max_bytes:
        raise TokenRefused("the token is larger than FLEETGRAPH_MAX_BEARER_BYTES")
    matched = _FORM.fullmatch(text)
    if matched is None:
        raise TokenRefused("the token is not a JWS in compact form")
    header, claims = (_json_object(segment) for segment in matched.group(1, 2))
    if "crit" in header or "b64" in header:
        raise TokenRefused("the header has critical extensions")
    type_ = header.get("typ", "JWT")
    if not isinstance(type_, str) or type_.lower() not in _TYPES:
        raise TokenRefused("the header's typ is not that of an ID token or access token")
    algorithm, key_id = header.get("alg"), header.get("kid")
    if not isinstance(algorithm, str) or not isinstance(key_id, str):
        raise TokenRefused("the header has no alg or no kid")
    if not 0 < len(key_id) <= _MAX_KEY_ID_CHARACTERS:
        raise TokenRefused("the header's kid is empty or too long")
    return CompactJwt(text, algorithm, key_id, claims)


def _json_object(segment: str) -> Mapping[str, object]:
    try:
        decoded = base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4)).decode()
        value = json.loads(decoded, object_pairs_hook=_without_repeats, parse_constant=_refuse_constant)
    except (binascii.Error, ValueError, RecursionError):
        raise TokenRefused("a part of the token is not JSON in base64url") from None
    if not isinstance(value, dict):
        raise TokenRefused("a part of the token is not a JSON object")
    return value


def _without_repeats(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a name is repeated")
    return members


def _refuse_constant(_name: str) -> Never:
    raise ValueError("NaN and Infinity are not JSON")
