"""The identity of a JWT's bearer: by its issuer, the issuer's key, and its claims. The result is not cached."""

from collections.abc import Callable
from dataclasses import dataclass
from time import time

import structlog

from server.auth.oidc.claims import JwtIdentity, identity, require_valid
from server.auth.oidc.compact import parse_jwt
from server.auth.oidc.configuration import JwtAuthenticator
from server.auth.oidc.errors import OidcError, TokenRefused
from server.auth.oidc.fetching import KeyFetcher
from server.auth.oidc.keys import IssuerKeys
from server.auth.oidc.signatures import verify_signature

_LOG = structlog.stdlib.get_logger("server.oidc")

MakeKeys = Callable[[JwtAuthenticator], IssuerKeys]


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenLimits:
    """Limits of one token; each is a setting (docs/settings.md).

    Attributes:
        token_bytes: The largest token.
        groups: The most groups of its bearer.
    """

    token_bytes: int = 8192
    groups: int = 200


@dataclass(frozen=True, slots=True)
class _Trusted:
    issuer: JwtAuthenticator
    keys: IssuerKeys


def fetched_keys(trusted: JwtAuthenticator) -> IssuerKeys:
    """Returns the cached keys of an issuer, which are fetched from it."""
    return IssuerKeys(
        KeyFetcher(trusted),
        issuer=trusted.issuer.url,
        max_age_s=trusted.jwks_max_age_seconds,
        max_stale_s=trusted.jwks_max_stale_seconds,
    )


class IdentityProviders:
    """The trusted issuers. The keys of an issuer that stays the same are reused when others change."""

    def __init__(
        self,
        *,
        limits: TokenLimits | None = None,
        make_keys: MakeKeys = fetched_keys,
        clock: Callable[[], float] = time,
    ) -> None:
        """Trusts no issuer yet.

        Args:
            limits: Of one token.
            make_keys: Makes the keys of an issuer.
            clock: Seconds since 1970.
        """
        self._limits = limits or TokenLimits()
        self._make_keys = make_keys
        self._clock = clock
        self._trusted: dict[str, _Trusted] = {}

    def trust(self, issuers: tuple[JwtAuthenticator, ...]) -> None:
        """Trusts these issuers and no others."""
        previous = self._trusted
        self._trusted = {}
        for authenticator in issuers:
            before = previous.get(authenticator.issuer.url)
            is_same = before is not None and before.issuer == authenticator
            self._trusted[authenticator.issuer.url] = (
                before if before and is_same else _Trusted(authenticator, self._make_keys(authenticator))
            )

    async def identity(self, text: str) -> JwtIdentity | None:
        """Returns the bearer of a token; None if it is not valid. Only the log has the reason."""
        try:
            return await self.verified(text)
        except OidcError as error:
            _LOG.info("JWT refused", reason=str(error))
            return None

    async def close(self) -> None:
        """Cancels running fetches."""
        for trusted in self._trusted.values():
            await trusted.keys.close()

    async def verified(self, text: str) -> JwtIdentity:
        """Returns the bearer of a token.

        Raises:
            OidcError: It is not valid; the reason is for the operator.
        """
        token = parse_jwt(text, max_bytes=self._limits.token_bytes)
        issuer_url = token.claims.get("iss")
        trusted = self._trusted.get(issuer_url) if isinstance(issuer_url, str) else None
        if trusted is None:
            raise TokenRefused("iss is not a trusted issuer")
        issuer = trusted.issuer
        if token.algorithm not in issuer.algorithms:
            raise TokenRefused("the alg is none of the issuer's algorithms")
        require_valid(token.claims, issuer, now_s=self._clock())  # before its key is fetched, which can cost a request
        verify_signature(token, await trusted.keys.key(token.key_id))
        return identity(token.claims, issuer, max_groups=self._limits.groups)
