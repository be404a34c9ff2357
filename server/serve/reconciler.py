"""The reconciliation of accounts and bindings in clusters with the grants, in the background.

Every replica does it; the work of one is nothing to do for the next.
"""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog

from k8s.turns.turns import Pace
from resolvers.grants.managedgrants import ManagedGrants
from resolvers.grants.reconciling import Reconciled
from store.errors import StoreError

_LOG = structlog.stdlib.get_logger("server.reconciler")


@asynccontextmanager
async def reconciling(grants: ManagedGrants | None, *, interval_s: float) -> AsyncIterator[None]:
    """Reconciles every `interval_s` seconds for as long as the context lasts; failures are retried then."""
    if grants is None:
        yield
        return
    task = asyncio.create_task(_for_ever(grants, interval_s))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _for_ever(grants: ManagedGrants, interval_s: float) -> None:
    failing: dict[str, str] = {}
    while True:
        await asyncio.sleep(interval_s * random.uniform(0.8, 1.2))  # noqa: S311  spreads load, no secret
        await _reconcile(grants, failing)  # nothing of it stays in memory while it sleeps


async def _reconcile(grants: ManagedGrants, failing: dict[str, str]) -> None:
    try:
        results = await grants.reconcile()
    except StoreError as error:
        _LOG.warning("grants not reconciled", reason=str(error))
        return
    except Exception:  # noqa: BLE001  rights must be revoked the next time, after any error
        _LOG.exception("grants not reconciled")
        return
    pace = Pace()
    for result in results:
        _log(result, failing)
        await pace.breathe()


def _log(result: Reconciled, failing: dict[str, str]) -> None:
    """Logs changes, and each failure once for as long as it stays the same."""
    cluster = result.cluster
    if result.error is not None:
        reason = result.error.reason
        if failing.get(cluster) != reason:
            _LOG.warning("grants not reconciled", cluster=cluster, reason=reason, message=result.error.cause)
        failing[cluster] = reason
        return
    failing.pop(cluster, None)
    if result.removed or result.changed:
        _LOG.info("grants reconciled", cluster=cluster, accounts=result.removed, bindings=result.changed)
