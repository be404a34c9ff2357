"""`/healthz`: the process runs. `/readyz`: it can serve, or why not. Both are open to everybody, so both say little."""

import json
from typing import Protocol

import structlog
from starlette.requests import Request
from starlette.responses import Response

from server.draining import Draining
from server.replies import json_response
from store.errors import KeyRingError, StoreUnavailable

_LOG = structlog.stdlib.get_logger("server.health")


class Checks(Protocol):
    """What requests depend on."""

    async def check(self) -> None:
        """Raises StoreUnavailable or KeyRingError if requests cannot be served."""
        ...


class Health:
    """The two probes of a Kubernetes pod; a state is logged when it changes, not each time it is asked for."""

    def __init__(self, store: Checks, draining: Draining) -> None:
        self._store = store
        self._draining = draining
        self._logged: str | None = None

    async def live(self, _request: Request) -> Response:
        """200 for as long as the process can answer at all: starting it anew would not bring a database back."""
        return json_response(b'{"status":"ok"}', status=200)

    async def ready(self, _request: Request) -> Response:
        """200, or 503 with the reason."""
        reason = "the server is stopping" if self._draining.has_begun else await self._trouble()
        if reason is None:
            return json_response(b'{"status":"ready"}', status=200)
        body = json.dumps({"status": "unavailable", "reason": reason}).encode()
        return json_response(body, status=503)

    async def _trouble(self) -> str | None:
        reason, detail = None, None
        try:
            await self._store.check()
        except StoreUnavailable as error:
            reason, detail = "the database does not answer", str(error)
        except KeyRingError as error:
            reason, detail = "an encryption key is missing", str(error)
        if reason != self._logged:
            self._logged = reason
            _LOG.warning("readiness", ready=reason is None, reason=detail)
        return reason
