"""`GET /metrics`: who may read the figures, and how.

They name clusters and show what is used how much, so by default they are for an administrator's token, or for one that
can do nothing else: a scraper needs no more. That one works while the database is away, too.
"""

import hmac
from dataclasses import dataclass, field

from pydantic import SecretStr
from starlette.requests import Request
from starlette.responses import Response

from k8s.errors import ErrorCode
from server.auth.bearer import TokenAuthenticator, authenticate, bearer_token
from server.auth.development import DevelopmentIdentity
from server.http.responses import Refusal
from server.observe.metrics import Metrics
from server.settings.observation import MetricsAccess


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricsPolicy:
    """Who may read the figures.

    Attributes:
        access: Whether a token is needed at all.
        token: One that opens nothing else.
    """

    access: MetricsAccess = MetricsAccess.TOKEN
    token: SecretStr | None = field(default=None, repr=False)

    def knows(self, given: str | None) -> bool:
        """Whether a request's token is the one for the figures."""
        if self.token is None or given is None:
            return False
        return hmac.compare_digest(given.encode(), self.token.get_secret_value().encode())


class MetricsEndpoint:
    """Answers scrapers; every refusal is a `Refusal`."""

    def __init__(
        self,
        metrics: Metrics,
        callers: TokenAuthenticator,
        *,
        policy: MetricsPolicy,
        development: DevelopmentIdentity | None = None,
    ) -> None:
        self._metrics = metrics
        self._callers = callers
        self._policy = policy
        self._development = development

    async def get(self, request: Request) -> Response:
        """The figures."""
        await self._authorize(request)
        body, content_type = await self._metrics.exposition(request.headers.get("accept", ""))
        return Response(body, media_type=content_type)

    async def _authorize(self, request: Request) -> None:
        if self._policy.access is MetricsAccess.OFF:
            raise Refusal(404, "The metrics are off (setting FLEETGRAPH_METRICS_ACCESS).", code=ErrorCode.NOT_FOUND)
        if self._policy.access is MetricsAccess.OPEN or self._policy.knows(bearer_token(request.headers)):
            return
        caller = await authenticate(request, self._callers, development=self._development)
        if not caller.is_administrator:
            raise Refusal(403, "The metrics are for administrators.", code=ErrorCode.FORBIDDEN)
