"""What the server does beside answering: it brings what it has made in clusters to what is granted, now and then.

Every replica does so; what one has done is nothing to do for the next.
"""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog

from k8s.turns.turns import Pace
from resolvers.grants.grants import Granting
from resolvers.grants.reconciling import Reconciled
from store.errors import StoreError

_LOG = structlog.stdlib.get_logger("server.reconciler")


@asynccontextmanager
async def reconciling(granting: Granting | None, *, interval_s: float) -> AsyncIterator[None]:
    """Reconciles every `interval_s` seconds for as long as the context lasts; what fails is tried again then."""
    if granting is None:
        yield
        return
    task = asyncio.create_task(_for_ever(granting, interval_s))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _for_ever(granting: Granting, interval_s: float) -> None:
    failing: dict[str, str] = {}
    while True:
        await asyncio.sleep(interval_s * random.uniform(0.8, 1.2))  # noqa: S311  spreads load, no secret
        await _reconcile(granting, failing)  # holds nothing of it while it sleeps


async def _reconcile(granting: Granting, failing: dict[str, str]) -> None:
    try:
        reconciled = await granting.reconcile()
    except StoreError as error:
        _LOG.warning("grants not reconciled", reason=str(error))
        return
    except Exception:  # noqa: BLE001  whatever it is, rights must be taken back the next time
        _LOG.exception("grants not reconciled")
        return
    pace = Pace()
    for each in reconciled:
        _log(each, failing)
        await pace.breathe()


def _log(reconciled: Reconciled, failing: dict[str, str]) -> None:
    """Says what was done, and what failed, once for as long as it fails in the same way."""
    cluster = reconciled.cluster
    if reconciled.error is not None:
        reason = reconciled.error.reason
        if failing.get(cluster) != reason:
            _LOG.warning("grants not reconciled", cluster=cluster, reason=reason, message=reconciled.error.cause)
        failing[cluster] = reason
        return
    failing.pop(cluster, None)
    if reconciled.removed or reconciled.changed:
        _LOG.info("grants reconciled", cluster=cluster, accounts=reconciled.removed, bindings=reconciled.changed)
