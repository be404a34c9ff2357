"""`clusters identity`: the way in which a cluster distinguishes users and groups with grants."""

import asyncio

from resolvers.audit.commandline import on_record
from resolvers.grants.reconciling import Reconciled
from server.cli.changes import changeable_registry
from server.cli.clusters.inventory import cluster_json
from server.cli.grants import managed_grants, note_unreconciled, print_reconciled, reconciled_json
from server.commanderrors import ExitCode, InputError
from server.settings.settings import load_settings
from server.terminal.output import print_json, print_line
from store.audit.event import AuditAction
from store.clusters.cluster import ClusterRecord, IdentityMode


def set_identity(name: str, mode: str, *, as_json: bool) -> ExitCode:
    """Sets the mode; the objects of the former mode are removed from the cluster.

    Raises:
        InputError: The mode is unknown.
        NotFound: No cluster has that name.
        InvalidValue: The cluster is a snapshot.
    """
    try:
        identity_mode = IdentityMode(mode)
    except ValueError:
        raise InputError(f"{mode[:80]!r} is not an identity mode; write {' or '.join(IdentityMode)}.") from None

    settings = load_settings()

    async def change() -> tuple[ClusterRecord, tuple[Reconciled, ...]]:
        async with changeable_registry(settings) as registry:
            async with on_record(
                registry.audit, AuditAction.CLUSTER_CHANGE, cluster=name, resource="clusters/identity"
            ):
                record = await registry.clusters.set_identity(name, identity_mode)
            if identity_mode is IdentityMode.SERVICE_ACCOUNT:  # accounts are created on demand
                return record, ()
            async with managed_grants(settings, registry) as grants:
                return record, await grants.reconcile(frozenset({name}))

    record, reconciled = asyncio.run(change())
    if as_json:
        print_json({**cluster_json(record), "clusters": [reconciled_json(result) for result in reconciled]})
        note_unreconciled(reconciled)
    else:
        print_line(f"{record.name}: callers are distinguished by {record.identity}")
        print_reconciled(reconciled)
    return ExitCode.OK if all(result.error is None for result in reconciled) else ExitCode.FAILED
