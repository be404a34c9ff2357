"""`grants add`, `list` and `remove`."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from k8s.listednames import any_of
from resolvers.audit.commandline import command_line_auditor, operator
from resolvers.caller import Caller
from resolvers.errors import QueryError, UnknownCluster
from resolvers.grants.grantarguments import GrantArguments, GrantFault, InvalidGrant
from resolvers.grants.managedgrants import ManagedGrants, RemovedGrant
from resolvers.grants.reconciling import Reconciled
from server.cli.changes import changeable_registry
from server.cli.clusters.results import error_json
from server.commanderrors import ExitCode, InputError
from server.composition.clients import account_policy, cluster_clients
from server.composition.registry import opened_registry
from server.settings.settings import Settings, load_settings
from server.terminal.output import Json, note, note_error_for_people, print_json, print_line, print_table
from store.clusters.grant import GrantedClusters, GrantRecord
from store.errors import NotFound
from store.registry import Registry

_FAULTS: Final = {
    GrantFault.SUBJECT: "A grant is for a user or for a group: give --user or --group.",
    GrantFault.CLUSTERS: "Say which clusters: --cluster (may be repeated), --cluster-labels, or --all-clusters.",
    GrantFault.LABELS: "--cluster-labels is empty; write KEY=VALUE,..., or say --all-clusters.",
    GrantFault.ROLE: "Say which role: --cluster-role, or --role with --namespace.",
}


def add_grant(arguments: GrantArguments, *, as_json: bool) -> None:
    """Stores a grant.

    Raises:
        InputError: The options contradict each other.
        NotFound: No cluster has one of the names.
        StoreError: It is granted already, or a name is invalid.
    """
    _require_valid(arguments)

    async def add() -> GrantRecord:
        settings = load_settings()
        async with changeable_registry(settings) as registry, managed_grants(settings, registry) as grants:
            try:
                return await grants.add(_operator(), arguments)
            except UnknownCluster as error:
                raise NotFound(error.name, _unknown(error)) from error

    record = asyncio.run(add())
    if as_json:
        print_json(grant_json(record))
    else:
        print_line(f"granted   {record.id}: {record.subject} is {record.role}, in {clusters_words(record.clusters)}")


def _require_valid(arguments: GrantArguments) -> None:
    """Refuses arguments that break a rule, in the words of the command line, before the store is opened."""
    try:
        arguments.values()
    except InvalidGrant as error:
        raise InputError(_FAULTS[error.fault]) from error
    except QueryError as error:
        raise InputError(f"{error}") from error


def list_grants(*, as_json: bool) -> None:
    """Prints all grants, sorted by subject."""

    async def read() -> tuple[GrantRecord, ...]:
        async with opened_registry(load_settings()) as registry:
            return await registry.grants.all()

    records = asyncio.run(read())
    if as_json:
        print_json([grant_json(record) for record in records])
    elif not records:
        note("Nothing is granted: clusters exist for administrators only. See: fleetgraph grants add --help")
    else:
        columns = ("ID", "SUBJECT", "CLUSTERS", "ROLE", "CREATED", "BY")
        print_table(columns, [_row(record) for record in records], secondary=("CREATED", "BY"))


def remove_grant(grant_id: str, *, as_json: bool) -> ExitCode:
    """Ends a grant; raises NotFound. The command fails if a cluster does not let its objects be removed."""
    settings = load_settings()

    async def remove() -> RemovedGrant:
        async with changeable_registry(settings) as registry, managed_grants(settings, registry) as grants:
            return await grants.remove(_operator(), grant_id)

    removed = asyncio.run(remove())
    if as_json:
        print_json(
            {**grant_json(removed.record), "clusters": [reconciled_json(result) for result in removed.reconciled]}
        )
        note_unreconciled(removed.reconciled)
    else:
        print_line(f"removed   {removed.record.id}: {removed.record.subject} was {removed.record.role}")
        print_reconciled(removed.reconciled)
    return ExitCode.OK if all(result.error is None for result in removed.reconciled) else ExitCode.FAILED


@asynccontextmanager
async def managed_grants(settings: Settings, registry: Registry) -> AsyncIterator[ManagedGrants]:
    """Yields the service for changes of grants, over the registry; they are recorded as those of the command line."""
    policy = await account_policy(settings, registry)
    connect = cluster_clients(settings, registry, policy).connect
    async with command_line_auditor(registry.audit) as auditor:
        yield ManagedGrants(registry.grants, registry.clusters, connect=connect, policy=policy, auditor=auditor)


def print_reconciled(reconciled: tuple[Reconciled, ...]) -> None:
    """Prints a line for each cluster in which something was removed, or could not be removed."""
    for result in reconciled:
        if result.error is not None:
            note(f"{result.error} The server removes the service accounts of ended grants there once it can.")
        elif result.removed or result.changed:
            accounts, bindings = result.removed, result.changed
            print_line(f"cleaned   {result.cluster}: {accounts} service accounts removed, {bindings} bindings changed")


def note_unreconciled(reconciled: tuple[Reconciled, ...]) -> None:
    """Prints the errors for people, beside the JSON for programs."""
    for result in reconciled:
        if result.error is not None:
            note_error_for_people(str(result.error))


def reconciled_json(reconciled: Reconciled) -> Json:
    """Returns the result in one cluster, for programs."""
    return {
        "name": reconciled.cluster,
        "accountsRemoved": reconciled.removed,
        "bindingsChanged": reconciled.changed,
        "error": error_json(reconciled.error),
    }


def grant_json(record: GrantRecord) -> dict[str, Json]:
    """Returns a grant for programs."""
    clusters = record.clusters
    return {
        "id": record.id,
        "subject": {"kind": record.subject.kind.value, "name": record.subject.name},
        "clusterNames": None if clusters.names is None else list(clusters.names),
        "clusterLabels": None if clusters.labels is None else dict(clusters.labels),
        "role": {"kind": record.role.kind.value, "name": record.role.name},
        "namespaces": None if record.role.namespaces is None else list(record.role.namespaces),
        "createdAt": record.created_at.isoformat(),
        "createdBy": record.created_by,
    }


def clusters_words(clusters: GrantedClusters) -> str:
    """Returns the clusters of a grant in words."""
    if clusters.names is not None:
        return ", ".join(clusters.names)
    return ",".join(f"{key}={value}" for key, value in sorted((clusters.labels or {}).items())) or "all clusters"


def _unknown(error: UnknownCluster) -> str:
    near = f"; did you mean {any_of(error.near)}?" if error.near else "."
    return f"No cluster is named {error.name[:80]!r}{near} Register a cluster before it is granted."


def _operator() -> Caller:
    return Caller(name=operator(), is_administrator=True)


def _row(record: GrantRecord) -> tuple[str, ...]:
    created = record.created_at.strftime("%Y-%m-%d %H:%M UTC")
    return (
        record.id,
        str(record.subject),
        clusters_words(record.clusters),
        str(record.role),
        created,
        record.created_by,
    )
