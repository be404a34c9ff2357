"""An application that trusts a test identity provider."""

import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from time import time
from typing import Any

import pytest

from resolvers.caller import Caller
from server.auth.oidc.configuration import JwtAuthenticator
from server.auth.oidc.configurationfile import ConfigurationFile
from server.auth.oidc.fetching import KeyFetcher
from server.auth.oidc.keys import IssuerKeys
from server.auth.oidc.providers import IdentityProviders
from tests.server.auth.oidc.provider import IdentityProvider, running_provider
from tests.server.http_parts import Fakes


@dataclass
class Clocks:
    """Time that tests move on: `passed_s` is added to the real one, for keys, files and tokens alike."""

    passed_s: float = 0.0

    def __call__(self) -> float:
        return time() + self.passed_s


@dataclass
class SignIn:
    """The application, and its answers to a token."""

    fakes: Fakes
    provider: IdentityProvider
    providers: IdentityProviders
    clock: Clocks
    file: Path
    statuses: list[int] = field(default_factory=list)

    async def caller(self, token: str) -> Caller | None:
        """Returns the caller of a query; None for the one 401, with nothing executed."""
        before = len(self.fakes.executor.callers)
        response = await self.fakes.post(authorization=f"Bearer {token}")
        self.statuses.append(response.status_code)
        callers = self.fakes.executor.callers[before:]
        if response.status_code == 401:
            assert callers == []
            assert response.json() == UNAUTHENTICATED
            return None
        assert response.status_code == 200
        (caller,) = callers
        return caller

    def configure(self, *jwt: dict[str, Any], **sections: Any) -> None:
        """Writes the file again."""
        write_configuration(self.file, *(jwt or (self.provider.configuration(),)), **sections)


UNAUTHENTICATED = {
    "errors": [
        {
            "message": "A valid token is needed: Authorization: Bearer <token>.",
            "extensions": {"code": "UNAUTHENTICATED"},
        }
    ]
}


def write_configuration(file: Path, *jwt: dict[str, Any], **sections: Any) -> None:
    content = {"apiVersion": "fleetgraph/v1", "kind": "AuthenticationConfiguration", "jwt": list(jwt), **sections}
    file.write_text(json.dumps(content))


@pytest.fixture
async def provider() -> AsyncIterator[IdentityProvider]:
    async with running_provider() as running:
        yield running


@pytest.fixture
async def other_provider() -> AsyncIterator[IdentityProvider]:
    async with running_provider() as running:
        yield running


@pytest.fixture
def fetch_timeout_s() -> float:
    """Returns the timeout of a fetch of keys; tests whose provider never answers have one of their own."""
    return 30.0


@pytest.fixture
async def signing_in(tmp_path: Path, fetch_timeout_s: float) -> AsyncIterator[Callable[..., SignIn]]:
    """Makes the application: `signing_in(provider, entry, ..., administrators=...)`."""
    all_providers: list[IdentityProviders] = []

    def sign_in(provider: IdentityProvider, *jwt: dict[str, Any], **sections: Any) -> SignIn:
        clock = Clocks()
        file = tmp_path / "authentication.json"
        write_configuration(file, *(jwt or (provider.configuration(),)), **sections)

        def keys(trusted: JwtAuthenticator) -> IssuerKeys:
            return IssuerKeys(
                KeyFetcher(trusted, timeout_s=fetch_timeout_s),
                issuer=trusted.issuer.url,
                max_age_s=trusted.jwks_max_age_seconds,
                max_stale_s=trusted.jwks_max_stale_seconds,
                clock=clock,
            )

        providers = IdentityProviders(make_keys=keys, clock=clock)
        all_providers.append(providers)
        fakes = Fakes(configuration=ConfigurationFile(file, clock=clock), providers=providers)
        return SignIn(fakes, provider, providers, clock, file)

    yield sign_in
    for item in all_providers:
        await item.close()


@pytest.fixture
def signed_in(provider: IdentityProvider, signing_in: Callable[..., SignIn]) -> SignIn:
    """Returns an application that trusts one provider."""
    return signing_in(provider)
