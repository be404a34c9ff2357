"""`GET /metrics`: the figures, and the access to them.

They name clusters and show their use, so by default they need an administrator's token, or one that grants nothing
else: a scraper needs no more. The latter works while the database is unavailable.
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
    """The access to the figures.

    Attributes:
        access: Whether a token is needed.
        token: A token that grants nothing else.
    """

    access: MetricsAccess = MetricsAccess.TOKEN
    token: SecretStr | None = field(default=None, repr=False)

    def accepts(self, request_token: str | None) -> bool:
        """Returns whether a request's token is the one for the figures."""
        if self.token is None or request_token is None:
            return False
        return hmac.compare_digest(request_token.encode(), self.token.get_secret_value().encode())


class MetricsEndpoint:
    """The endpoint of scrapers. Every refusal is a `Refusal`."""

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
        """Returns the figures."""
        await self._authorize(request)
        body, content_type = await self._metrics.exposition(request.headers.get("accept", ""))
        return Response(body, media_type=content_type)

    async def _authorize(self, request: Request) -> None:
        if self._policy.access is MetricsAccess.OFF:
            raise Refusal(404, "The metrics are off (FLEETGRAPH_METRICS_ACCESS).", code=ErrorCode.NOT_FOUND)
        if self._policy.access is MetricsAccess.OPEN or self._policy.accepts(bearer_token(request.headers)):
            return
        caller = await authenticate(request, self._callers, development=self._development)
        if not caller.is_administrator:
            raise Refusal(403, "The metrics are for administrators.", code=ErrorCode.FORBIDDEN)
