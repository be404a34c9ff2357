"""Putting what the command line changes on record, before it changes it."""

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
"""As the verb of an event: who runs it has the database and the keys, so no API server and no HTTP was asked."""


@asynccontextmanager
async def on_record(registry: Registry, action: AuditAction, **texts: Unpack[AuditTexts]) -> AsyncIterator[None]:
    """Lets a change happen that is on record.

    Raises:
        StoreError: It cannot be put on record, so it does not happen.
    """
    given: AuditTexts = {"verb": COMMAND_LINE, **texts}
    auditor = Auditor(registry.audit)
    async with auditor.changing(action, operator(), **given):
        yield
    await auditor.flush()


class RecordedClusters:
    """The registered clusters, for who imports some; see `resolvers.fleet.registration.ClusterStore`."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    async def get(self, name: str) -> ClusterRecord:
        """One cluster; NotFound."""
        return await self._registry.clusters.get(name)

    async def add(self, new: NewCluster, *, overwrite: bool = False) -> ClusterRecord:
        """Stores a cluster with its credential, or replaces one."""
        async with on_record(self._registry, AuditAction.CLUSTER_IMPORT, cluster=new.name, resource="clusters"):
            return await self._registry.clusters.add(new, overwrite=overwrite)


def operator() -> str:
    """Whoever runs the command line, with the name that the operating system has for it."""
    try:
        return f"{OPERATOR.name} ({getuser()})"
    except OSError:  # a user id without a name, as containers have
        return OPERATOR.name
