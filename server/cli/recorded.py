"""Audit events of changes by the command line, stored before the change."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from getpass import getuser
from typing import Final, Unpack

from resolvers.audit.auditor import Auditor
from resolvers.caller import OPERATOR
from store.audit.event import AuditAction, AuditTexts
from store.clusters.cluster import ClusterRecord, NewCluster
from store.registry import Registry

COMMAND_LINE: Final = "command line"
"""The verb of such an event: the operator has the database and the keys, and needs neither HTTP nor an API server."""


@asynccontextmanager
async def on_record(registry: Registry, action: AuditAction, **texts: Unpack[AuditTexts]) -> AsyncIterator[None]:
    """Stores an audit event, then lets the change happen.

    Raises:
        StoreError: The event cannot be stored, so the change does not happen.
    """
    event: AuditTexts = {"verb": COMMAND_LINE, **texts}
    auditor = Auditor(registry.audit)
    async with auditor.changing(action, operator(), **event):
        yield
    await auditor.flush()


class RecordedClusters:
    """The registered clusters, with an audit event for each import; see `resolvers.fleet.registration.ClusterStore`."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    async def get(self, name: str) -> ClusterRecord:
        """Returns one cluster; raises NotFound."""
        return await self._registry.clusters.get(name)

    async def add(self, new: NewCluster, *, overwrite: bool = False) -> ClusterRecord:
        """Stores a cluster with its credential, or replaces one."""
        async with on_record(self._registry, AuditAction.CLUSTER_IMPORT, cluster=new.name, resource="clusters"):
            return await self._registry.clusters.add(new, overwrite=overwrite)


def operator() -> str:
    """Returns the name of the operator, with that of the operating-system user."""
    try:
        return f"{OPERATOR.name} ({getuser()})"
    except OSError:  # a user id without a name, as containers have
        return OPERATOR.name
