"""Who vouches for callers: the issuers of JWTs, and which callers are administrators.

Modelled on Kubernetes' AuthenticationConfiguration (apiserver.config.k8s.io), so that an operator who has written one
knows the words. Different here: a prefix is always there and holds a colon, no prefix begins another, so two issuers
never make the same name, and no issuer makes a name of an API token's, which holds no colon.
"""

import re
from typing import Annotated, Final, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator
from pydantic.alias_generators import to_camel

from server.auth.oidc.signatures import ALGORITHMS

RESERVED_PREFIX: Final = "system:"
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_UNSAFE: Final = re.compile(r"[\s\x00-\x1f\x7f\\]")
_MAX_NAMES: Final = 1000

Text = Annotated[str, Field(min_length=1, max_length=256)]


class _Section(BaseModel):
    """A section of the file; a key that means nothing is an error."""

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", frozen=True, hide_input_in_errors=True)


class Issuer(_Section):
    """One identity provider.

    Attributes:
        url: what stands in `iss`, letter for letter.
        discovery_url: where its metadata is; default: below `url`, as OpenID Connect Discovery 1.0 says.
        jwks_url: where its keys are; default: what its metadata says.
        audiences: one of them must stand in `aud`.
        authorized_parties: what may stand in `azp` beside the audiences.
        certificate_authority: PEM of those who sign the provider's certificate; default: the system's.
    """

    url: Text
    discovery_url: Annotated[Text | None, Field(alias="discoveryURL")] = None
    jwks_url: Annotated[Text | None, Field(alias="jwksURL")] = None
    audiences: Annotated[tuple[Text, ...], Field(min_length=1, max_length=64)]
    authorized_parties: Annotated[tuple[Text, ...], Field(max_length=64)] = ()
    certificate_authority: str | None = None

    @field_validator("url", "discovery_url", "jwks_url")
    @classmethod
    def _url(cls, value: str | None) -> str | None:
        if value is not None:
            require_url(value)
        return value

    @property
    def metadata_url(self) -> str:
        """Where the provider says where its keys are."""
        return self.discovery_url or f"{self.url.rstrip('/')}/.well-known/openid-configuration"


class PrefixedClaim(_Section):
    """A claim, and what its values begin with here.

    Attributes:
        claim: its name.
        path: or, of one inside others, the names that lead to it, the outermost first.
        prefix: what its values begin with.
    """

    claim: Text | None = None
    path: Annotated[tuple[Text, ...] | None, Field(min_length=1, max_length=8)] = None
    prefix: Annotated[str, Field(min_length=2, max_length=128)]

    @property
    def names(self) -> tuple[str, ...]:
        """What leads to the claim, the outermost first."""
        return self.path or (self.claim or "",)

    @model_validator(mode="after")
    def _one_place(self) -> "PrefixedClaim":
        if (self.claim is None) is (self.path is None):
            raise ValueError("needs either claim or path")
        return self

    @field_validator("prefix")
    @classmethod
    def _prefix(cls, value: str) -> str:
        if ":" not in value or not value.isprintable() or value != value.lstrip():
            raise ValueError("must hold a colon, as 'sso:', so that no API token can have the same name")
        if value.lower().startswith(RESERVED_PREFIX):
            raise ValueError("must not begin with 'system:', which is Kubernetes' own")
        return value


class ClaimMappings(_Section):
    """Where the caller's name and groups come from."""

    username: PrefixedClaim
    groups: PrefixedClaim | None = None


class ClaimRule(_Section):
    """A claim that must have one value."""

    claim: Text
    required_value: Text


class JwtAuthenticator(_Section):
    """One issuer, and what its tokens mean."""

    issuer: Issuer
    claim_mappings: ClaimMappings
    claim_validation_rules: Annotated[tuple[ClaimRule, ...], Field(max_length=64)] = ()
    algorithms: Annotated[tuple[str, ...], Field(min_length=1)] = ("RS256", "PS256", "ES256", "Ed25519", "EdDSA")
    clock_skew_seconds: Annotated[int, Field(ge=0, le=300)] = 60
    max_token_age_seconds: Annotated[int, Field(ge=60, le=365 * 86400)] | None = None
    jwks_max_age_seconds: Annotated[int, Field(ge=10, le=86400)] = 300
    jwks_max_stale_seconds: Annotated[int, Field(ge=0, le=7 * 86400)] = 86400

    @field_validator("algorithms")
    @classmethod
    def _algorithms(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not set(value) <= set(ALGORITHMS):
            raise ValueError(f"may hold {', '.join(ALGORITHMS)}")
        return value


class UsersAndGroups(_Section):
    """Callers by name, with the prefix of their issuer."""

    users: Annotated[tuple[Text, ...], Field(max_length=_MAX_NAMES)] = ()
    groups: Annotated[tuple[Text, ...], Field(max_length=_MAX_NAMES)] = ()


class AuthenticationConfiguration(_Section):
    """The whole file.

    Attributes:
        administrators: who is one, besides bearers of tokens made with `--admin`.
        disabled: who is refused, whatever token they bring.
    """

    api_version: Literal["fleetgraph/v1"]
    kind: Literal["AuthenticationConfiguration"]
    jwt: Annotated[tuple[JwtAuthenticator, ...], Field(max_length=16)] = ()
    administrators: UsersAndGroups = UsersAndGroups()
    disabled: UsersAndGroups = UsersAndGroups()

    @model_validator(mode="after")
    def _distinct(self) -> "AuthenticationConfiguration":
        urls = [each.issuer.url for each in self.jwt]
        if len(set(urls)) != len(urls):
            raise ValueError("jwt: two entries have the same issuer.url")
        _require_distinct("username", [each.claim_mappings.username for each in self.jwt])
        _require_distinct("groups", [each.claim_mappings.groups for each in self.jwt if each.claim_mappings.groups])
        return self

    @model_validator(mode="after")
    def _possible(self) -> "AuthenticationConfiguration":
        """A name that nobody can have is a mistake in writing, and would be found too late."""
        users = tuple(each.claim_mappings.username.prefix for each in self.jwt)
        groups = tuple(each.claim_mappings.groups.prefix for each in self.jwt if each.claim_mappings.groups)
        for section, named in (("administrators", self.administrators), ("disabled", self.disabled)):
            for what, names, prefixes in (("users", named.users, users), ("groups", named.groups, groups)):
                for name in names:
                    if ":" in name and not name.startswith(prefixes):
                        raise ValueError(f"{section}.{what}: {name!r} begins with the prefix of no issuer")
        return self


def require_url(url: str) -> None:
    """Refuses what keys must not be fetched from.

    Raises:
        ValueError: It is no https URL (plain http is for this machine only), or holds more than scheme, host and path.
    """
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError:
        host, parts = None, urlsplit("")
    is_local = parts.scheme == "http" and host in _LOOPBACK
    if not host or _UNSAFE.search(url) or not (parts.scheme == "https" or is_local):
        raise ValueError("must be an https:// URL (http:// only for this machine)")
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise ValueError("must have no user, query or fragment")


def _require_distinct(what: str, claims: list[PrefixedClaim]) -> None:
    prefixes = [each.prefix for each in claims]
    for index, prefix in enumerate(prefixes):
        for other in prefixes[index + 1 :]:
            if prefix.startswith(other) or other.startswith(prefix):
                raise ValueError(
                    f"jwt: the prefixes {prefix!r} and {other!r} of claimMappings.{what} begin alike, so two issuers "
                    "could make the same name"
                )
