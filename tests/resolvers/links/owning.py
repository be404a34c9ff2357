"""A cluster with owners of custom kinds, and a record of the requests to it."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from graph.engine import Engine
from k8s.errors import Forbidden, ResourceNotFound
from k8s.kinds import builtin as kinds
from k8s.kinds.kind import Kind
from k8s.transport.body import OnPrefix
from k8s.transport.call import Call
from k8s.transport.deadline import Deadline
from snapshots.serving.api import SnapshotApi
from snapshots.serving.snapshotsender import SnapshotSender
from snapshots.serving.static import StaticContent
from tests.graph.fleets import Asking, fleet_of

Json = Any

ROLLOUT = Kind("argoproj.io", "v1alpha1", "Rollout", "rollouts")
PLATFORM = Kind("example.com", "v1", "Platform", "platforms", namespaced=False)
SERVED = (
    ROLLOUT,
    PLATFORM,
    kinds.POD,
    kinds.NODE,
    kinds.REPLICA_SET,
    kinds.DEPLOYMENT,
    kinds.EVENT,
    kinds.JOB,
)


def object_of(kind: Kind, name: str, *owners: Json, namespace: str = "shop") -> Json:
    """Returns an object; its uid is its kind and its name."""
    metadata = {"name": name, "uid": f"{kind.plural}-{name}", "ownerReferences": [*owners]}
    metadata |= {"namespace": namespace} if kind.namespaced else {}
    return {"apiVersion": kind.api_version, "kind": kind.name, "metadata": metadata}


def reference(kind: Kind, name: str, **changes: Any) -> Json:
    """Returns a reference of a controller to an object."""
    named = {"apiVersion": kind.api_version, "kind": kind.name, "name": name, "uid": f"{kind.plural}-{name}"}
    return named | {"controller": True} | changes


@dataclass
class RecordingSender:
    """A cluster that records the paths of requests; some plurals are forbidden, or missing though it names them."""

    sender: SnapshotSender
    forbidden: Collection[str] = ()
    missing: Collection[str] = ()
    paths: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        """Returns the cluster's name."""
        return self.sender.name

    @property
    def counts(self) -> Counter[str]:
        """Returns the number of requests by the last segment of the path."""
        return Counter(path.rpartition("/")[2] for path in self.paths)

    async def send(self, call: Call, deadline: Deadline, *, on_prefix: OnPrefix | None = None) -> bytes:
        """Returns the answer of the cluster."""
        self.paths.append(call.path)
        if call.path.rpartition("/")[2] in self.forbidden:
            raise Forbidden(self.name, f"it does not allow the user to list {call.path}.", status=403)
        if call.path.rpartition("/")[2] in self.missing:
            raise ResourceNotFound(self.name, f"it does not serve {call.path}.", status=404)
        return await self.sender.send(call, deadline, on_prefix=on_prefix)


def cluster_with(
    objects: Iterable[Json],
    *,
    name: str = "snap",
    serves: Sequence[Kind] = SERVED,
    forbidden: Collection[str] = (),
    missing: Collection[str] = (),
) -> RecordingSender:
    """Returns a cluster with these objects and kinds."""
    content = StaticContent(objects, kinds=[*serves])
    return RecordingSender(SnapshotSender(name, SnapshotApi(content)), forbidden=forbidden, missing=missing)


async def answered(engine: Engine, query: str, *senders: RecordingSender) -> Json:
    """Returns the whole response to a query."""
    return (await Asking(engine, fleet_of([*senders]))(query)).to_builtins()
