"""The HTTP application: the endpoint, the probes, the pages, and what stands around them."""

from dataclasses import dataclass, field

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from k8s.errors import ErrorCode
from resolvers.audit.auditor import Auditor
from resolvers.memory.budget import MemoryBudget
from server.app.documents import PersistedDocuments
from server.app.draining import Draining, DrainingMiddleware
from server.app.endpoint import METHODS, GraphqlEndpoint, HttpLimits, HttpParts
from server.app.metrics import MetricsEndpoint, MetricsPolicy
from server.app.probes import Checks, Health
from server.app.requestlog import RequestLog
from server.auth.bearer import KnowsCallers
from server.auth.development import DevelopmentIdentity
from server.auth.shared import SharedVerification
from server.http.answers import Executes
from server.http.cors import Cors
from server.http.headers import SecurityHeaders
from server.http.language import LanguageNegotiation
from server.http.mediatypes import is_html_preferred
from server.http.responses import Refusal, error_response, refusal_response
from server.http.traceparent import TraceParent
from server.observe.metrics import Metrics
from server.pages.problems import problem_page
from server.pages.routes import page_routes
from server.ratelimit.callersrequests import CallersRequests
from server.ratelimit.ratelimit import Admission, AdmissionLimits
from server.ratelimit.strangers import StrangerAdmission, StrangerLimits, StrangerPacing, Strangers
from server.settings.observation import MetricsAccess

GRAPHQL_PATH = "/graphql"


@dataclass(frozen=True, slots=True, kw_only=True)
class AppParts:
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
    callers: KnowsCallers
    store: Checks
    draining: Draining = field(default_factory=Draining)
    limits: HttpLimits = field(default_factory=HttpLimits)
    development: DevelopmentIdentity | None = None
    documents: PersistedDocuments = field(default_factory=PersistedDocuments)
    admission: AdmissionLimits = field(default_factory=AdmissionLimits)
    strangers: StrangerLimits = field(default_factory=StrangerLimits)
    cors_origins: frozenset[str] = frozenset()
    is_schema_served: bool = True
    metrics: Metrics = field(default_factory=Metrics)
    metrics_policy: MetricsPolicy = field(default_factory=MetricsPolicy)
    auditor: Auditor | None = None
    is_traced: bool = False
    memory: MemoryBudget = field(default_factory=MemoryBudget)


def create_app(parts: AppParts) -> Starlette:
    """The application; it starts and ends with its server, and owns none of its parts."""
    callers = SharedVerification(parts.callers)
    strangers, callers_requests = Strangers(parts.strangers), _callers_requests(parts)
    around = HttpParts(
        development=parts.development,
        documents=parts.documents,
        admission=Admission(parts.admission),
        memory=parts.memory,
        strangers=strangers,
    )
    graphql = GraphqlEndpoint(parts.executor, callers, limits=parts.limits, parts=around)
    health = Health(parts.store, parts.draining)
    metrics = MetricsEndpoint(parts.metrics, callers, policy=parts.metrics_policy, development=parts.development)
    app = Starlette(
        routes=[
            Route(GRAPHQL_PATH, graphql.serve, methods=METHODS),
            Route("/healthz", health.live, methods=["GET"]),
            Route("/readyz", health.ready, methods=["GET"]),
            Route("/metrics", metrics.get, methods=["GET"]),
            *page_routes(
                sdl=(lambda: parts.executor.sdl) if parts.is_schema_served else None,
                is_token_required=parts.development is None,
            ),
        ],
        middleware=[
            Middleware(StrangerPacing, strangers=strangers, callers=callers_requests),
            Middleware(SecurityHeaders),
            Middleware(LanguageNegotiation, path=GRAPHQL_PATH),
            Middleware(RequestLog, metrics=parts.metrics, auditor=parts.auditor),
            *([Middleware(TraceParent)] if parts.is_traced else []),
            Middleware(Cors, origins=parts.cors_origins, path=GRAPHQL_PATH),
            Middleware(StrangerAdmission, strangers=strangers, callers=callers_requests),
            Middleware(DrainingMiddleware, draining=parts.draining, path=GRAPHQL_PATH),
        ],
        exception_handlers={Refusal: refusal_response, HTTPException: _http_error},
    )
    app.router.redirect_slashes = False  # its redirects name the Host header's value, which a caller makes up
    return app


def _callers_requests(parts: AppParts) -> CallersRequests:
    """What is answered to callers by its own rules."""
    is_for_all = parts.metrics_policy.access is MetricsAccess.OPEN
    metrics = {} if is_for_all else {"/metrics": frozenset({"GET", "HEAD"})}
    return CallersRequests(
        methods={GRAPHQL_PATH: frozenset({*METHODS, "HEAD"}), **metrics},
        endpoint=GRAPHQL_PATH,
        is_token_required=parts.development is None,
    )


async def _http_error(request: Request, error: Exception) -> Response:
    """What Starlette itself refuses: unknown paths and methods."""
    if not isinstance(error, HTTPException):
        raise error
    request.state.error_code = code = ErrorCode.NOT_FOUND if error.status_code == 404 else ErrorCode.BAD_USER_INPUT
    accept = ",".join(request.headers.getlist("accept"))
    if is_html_preferred(accept):
        return problem_page(request, error.status_code, headers=error.headers)
    return error_response(error.status_code, error.detail, code=code, headers=error.headers, accept=accept)
