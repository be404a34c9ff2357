"""The trusted issuers of JWTs, and the administrators and disabled callers.

Modelled on Kubernetes' AuthenticationConfiguration (apiserver.config.k8s.io), so that its users know the words. The
differences: a prefix is mandatory and holds a colon, and no prefix begins another. So two issuers never make the same
name, and no issuer makes the name of an API token, which holds no colon.
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
    """A section of the file; an unknown key is an error."""

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", frozen=True, hide_input_in_errors=True)


class Issuer(_Section):
    """One identity provider.

    Attributes:
        url: The value of `iss`, letter for letter.
        discovery_url: The URL of its metadata; by default below `url`, as OpenID Connect Discovery 1.0 says.
        jwks_url: The URL of its keys; by default the one in its metadata.
        audiences: One of them must be in `aud`.
        authorized_parties: Values of `azp` that are accepted, in addition to the audiences.
        certificate_authority: PEM of the authorities for the provider's certificate; by default the system's.
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
        """Returns the URL of the provider's metadata."""
        return self.discovery_url or f"{self.url.rstrip('/')}/.well-known/openid-configuration"


class PrefixedClaim(_Section):
    """A claim, and the prefix of its values in fleetgraph.

    Attributes:
        claim: Its name.
        path: Instead, for a nested claim: the names that lead to it, the outermost first.
        prefix: The prefix of its values.
    """

    claim: Text | None = None
    path: Annotated[tuple[Text, ...] | None, Field(min_length=1, max_length=8)] = None
    prefix: Annotated[str, Field(min_length=2, max_length=128)]

    @property
    def names(self) -> tuple[str, ...]:
        """Returns the names that lead to the claim, the outermost first."""
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
            raise ValueError("must hold a colon, such as 'sso:': names of API tokens hold none")
        if value.lower().startswith(RESERVED_PREFIX):
            raise ValueError("must not begin with 'system:', which is Kubernetes' own")
        return value


class ClaimMappings(_Section):
    """The claims of the caller's name and groups."""

    username: PrefixedClaim
    groups: PrefixedClaim | None = None


class ClaimRule(_Section):
    """A claim that must have one value."""

    claim: Text
    required_value: Text


class JwtAuthenticator(_Section):
    """One issuer, and the meaning of its tokens."""

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
            raise ValueError(f"must be among {', '.join(ALGORITHMS)}")
        return value


class UsersAndGroups(_Section):
    """Callers by name, with the prefix of their issuer."""

    users: Annotated[tuple[Text, ...], Field(max_length=_MAX_NAMES)] = ()
    groups: Annotated[tuple[Text, ...], Field(max_length=_MAX_NAMES)] = ()


class AuthenticationConfiguration(_Section):
    """The whole file.

    Attributes:
        administrators: Administrators, in addition to bearers of tokens made with `--admin`.
        disabled: Callers who are refused with any token.
    """

    api_version: Literal["fleetgraph/v1"]
    kind: Literal["AuthenticationConfiguration"]
    jwt: Annotated[tuple[JwtAuthenticator, ...], Field(max_length=16)] = ()
    administrators: UsersAndGroups = UsersAndGroups()
    disabled: UsersAndGroups = UsersAndGroups()

    @model_validator(mode="after")
    def _distinct(self) -> "AuthenticationConfiguration":
        urls = [entry.issuer.url for entry in self.jwt]
        if len(set(urls)) != len(urls):
            raise ValueError("jwt: two entries have the same issuer.url")
        _require_distinct("username", [entry.claim_mappings.username for entry in self.jwt])
        _require_distinct(
            "groups",
            [entry.claim_mappings.groups for entry in self.jwt if entry.claim_mappings.groups],
        )
        return self

    @model_validator(mode="after")
    def _possible(self) -> "AuthenticationConfiguration":
        """Refuses a name that no caller can have: it is a typing mistake."""
        users = tuple(entry.claim_mappings.username.prefix for entry in self.jwt)
        groups = tuple(entry.claim_mappings.groups.prefix for entry in self.jwt if entry.claim_mappings.groups)
        for section, callers in (("administrators", self.administrators), ("disabled", self.disabled)):
            for place, names, prefixes in (("users", callers.users, users), ("groups", callers.groups, groups)):
                for name in names:
                    if ":" in name and not name.startswith(prefixes):
                        raise ValueError(f"{section}.{place}: {name!r} begins with the prefix of no issuer")
        return self


def require_url(url: str) -> None:
    """Refuses a URL that keys must not be fetched from.

    Raises:
        ValueError: It is no https URL (plain http is for this machine only), or has more than scheme, host and path.
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


def _require_distinct(place: str, claims: list[PrefixedClaim]) -> None:
    prefixes = [claim.prefix for claim in claims]
    for index, prefix in enumerate(prefixes):
        for other in prefixes[index + 1 :]:
            if prefix.startswith(other) or other.startswith(prefix):
                raise ValueError(
                    f"jwt: the prefixes {prefix!r} and {other!r} of claimMappings.{place} begin alike, so two issuers "
                    "could make the same name"
                )
