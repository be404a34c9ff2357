"""Warnings of credentials and certificates that expire soon: at the start of the server, and once a day."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Final, Protocol

import structlog

from k8s.credentials.expiry import is_expiring
from k8s.turns.turns import Pace
from resolvers.fleet.credentials import stored_facts
from resolvers.fleet.fleet import ClusterOpener
from store.errors import StoreError

INTERVAL_S: Final = 24 * 3600.0

_LOG = structlog.stdlib.get_logger("server.expirywatch")


class ShowsCertificates(Protocol):
    """A source of API servers' certificates."""

    def server_certificates(self) -> Mapping[str, datetime]:
        """Returns the expiry of the latest certificate by the cluster's name."""
        ...


@asynccontextmanager
async def watching_expiry(
    clusters: ClusterOpener, certificates: ShowsCertificates, *, interval_s: float = INTERVAL_S
) -> AsyncIterator[None]:
    """Warns for as long as the context lasts."""
    task = asyncio.create_task(_for_ever(clusters, certificates, interval_s))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _for_ever(clusters: ClusterOpener, certificates: ShowsCertificates, interval_s: float) -> None:
    while True:
        try:
            await warn(clusters, certificates, now=datetime.now(UTC))
        except StoreError as error:
            _LOG.warning("expiry of credentials not checked", reason=str(error))
        await asyncio.sleep(interval_s)


async def warn(clusters: ClusterOpener, certificates: ShowsCertificates, *, now: datetime) -> None:
    """Logs one line for each that has expired or will within 14 days. Raises StoreError."""
    pace = Pace()
    for opened in await clusters.open():
        await pace.breathe()
        facts = stored_facts(opened)
        if facts is not None and facts.expires_at is not None and facts.is_expiring(now):
            _warn("credential expires", opened.record.name, facts.expires_at, now=now, kind=facts.kind.value)
    for name, expires_at in sorted(certificates.server_certificates().items()):
        if is_expiring(expires_at, now):
            _warn("certificate of an API server expires", name, expires_at, now=now)


def _warn(event: str, cluster: str, expires_at: datetime, *, now: datetime, **more: str) -> None:
    days = max(0, (expires_at - now).days)
    _LOG.warning(event, cluster=cluster, expires_at=expires_at.isoformat(), days_left=days, **more)
