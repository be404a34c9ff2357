"""Configuration of the HTTP application, made from the settings in one place."""

from dataclasses import dataclass, field
from typing import Self

from resolvers.audit.auditor import Auditor
from resolvers.memory.budget import MemoryBudget
from server.app.draining import Draining
from server.app.endpoint import HttpLimits
from server.app.metrics import MetricsPolicy
from server.app.persisteddocuments import PersistedDocuments
from server.app.probes import Checks
from server.auth.bearer import TokenAuthenticator
from server.auth.development import DevelopmentIdentity
from server.http.graphqlexecutor import GraphqlExecutor
from server.live.limits import LiveLimits
from server.observe.metrics import Metrics
from server.operationexecutor import OperationExecutor
from server.ratelimit.anonymous import AnonymousLimits
from server.ratelimit.ratelimit import CallerLimits
from server.settings.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class AppConfig:
    """The configuration of the application, and the services that it uses.

    Attributes:
        executor: Executes queries.
        callers: Authenticates bearer tokens.
        store: The dependency that readiness checks.
        development: The identity of requests without a token; None refuses them.
        documents: Persisted documents, which clients name instead of sending them.
        caller_limits: Limits of authenticated requests.
        anonymous_limits: Limits of unauthenticated requests.
        live_limits: Limits of live connections.
        cors_origins: Origins whose pages may read responses, and open WebSockets.
        contact: Whom the start page tells users without a grant to ask.
        is_schema_served: Whether the schema is public at `/schema.graphql`.
        metrics: The figures of `/metrics`.
        metrics_policy: The access to them.
        auditor: Records denied requests.
        is_traced: Whether the header `traceparent` of requests is used.
        memory: The memory budget of operations and responses.
    """

    executor: GraphqlExecutor
    callers: TokenAuthenticator
    store: Checks
    draining: Draining = field(default_factory=Draining)
    limits: HttpLimits = field(default_factory=HttpLimits)
    development: DevelopmentIdentity | None = None
    documents: PersistedDocuments = field(default_factory=PersistedDocuments)
    caller_limits: CallerLimits = field(default_factory=CallerLimits)
    anonymous_limits: AnonymousLimits = field(default_factory=AnonymousLimits)
    live_limits: LiveLimits = field(default_factory=LiveLimits)
    cors_origins: frozenset[str] = frozenset()
    contact: str = ""
    is_schema_served: bool = True
    metrics: Metrics = field(default_factory=Metrics)
    metrics_policy: MetricsPolicy = field(default_factory=MetricsPolicy)
    auditor: Auditor | None = None
    is_traced: bool = False
    memory: MemoryBudget = field(default_factory=MemoryBudget)

    @classmethod
    def of(
        cls,
        settings: Settings,
        executor: OperationExecutor,
        *,
        callers: TokenAuthenticator,
        store: Checks,
        development: DevelopmentIdentity | None = None,
        is_traced: bool = False,
    ) -> Self:
        """Returns the configuration that the settings describe.

        Raises:
            SettingsError: The persisted documents cannot be read.
        """
        return cls(
            executor=executor,
            callers=callers,
            store=store,
            limits=http_limits(settings),
            development=development,
            documents=PersistedDocuments.read(settings.documents, are_the_only_ones=settings.documents_only),
            caller_limits=caller_limits(settings),
            anonymous_limits=anonymous_limits(settings),
            live_limits=live_limits(settings),
            cors_origins=settings.cors_origins,
            contact=settings.contact or "",
            is_schema_served=settings.introspection,
            metrics=executor.metrics,
            metrics_policy=MetricsPolicy(access=settings.metrics_access, token=settings.metrics_token),
            auditor=executor.auditor,
            is_traced=is_traced,
            memory=executor.memory,
        )


def http_limits(settings: Settings) -> HttpLimits:
    """Returns the limits of one HTTP request."""
    return HttpLimits(
        body_bytes=settings.max_body_bytes,
        body_values=settings.max_body_values,
        body_timeout_s=settings.body_timeout_s,
    )


def caller_limits(settings: Settings) -> CallerLimits:
    """Returns the limits of authenticated requests."""
    return CallerLimits(
        requests=settings.max_concurrent_requests,
        caller_requests=settings.max_caller_requests,
        caller_waiting=settings.max_caller_waiting,
        caller_wait_s=settings.caller_wait_s,
        caller_requests_per_minute=settings.max_caller_requests_per_minute,
    )


def anonymous_limits(settings: Settings) -> AnonymousLimits:
    """Returns the limits of unauthenticated requests."""
    return AnonymousLimits(
        requests=settings.max_anonymous_requests, requests_per_minute=settings.max_anonymous_requests_per_minute
    )


def live_limits(settings: Settings) -> LiveLimits:
    """Returns the limits of live connections."""
    return LiveLimits(
        connections=settings.max_live_connections,
        caller_connections=settings.max_caller_live_connections,
        subscriptions=settings.max_subscriptions,
        caller_subscriptions=settings.max_caller_subscriptions,
        operations=settings.max_live_operations,
        message_bytes=settings.max_live_message_bytes,
        message_timeout_s=settings.live_message_timeout_s,
        init_timeout_s=settings.live_init_timeout_s,
        idle_timeout_s=settings.live_idle_timeout_s,
        heartbeat_s=settings.live_heartbeat_s,
        send_timeout_s=settings.send_timeout_s,
    )
