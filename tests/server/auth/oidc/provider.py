"""A test identity provider over real HTTPS on loopback: metadata, keys, and tokens right and wrong."""

import base64
import json
import ssl
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from time import time
from typing import Any

from aiohttp import web
from joserfc.errors import SecurityWarning
from joserfc.jwk import ECKey, OKPKey, RSAKey
from joserfc.jws import JWSRegistry, serialize_compact

from tests.controlplane.certificates import CertificateAuthority
from tests.k8s.kubeconfig_samples import authority

Key = RSAKey | ECKey | OKPKey
Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]
AUDIENCE = "fleetgraph"


@cache
def rsa_key(name: str) -> RSAKey:
    """Returns a key for all tests of a run; making one takes a while."""
    return RSAKey.generate_key(2048, {"kid": name}, private=True)


@cache
def ec_key(name: str) -> ECKey:
    """Returns a key on the curve P-256."""
    return ECKey.generate_key("P-256", {"kid": name}, private=True)


@cache
def ed_key(name: str) -> OKPKey:
    """Returns a key of Ed25519."""
    return OKPKey.generate_key("Ed25519", {"kid": name}, private=True)


def part(value: object) -> str:
    """Returns one segment of a compact JWS."""
    text = value if isinstance(value, str) else json.dumps(value)
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def signed(header: Mapping[str, Any], payload: str, key: Key) -> str:
    """Returns a JWS with any header."""
    registry = JWSRegistry(algorithms=[header["alg"]], strict_check_header=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SecurityWarning)  # EdDSA is what many providers still call Ed25519
        return serialize_compact(dict(header), payload, key, registry=registry)


@dataclass
class IdentityProvider:
    """A server of metadata and keys; `answer` replaces its responses, and `paths` are those of its requests."""

    url: str
    authority: CertificateAuthority = field(repr=False)
    keys: list[Key] = field(default_factory=lambda: [rsa_key("first")])
    answer: Answer | None = None
    paths: list[str] = field(default_factory=list)
    jwks_uri: str | None = None

    def claims(self, **changes: Any) -> dict[str, Any]:
        """Returns the claims of a token that is valid now; None leaves one out."""
        now = int(time())
        claims = {"iss": self.url, "aud": AUDIENCE, "sub": "alice", "iat": now, "exp": now + 300, "groups": ["web"]}
        return {name: value for name, value in (claims | changes).items() if value is not None}

    def token(self, *, key: Key | None = None, header: Mapping[str, Any] | None = None, **changes: Any) -> str:
        """Returns a signed token."""
        return self.token_of(json.dumps(self.claims(**changes)), key=key, header=header)

    def token_of(self, payload: str, *, key: Key | None = None, header: Mapping[str, Any] | None = None) -> str:
        """Returns a signed token with any payload."""
        key = key or self.keys[0]
        return signed({"alg": _algorithm(key), "kid": key.kid, "typ": "JWT", **(header or {})}, payload, key)

    def count(self, path: str) -> int:
        """Returns the number of requests for a path."""
        return self.paths.count(path)

    def configuration(self, **changes: Any) -> dict[str, Any]:
        """Returns an entry of `jwt` that trusts it."""
        prefixed = {"claim": "sub", "prefix": "sso:"}
        return {
            "issuer": {
                "url": self.url,
                "audiences": [AUDIENCE],
                "certificateAuthority": self.authority.pem.decode(),
            },
            "claimMappings": {"username": prefixed, "groups": {"claim": "groups", "prefix": "sso:"}},
            **changes,
        }

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Responds to one request."""
        self.paths.append(request.path)
        if self.answer is not None:
            return await self.answer(request)
        if request.path == "/.well-known/openid-configuration":
            return web.json_response(
                {"issuer": self.url, "jwks_uri": f"{self.url}/keys" if self.jwks_uri is None else self.jwks_uri}
            )
        if request.path == "/keys":
            return web.json_response({"keys": [key.as_dict(private=False) for key in self.keys]})
        return web.Response(status=404)


@asynccontextmanager
async def running_provider(tls: ssl.SSLContext | None = None) -> AsyncIterator[IdentityProvider]:
    """Runs a provider, with a usual context if none is given."""
    provider = IdentityProvider("", authority())
    app = web.Application()
    app.router.add_get("/{path:.*}", provider.handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0, handler_cancellation=True)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls or authority().issue().server_context()).start()
        provider.url = f"https://127.0.0.1:{runner.addresses[0][1]}"
        yield provider
    finally:
        await runner.cleanup()


def _algorithm(key: Key) -> str:
    if isinstance(key, RSAKey):
        return "RS256"
    return "ES256" if isinstance(key, ECKey) else "EdDSA"
