"""The HTTP application: its routes, and the middleware around them."""

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute

from k8s.errors import ErrorCode
from server.app.config import AppConfig
from server.app.draining import DrainingMiddleware
from server.app.endpoint import METHODS, EndpointServices, GraphqlEndpoint
from server.app.metrics import MetricsEndpoint
from server.app.probes import Probes
from server.app.requestlog import RequestLog
from server.app.subscriptions import Subscriptions
from server.auth.bearer import authenticate, bearer_token
from server.auth.shared import SharedVerification
from server.http.cors import Cors
from server.http.headers import SecurityHeaders
from server.http.language import LanguageNegotiation
from server.http.mediatypes import is_html_preferred
from server.http.responses import Refusal, error_response, refusal_response
from server.http.traceparent import TraceParent
from server.live.admission import LiveAdmission
from server.live.endpoint import LiveEndpoint, LiveServices
from server.live.log import WebSocketLog
from server.live.operating import Operations
from server.live.reviews import Reviews
from server.pages.layout import problem_page
from server.pages.routes import SchemaFile, page_routes
from server.ratelimit.anonymous import AnonymousLimiter
from server.ratelimit.bearerrequests import BearerRequests
from server.ratelimit.middleware import AnonymousLimitMiddleware, AnonymousPacingMiddleware
from server.ratelimit.ratelimit import CallerLimiter
from server.settings.observation import MetricsAccess
from store.errors import StoreError

GRAPHQL_PATH = "/graphql"


def create_app(config: AppConfig) -> Starlette:
    """Returns the application. It starts and stops with its server, and owns nothing of its configuration."""
    callers = SharedVerification(config.callers)
    anonymous_limiter, bearer_requests = AnonymousLimiter(config.anonymous_limits), _bearer_requests(config)
    admission = LiveAdmission(config.live_limits)
    config.metrics.live.watch(admission)
    reviews = Reviews(callers, config.executor.clusters)
    services = EndpointServices(
        development=config.development,
        documents=config.documents,
        caller_limiter=CallerLimiter(config.caller_limits),
        memory=config.memory,
        anonymous_limiter=anonymous_limiter,
        subscriptions=Subscriptions(
            place=lambda caller: admission.stream(caller.name),
            access_lost=lambda request, caller: reviews.lost(caller, bearer_token(request.headers)),
            stopping=config.draining.stopping,
            limits=config.live_limits,
        ),
    )
    live = LiveEndpoint(
        Operations(
            config.executor,
            documents=config.documents,
            caller_limiter=services.caller_limiter,
            memory=config.memory,
            admission=admission,
            most_values=config.limits.body_values,
        ),
        LiveServices(
            callers=callers,
            development=config.development,
            anonymous_limiter=anonymous_limiter,
            caller_limiter=services.caller_limiter,
            admission=admission,
            reviews=reviews,
            draining=config.draining,
            origins=config.cors_origins,
        ),
        config.live_limits,
    )
    graphql = GraphqlEndpoint(config.executor, callers, limits=config.limits, services=services)
    probes = Probes(config.store, config.draining)
    metrics = MetricsEndpoint(config.metrics, callers, policy=config.metrics_policy, development=config.development)

    async def own_sdl(request: Request) -> str | None:
        """Returns the schema of a request's caller; None for an anonymous one."""
        if config.development is None and "authorization" not in request.headers:
            return None
        caller = await authenticate(request, callers, development=config.development)
        try:
            return await config.executor.sdl_of(caller)
        except StoreError as error:
            raise Refusal(503, "The registry cannot be read at the moment.", code=ErrorCode.INTERNAL) from error

    app = Starlette(
        routes=[
            Route(GRAPHQL_PATH, graphql.serve, methods=METHODS),
            WebSocketRoute(GRAPHQL_PATH, live.serve),
            Route("/healthz", probes.live, methods=["GET"]),
            Route("/readyz", probes.ready, methods=["GET"]),
            Route("/metrics", metrics.get, methods=["GET"]),
            *page_routes(
                schema_file=SchemaFile(lambda: config.executor.sdl, own_sdl) if config.is_schema_served else None,
                is_token_required=config.development is None,
                contact=config.contact,
            ),
        ],
        middleware=[
            Middleware(AnonymousPacingMiddleware, limiter=anonymous_limiter, bearer_requests=bearer_requests),
            Middleware(SecurityHeaders),
            Middleware(LanguageNegotiation, path=GRAPHQL_PATH),
            Middleware(RequestLog, metrics=config.metrics, auditor=config.auditor),
            Middleware(WebSocketLog, metrics=config.metrics, auditor=config.auditor),
            *([Middleware(TraceParent)] if config.is_traced else []),
            Middleware(Cors, origins=config.cors_origins, path=GRAPHQL_PATH),
            Middleware(AnonymousLimitMiddleware, limiter=anonymous_limiter, bearer_requests=bearer_requests),
            Middleware(DrainingMiddleware, draining=config.draining, path=GRAPHQL_PATH),
        ],
        exception_handlers={Refusal: refusal_response, HTTPException: _http_error},
    )
    app.router.redirect_slashes = False  # its redirects repeat the Host header, which a client can forge
    return app


def _bearer_requests(config: AppConfig) -> BearerRequests:
    """Returns the requests that are limited by caller."""
    is_for_all = config.metrics_policy.access is MetricsAccess.OPEN
    metrics = {} if is_for_all else {"/metrics": frozenset({"GET", "HEAD"})}
    return BearerRequests(
        methods={GRAPHQL_PATH: frozenset({*METHODS, "HEAD"}), **metrics},
        endpoint=GRAPHQL_PATH,
        is_token_required=config.development is None,
    )


async def _http_error(request: Request, error: Exception) -> Response:
    """Returns the response to an unknown path or method, which Starlette refuses."""
    if not isinstance(error, HTTPException):
        raise error
    request.state.error_code = code = ErrorCode.NOT_FOUND if error.status_code == 404 else ErrorCode.BAD_USER_INPUT
    accept = ",".join(request.headers.getlist("accept"))
    if is_html_preferred(accept):
        return problem_page(request, error.status_code, headers=error.headers)
    return error_response(error.status_code, error.detail, code=code, headers=error.headers, accept=accept)
