"""Members of StorageVersions and StorageVersionMigrations beyond their Kubernetes fields."""

from typing import Final

from k8s.kinds import builtin as kinds
from k8s.reading.rowdecoders import Row
from resolvers.kinds.longlists import items_of
from resolvers.links.members import Family

STORAGE_VERSIONS = Family(kinds.STORAGE_VERSION)
MIGRATIONS = Family(kinds.STORAGE_VERSION_MIGRATION)

_STATES: Final = frozenset({"Running", "Failed", "Succeeded"})


@STORAGE_VERSIONS.derived(
    "status.storageVersions.apiServerID",
    "status.storageVersions.encodingVersion",
    description="The version in which each API server stores objects, as `server=version`, as in kubectl's "
    "STORAGEVERSIONS column, which shows the first three.",
)
def encodings(version: Row) -> list[str]:
    """Returns the encoding version of each API server.

    Source: `formatStorageVersions` in kubernetes/pkg/printers/internalversion/printers.go, v1.37.
    """
    servers = items_of(version.status.storageVersions if version.status is not None else None)
    return [f"{server.apiServerID or ''}={server.encodingVersion or ''}" for server in servers]


@MIGRATIONS.derived(
    "status.conditions.type",
    "status.conditions.status",
    description="Running, Failed, Succeeded or Unknown, as in kubectl's STATUS column.",
)
def state(migration: Row) -> str:
    """Returns kubectl's STATUS: the last of those conditions that is True.

    Source: `printStorageVersionMigration` in kubernetes/pkg/printers/internalversion/printers.go, v1.37.
    """
    conditions = items_of(migration.status.conditions if migration.status is not None else None)
    true = (one.type for one in reversed(conditions) if one.status == "True" and one.type in _STATES)
    return next(true, "Unknown")


@MIGRATIONS.derived(
    "spec.resource.group",
    "spec.resource.resource",
    description="The resource whose objects it stores again, such as `deployments.apps`, as in kubectl's RESOURCE "
    "column.",
)
def resource_text(migration: Row) -> str:
    """Returns kubectl's RESOURCE."""
    resource = migration.spec.resource if migration.spec is not None else None
    if resource is None:
        return ""
    return f"{resource.resource or ''}.{resource.group}" if resource.group else resource.resource or ""
