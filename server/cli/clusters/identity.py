"""`clusters identity`: how users and groups with grants are told apart in a cluster."""

import asyncio

from resolvers.grants.reconciling import Reconciled
from server.cli.clusters.inventory import cluster_json
from server.cli.grants import granting, print_reconciled, reconciled_json
from server.cli.recorded import on_record
from server.composition import opened_registry
from server.errors import ExitCode, InputError
from server.observe.logs import logging_to_file
from server.settings.settings import load_settings
from server.terminal.output import print_json, print_line
from store.audit.event import AuditAction
from store.clusters.cluster import ClusterRecord, IdentityMode


def set_identity(name: str, mode: str, *, as_json: bool) -> ExitCode:
    """Sets it; what was made for the mode before is removed from the cluster.

    Raises:
        InputError: It is none of the modes.
        NotFound: No cluster has that name.
        InvalidValue: It is a snapshot.
    """
    try:
        wanted = IdentityMode(mode)
    except ValueError:
        raise InputError(f"{mode[:80]!r} is no way to tell callers apart; write {' or '.join(IdentityMode)}.") from None

    settings = load_settings()

    async def change() -> tuple[ClusterRecord, tuple[Reconciled, ...]]:
        async with opened_registry(settings) as registry:
            async with on_record(registry, AuditAction.CLUSTER_CHANGE, cluster=name, resource="clusters/identity"):
                record = await registry.clusters.set_identity(name, wanted)
            if wanted is IdentityMode.SERVICE_ACCOUNT:  # accounts are made when they are needed
                return record, ()
            return record, await (await granting(settings, registry)).reconcile(frozenset({name}))

    with logging_to_file(settings):
        record, reconciled = asyncio.run(change())
    if as_json:
        print_json({**cluster_json(record), "clusters": [reconciled_json(each) for each in reconciled]})
    else:
        print_line(f"{record.name}: callers are told apart by {record.identity}")
        print_reconciled(reconciled)
    return ExitCode.OK if all(each.error is None for each in reconciled) else ExitCode.FAILED
