"""Small fakes around the HTTP application, and a client that talks to it without a network."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache

import httpx
from starlette.applications import Starlette
from starlette.types import Scope

from graph.incremental.payloads import PayloadFormat
from graph.request import GraphqlRequest
from resolvers.audit.auditor import Auditor
from resolvers.caller import Caller
from resolvers.fleet.cluster import FleetCluster
from resolvers.memory.budget import MemoryBudget
from server.app.app import create_app
from server.app.config import AppConfig
from server.app.draining import Draining
from server.app.endpoint import HttpLimits
from server.app.metrics import MetricsPolicy
from server.app.persisteddocuments import PersistedDocuments
from server.auth.bearer import TokenAuthenticator
from server.auth.callers import Callers
from server.auth.development import DevelopmentIdentity
from server.auth.oidc.configurationfile import ConfigurationFile
from server.auth.oidc.configuredcallers import ConfiguredCallers
from server.auth.oidc.providers import IdentityProviders
from server.http.graphqlexecutor import GraphqlResponse, LivePayloads, Payloads
from server.live.limits import LiveLimits
from server.observe.metrics import Metrics
from server.ratelimit.anonymous import AnonymousLimits
from server.ratelimit.ratelimit import CallerLimits
from store.tokens import TokenRecord

TOKEN = "fgt_0123456789ab_canary-canary-canary-canary-canary-canary-c"
AUTHORIZED = {"Authorization": f"Bearer {TOKEN}"}


def record(*, is_administrator: bool = True) -> TokenRecord:
    return TokenRecord(
        id="1",
        name="ci",
        prefix="0123456789ab",
        user="robot",
        groups=frozenset({"ci"}),
        is_administrator=is_administrator,
        created_at=datetime.now(UTC),
        expires_at=None,
        last_used_at=None,
        revoked_at=None,
    )


@dataclass
class FakeTokens:
    """A store of one token. It raises `error` if there is one, and waits for `gate` if there is one."""

    valid: str = TOKEN
    record: TokenRecord = field(default_factory=record)
    error: Exception | None = None
    verified: list[str] = field(default_factory=list)
    gate: asyncio.Event | None = None

    async def verify(self, plaintext: str) -> TokenRecord | None:
        self.verified.append(plaintext)
        if self.gate is not None:
            await self.gate.wait()
        if self.error is not None:
            raise self.error
        return self.record if plaintext == self.valid else None


@dataclass(frozen=True)
class FakeAnswer:
    body: bytes = b'{"data":{"ok":true}}'
    executed: bool = True
    needs_post: bool = False
    needs_stream: bool = False

    def to_json(self) -> bytes:
        return self.body


@dataclass
class FakeExecutor:
    """An executor that records its requests; with `gate` it responds only when that is set."""

    answer: FakeAnswer = field(default_factory=FakeAnswer)
    payloads: Payloads | None = None
    subscription: LivePayloads | GraphqlResponse | None = None
    error: Exception | None = None
    gate: asyncio.Event | None = None
    requests: list[GraphqlRequest] = field(default_factory=list)
    callers: list[Caller] = field(default_factory=list)
    started: asyncio.Event = field(default_factory=asyncio.Event)
    was_cancelled: bool = False
    sdl: str = "type Query {\n  ok: Boolean\n}\n"

    async def clusters(self, caller: Caller) -> Sequence[FleetCluster]:
        return ()

    async def sdl_of(self, caller: Caller) -> str:
        if self.error is not None:
            raise self.error
        return f"{self.sdl}# of {caller.name}\n"

    async def execute(self, request: GraphqlRequest, caller: Caller) -> GraphqlResponse:
        self.requests.append(request)
        self.callers.append(caller)
        self.started.set()
        if self.error is not None:
            raise self.error
        if self.gate is not None:
            await self._wait(self.gate)
        return self.answer

    async def deliver(
        self, request: GraphqlRequest, caller: Caller, payload_format: PayloadFormat
    ) -> GraphqlResponse | Payloads:
        answer = await self.execute(request, caller)
        return self.payloads or answer

    async def subscribe(self, request: GraphqlRequest, caller: Caller) -> LivePayloads | GraphqlResponse | None:
        self.requests.append(request)
        return self.subscription

    async def _wait(self, gate: asyncio.Event) -> None:
        try:
            await gate.wait()
        except asyncio.CancelledError:
            self.was_cancelled = True
            raise


@dataclass
class FakeStore:
    error: Exception | None = None

    async def check(self) -> None:
        if self.error is not None:
            raise self.error


@dataclass
class Fakes:
    executor: FakeExecutor = field(default_factory=FakeExecutor)
    tokens: FakeTokens = field(default_factory=FakeTokens)
    store: FakeStore = field(default_factory=FakeStore)
    draining: Draining = field(default_factory=Draining)
    limits: HttpLimits = field(default_factory=HttpLimits)
    development: DevelopmentIdentity | None = None
    configuration: ConfigurationFile | None = None
    providers: IdentityProviders | None = None
    documents: PersistedDocuments = field(default_factory=PersistedDocuments)
    caller_limits: CallerLimits = field(default_factory=CallerLimits)
    anonymous_limits: AnonymousLimits = field(default_factory=AnonymousLimits)
    live_limits: LiveLimits = field(default_factory=LiveLimits)
    cors_origins: frozenset[str] = frozenset()
    is_schema_served: bool = True
    metrics: Metrics = field(default_factory=Metrics)
    metrics_policy: MetricsPolicy = field(default_factory=MetricsPolicy)
    auditor: Auditor | None = None
    is_traced: bool = False
    memory: MemoryBudget = field(default_factory=MemoryBudget)

    def app(self) -> Starlette:
        return create_app(
            AppConfig(
                executor=self.executor,
                callers=self._callers(),
                store=self.store,
                draining=self.draining,
                limits=self.limits,
                development=self.development,
                documents=self.documents,
                caller_limits=self.caller_limits,
                anonymous_limits=self.anonymous_limits,
                live_limits=self.live_limits,
                cors_origins=self.cors_origins,
                is_schema_served=self.is_schema_served,
                metrics=self.metrics,
                metrics_policy=self.metrics_policy,
                auditor=self.auditor,
                is_traced=self.is_traced,
                memory=self.memory,
            )
        )

    def _callers(self) -> TokenAuthenticator:
        callers, providers = Callers(self.tokens), self.providers or IdentityProviders()
        if self.configuration is None:
            return callers
        return ConfiguredCallers(callers, configuration=self.configuration, providers=providers)

    @asynccontextmanager
    async def client(self) -> AsyncIterator[httpx.AsyncClient]:
        async with client_of(self.app()) as client:
            yield client

    async def post(self, content: bytes = b'{"query":"{ ok }"}', **headers: str) -> httpx.Response:
        """Sends one POST to /graphql with a token; header names with `_` for `-`."""
        request_headers = {**AUTHORIZED, "Content-Type": "application/json"}
        request_headers |= {name.replace("_", "-").title(): value for name, value in headers.items()}
        async with self.client() as client:
            return await client.post("/graphql", content=content, headers=request_headers)


def client_of(app: Starlette) -> httpx.AsyncClient:
    """Returns a client that talks to an application without a network."""
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=True)
    return httpx.AsyncClient(transport=transport, base_url="http://fleetgraph.test")


@cache
def pages_app() -> Starlette:
    """Returns one application for all tests that only read its pages, which it renders and compresses once."""
    return Fakes(anonymous_limits=AnonymousLimits(requests_per_minute=10_000_000)).app()


def code_of(response: httpx.Response) -> str:
    """Returns the code of the only error."""
    (error,) = response.json()["errors"]
    code = error["extensions"]["code"]
    assert isinstance(code, str)
    return code


def post_scope() -> Scope:
    """Returns a POST to /graphql as a server hands it to the application."""
    headers = [(b"authorization", AUTHORIZED["Authorization"].encode()), (b"content-type", b"application/json")]
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "path": "/graphql",
        "raw_path": b"/graphql",
        "query_string": b"",
        "root_path": "",
        "scheme": "http",
        "headers": headers,
        "server": ("fleetgraph.test", 80),
        "client": ("127.0.0.1", 1),
    }
