"""Configuration of the HTTP application, made from the settings in one place."""

from dataclasses import dataclass, field
from typing import Self

from resolvers.audit.auditor import Auditor
from resolvers.memory.memory import MemoryBudget
from server.app.documents import PersistedDocuments
from server.app.draining import Draining
from server.app.endpoint import HttpLimits
from server.app.metrics import MetricsPolicy
from server.app.probes import Checks
from server.auth.bearer import TokenAuthenticator
from server.auth.development import DevelopmentIdentity
from server.executor import OperationExecutor
from server.http.answers import Executes
from server.observe.metrics import Metrics
from server.ratelimit.anonymous import AnonymousLimits
from server.ratelimit.ratelimit import CallerLimits
from server.settings.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class AppConfig:
    """What the application is made of.

    Attributes:
        executor: Answers queries.
        callers: Says whose a token is.
        store: What readiness depends on.
        development: Who asks without a token; None: nobody may.
        documents: Those that callers may name instead of sending them.
        admission: How many requests are worked on.
        strangers: How many requests without a token are worked on.
        cors_origins: Pages of these may read answers.
        is_schema_served: Whether everybody may read the schema at `/schema.graphql`.
        metrics: What is counted.
        metrics_policy: Who may read it.
        auditor: Keeps on record who was refused.
        is_traced: Whether callers' `traceparent` matters.
        memory: What operations and answers may hold.
    """

    executor: Executes
    callers: TokenAuthenticator
    store: Checks
    draining: Draining = field(default_factory=Draining)
    limits: HttpLimits = field(default_factory=HttpLimits)
    development: DevelopmentIdentity | None = None
    documents: PersistedDocuments = field(default_factory=PersistedDocuments)
    caller_limits: CallerLimits = field(default_factory=CallerLimits)
    anonymous_limits: AnonymousLimits = field(default_factory=AnonymousLimits)
    cors_origins: frozenset[str] = frozenset()
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
        """Returns the configuration that the settings ask for.

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
            cors_origins=settings.cors_origins,
            is_schema_served=settings.introspection,
            metrics=executor.metrics,
            metrics_policy=MetricsPolicy(access=settings.metrics_access, token=settings.metrics_token),
            auditor=executor.auditor,
            is_traced=is_traced,
            memory=executor.memory,
        )


def http_limits(settings: Settings) -> HttpLimits:
    """Bounds of one HTTP request."""
    return HttpLimits(
        body_bytes=settings.max_body_bytes,
        body_values=settings.max_body_values,
        body_timeout_s=settings.body_timeout_s,
    )


def caller_limits(settings: Settings) -> CallerLimits:
    """Bounds of how many requests are worked on."""
    return CallerLimits(
        requests=settings.max_concurrent_requests,
        caller_requests=settings.max_caller_requests,
        caller_waiting=settings.max_caller_waiting,
        caller_wait_s=settings.caller_wait_s,
        caller_requests_per_minute=settings.max_caller_requests_per_minute,
    )


def anonymous_limits(settings: Settings) -> AnonymousLimits:
    """Bounds of how many requests without a token are worked on."""
    return AnonymousLimits(
        requests=settings.max_anonymous_requests, requests_per_minute=settings.max_anonymous_requests_per_minute
    )
