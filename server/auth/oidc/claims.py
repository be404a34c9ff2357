"""For whom and how long a verified token is valid, and who its bearer is.

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
"""The end of the year 9999."""

Claims = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class JwtIdentity:
    """The bearer of a token: its name and groups, with the prefixes of its issuer."""

    name: str
    groups: frozenset[str]


def require_valid(claims: Claims, trusted: JwtAuthenticator, *, now_s: float) -> None:
    """Whether a token of this issuer is for us, and valid now.

    Args:
        claims: Of a token whose signature is right.
        trusted: Its issuer.
        now_s: Seconds since 1970.

    Raises:
        TokenRefused: It is not.
    """
    if claims.get("iss") != trusted.issuer.url:
        raise TokenRefused("iss is another issuer")
    _require_audience(claims, trusted)
    _require_time(claims, trusted, now_s)
    for rule in trusted.claim_validation_rules:
        _require_claim(claims, rule)


def identity(claims: Claims, trusted: JwtAuthenticator, *, max_groups: int) -> JwtIdentity:
    """Who the bearer of a valid token is.

    Args:
        claims: Of the token.
        trusted: Its issuer.
        max_groups: The most groups that a caller may have; more are refused and not cut, since nobody could tell which
            rights were lost.

    Raises:
        TokenRefused: The claims give no name, or one that a caller may not have.
    """
    mappings = trusted.claim_mappings
    name = _mapped(claims, mappings.username)
    if not isinstance(name, str):
        raise TokenRefused("the claim of the user name is no text")
    if mappings.username.names == ("email",) and claims.get("email_verified", True) is not True:
        raise TokenRefused("email_verified is not true")
    groups = mappings.groups
    found = () if groups is None else _texts(_mapped(claims, groups), "the claim of the groups")
    if len(found) > max_groups:
        raise TokenRefused(f"the token has {len(found)} groups, and FLEETGRAPH_MAX_GROUPS is {max_groups}")
    return JwtIdentity(
        _prefixed(mappings.username, name),
        frozenset(_prefixed(groups, each) for each in found) if groups else frozenset(),
    )


def _mapped(claims: Claims, mapping: PrefixedClaim) -> object:
    """The claim's value; None if it is not there."""
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
    ends = _date(claims, "exp")
    if ends is None:
        raise TokenRefused("exp is missing")
    if now_s >= ends + skew_s:
        raise TokenRefused("the token has expired")
    for name in ("nbf", "iat"):
        begins = _date(claims, name)
        if begins is not None and begins > now_s + skew_s:
            raise TokenRefused(f"{name} is in the future")
    if trusted.max_token_age_seconds is not None:
        issued = _date(claims, "iat")
        if issued is None or now_s >= issued + trusted.max_token_age_seconds + skew_s:
            raise TokenRefused("the token is older than maxTokenAgeSeconds, or has no iat")


def _require_claim(claims: Claims, rule: ClaimRule) -> None:
    if claims.get(rule.claim) != rule.required_value:
        raise TokenRefused(f"the claim {rule.claim} has not its required value")


def _date(claims: Claims, name: str) -> float | None:
    """A NumericDate (RFC 7519, section 2); a number that is no time of this era is a mistake or an attack."""
    value = claims.get(name)
    if value is None and name not in claims:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= _LAST_SECOND:
        raise TokenRefused(f"{name} is no time")
    return float(value)


def _texts(value: object, what: str) -> Collection[str]:
    """One text or a list of them; nothing is none."""
    if value is None:
        return ()
    found = [value] if isinstance(value, str) else value
    if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
        raise TokenRefused(f"{what} is neither text nor a list of texts")
    return found


def _prefixed(claim: PrefixedClaim, value: str) -> str:
    """A name here; what a table, a log line or a header cannot hold, or Kubernetes keeps for itself, is refused."""
    name = claim.prefix + value
    if not value or len(name) > MAX_NAME_CHARACTERS or not value.isprintable() or value != value.strip():
        raise TokenRefused(f"a name is empty, unprintable, or with its prefix over {MAX_NAME_CHARACTERS} characters")
    if name.lower().startswith(RESERVED_PREFIX):
        raise TokenRefused("a name begins with 'system:'")
    return name
