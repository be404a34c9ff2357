"""The audience and the lifetime of a verified token, and the identity of its bearer.

Sources: RFC 7519 section 4.1, OpenID Connect Core 1.0 section 3.1.3.7; the mapping of claims is that of Kubernetes'
structured authentication.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from server.auth.oidc.configuration import RESERVED_PREFIX, ClaimRule, JwtAuthenticator, PrefixedClaim
from server.auth.oidc.errors import TokenRefused

MAX_NAME_CHARACTERS: Final = 256
_LAST_SECOND: Final = 253402300799
"""The end of the year 9999, in seconds since 1970."""

Claims = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class JwtIdentity:
    """The bearer of a token: name and groups, with the prefixes of the issuer."""

    name: str
    groups: frozenset[str]


def require_valid(claims: Claims, trusted: JwtAuthenticator, *, now_s: float) -> None:
    """Raises unless a token of this issuer is meant for fleetgraph, and valid now.

    Args:
        claims: Of a token whose signature is valid.
        trusted: Its issuer.
        now_s: Seconds since 1970.

    Raises:
        TokenRefused: The token is not valid.
    """
    if claims.get("iss") != trusted.issuer.url:
        raise TokenRefused("iss is another issuer")
    _require_audience(claims, trusted)
    _require_time(claims, trusted, now_s)
    for rule in trusted.claim_validation_rules:
        _require_claim(claims, rule)


def identity(claims: Claims, trusted: JwtAuthenticator, *, max_groups: int) -> JwtIdentity:
    """Returns the bearer of a valid token.

    Args:
        claims: Of the token.
        trusted: Its issuer.
        max_groups: The most groups of a caller. More are refused and not cut, since the lost permissions would be
            unknown.

    Raises:
        TokenRefused: The claims have no name, or an invalid one.
    """
    mappings = trusted.claim_mappings
    name = _mapped(claims, mappings.username)
    if not isinstance(name, str):
        raise TokenRefused("the claim of the user name is not a string")
    if mappings.username.names == ("email",) and claims.get("email_verified", True) is not True:
        raise TokenRefused("email_verified is not true")
    groups = mappings.groups
    texts = () if groups is None else _texts(_mapped(claims, groups), "the claim of the groups")
    if len(texts) > max_groups:
        raise TokenRefused(f"the token has {len(texts)} groups, and FLEETGRAPH_MAX_GROUPS is {max_groups}")
    return JwtIdentity(
        _prefixed(mappings.username, name),
        frozenset(_prefixed(groups, text) for text in texts) if groups else frozenset(),
    )


def _mapped(claims: Claims, mapping: PrefixedClaim) -> object:
    """Returns the claim's value; None if it is missing."""
    value: object = claims
    for name in mapping.names:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _require_audience(claims: Claims, trusted: JwtAuthenticator) -> None:
    issuer = trusted.issuer
    if not set(issuer.audiences) & set(_texts(claims.get("aud"), "aud")):
        raise TokenRefused("aud names none of the issuer's audiences")
    party = claims.get("azp")
    if party is not None and party not in (*issuer.audiences, *issuer.authorized_parties):
        raise TokenRefused("azp is neither an audience nor one of authorizedParties")


def _require_time(claims: Claims, trusted: JwtAuthenticator, now_s: float) -> None:
    skew_s = trusted.clock_skew_seconds
    expires_at = _date(claims, "exp")
    if expires_at is None:
        raise TokenRefused("exp is missing")
    if now_s >= expires_at + skew_s:
        raise TokenRefused("the token has expired")
    for name in ("nbf", "iat"):
        valid_from = _date(claims, name)
        if valid_from is not None and valid_from > now_s + skew_s:
            raise TokenRefused(f"{name} is in the future")
    if trusted.max_token_age_seconds is not None:
        issued_at = _date(claims, "iat")
        if issued_at is None or now_s >= issued_at + trusted.max_token_age_seconds + skew_s:
            raise TokenRefused("the token is older than maxTokenAgeSeconds, or has no iat")


def _require_claim(claims: Claims, rule: ClaimRule) -> None:
    if claims.get(rule.claim) != rule.required_value:
        raise TokenRefused(f"the claim {rule.claim} does not have its required value")


def _date(claims: Claims, name: str) -> float | None:
    """Returns a NumericDate (RFC 7519, section 2). A number outside of 1970 to 9999 is a mistake or an attack."""
    value = claims.get(name)
    if value is None and name not in claims:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= _LAST_SECOND:
        raise TokenRefused(f"{name} is not a time")
    return float(value)


def _texts(value: object, label: str) -> Collection[str]:
    """Returns one text, or a list of texts, as a list; empty if there is none."""
    if value is None:
        return ()
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise TokenRefused(f"{label} is neither text nor a list of texts")
    return texts


def _prefixed(claim: PrefixedClaim, value: str) -> str:
    """Returns a name with its prefix.

    Refused are names that a table, a log line or a header cannot hold, and Kubernetes' own.
    """
    name = claim.prefix + value
    if not value or len(name) > MAX_NAME_CHARACTERS or not value.isprintable() or value != value.strip():
        raise TokenRefused(f"a name is empty, unprintable, or with its prefix over {MAX_NAME_CHARACTERS} characters")
    if name.lower().startswith(RESERVED_PREFIX):
        raise TokenRefused("a name begins with 'system:'")
    return name
