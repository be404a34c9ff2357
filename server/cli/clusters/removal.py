"""`clusters remove`: removal of the service accounts in the cluster, then of its credential."""

import asyncio
import sys

import typer

from resolvers.audit.commandline import on_record
from resolvers.grants.reconciling import Reconciled
from server.cli.changes import changeable_registry
from server.cli.clusters.inventory import origin_words
from server.cli.grants import managed_grants
from server.commanderrors import InputError
from server.composition.registry import opened_registry
from server.settings.settings import Settings, load_settings
from server.terminal.output import note, print_line
from server.terminal.terminal import printable
from store.audit.event import AuditAction
from store.clusters.cluster import ClusterRecord


def remove_cluster(name: str, *, is_confirmed: bool) -> None:
    """Removes a cluster from the registry; raises NotFound, and InputError if stdin is not a terminal."""
    settings = load_settings()
    record = asyncio.run(_record(name, settings))
    if not is_confirmed:
        _confirm(record)

    async def remove() -> tuple[Reconciled, ...]:
        async with (
            changeable_registry(settings) as registry,
            on_record(registry.audit, AuditAction.CLUSTER_REMOVE, cluster=record.name, resource="clusters"),
            managed_grants(settings, registry) as grants,
        ):
            results = await grants.abandon(record.name)
            await registry.clusters.remove(record.name)
            return results

    abandoned = asyncio.run(remove())
    for result in abandoned:
        if result.error is not None:
            note(f"{result.error} Service accounts of fleetgraph are still in the cluster (docs/grants.md).")
    print_line(f"removed   {record.name}")


async def _record(name: str, settings: Settings) -> ClusterRecord:
    async with opened_registry(settings) as registry:
        return await registry.clusters.get(name)


def _confirm(record: ClusterRecord) -> None:
    if not sys.stdin.isatty():
        raise InputError(f"Removing {record.name} has to be confirmed; add --yes.")
    typer.confirm(f"Forget cluster {record.name} ({printable(origin_words(record))})?", abort=True, err=True)
