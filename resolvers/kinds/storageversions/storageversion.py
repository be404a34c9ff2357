"""Members of storage versions and of their migrations beyond their Kubernetes fields."""

from typing import Final

from k8s.kinds import builtin as kinds
from k8s.reading.rowdecoders import Row
from resolvers.kinds.discovery.endpointslice import shortened
from resolvers.kinds.longlists import items_of
from resolvers.links.members import Family

STORAGE_VERSIONS = Family(kinds.STORAGE_VERSION)
STORAGE_VERSION_MIGRATIONS = Family(kinds.STORAGE_VERSION_MIGRATION)

_STATES: Final = frozenset({"Running", "Failed", "Succeeded"})


@STORAGE_VERSIONS.derived(
    "status.storageVersions.apiServerID",
    "status.storageVersions.encodingVersion",
    description="The version in which each API server stores the kind, as in kubectl's STORAGEVERSIONS column: the "
    "first three (`apiserver-1=apps/v1`), and the number of others. Null if it has none.",
)
def versions_text(version: Row) -> str | None:
    """Returns kubectl's STORAGEVERSIONS; None for `<unset>`.

    Source: `formatStorageVersions` in k8s.io/kubernetes/pkg/printers/internalversion/printers.go.
    """
    stored = items_of(version.status.storageVersions if version.status else None)
    return shortened(f"{one.apiServerID or ''}={one.encodingVersion or ''}" for one in stored)


@STORAGE_VERSION_MIGRATIONS.derived(
    "status.conditions.type",
    "status.conditions.status",
    description="Its state, as in kubectl's STATUS column: Running, Failed, Succeeded, or Unknown.",
)
def state(migration: Row) -> str:
    """Returns kubectl's STATUS: the last of these conditions that is True.

    Source: `printStorageVersionMigration` in k8s.io/kubernetes/pkg/printers/internalversion/printers.go.
    """
    conditions = items_of(migration.status.conditions if migration.status else None)
    found = [one.type for one in conditions if one.status == "True" and one.type in _STATES]
    return found[-1] if found else "Unknown"
