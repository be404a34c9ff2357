"""A registry of clusters in memory."""

from datetime import UTC, datetime

from store.clusters.cluster import ClusterId, ClusterRecord, NewCluster
from store.errors import NotFound


class FakeClusters:
    """Stores clusters with their credentials."""

    def __init__(self) -> None:
        self.added: dict[str, NewCluster] = {}

    async def get(self, name: str) -> ClusterRecord:
        if name not in self.added:
            raise NotFound(name, f"No cluster is named {name!r}.")
        return record(self.added[name])

    async def add(self, new: NewCluster, *, overwrite: bool = False) -> ClusterRecord:
        assert overwrite or new.name not in self.added
        self.added[new.name] = new
        return record(new)


def record(new: NewCluster) -> ClusterRecord:
    """Returns the record of a cluster."""
    now = datetime.now(UTC)
    return ClusterRecord(
        id=ClusterId(f"id-of-{new.name}"),
        name=new.name,
        labels=dict(new.labels or {}),
        connection=new.connection,
        description="",
        created_at=now,
        updated_at=now,
    )
