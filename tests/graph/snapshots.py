"""Snapshot clusters of the objects of `bodies`."""

from functools import lru_cache

from k8s.kinds.builtin import BUILT_IN
from k8s.kinds.kind import Kind
from snapshots.serving.api import SnapshotApi
from snapshots.serving.content import ObjectList
from snapshots.serving.snapshotsender import SnapshotSender
from snapshots.serving.static import StaticContent
from tests.graph.bodies import MadeObjects


class MadeContent:
    """The objects of a kind, made at the first request, as a stored snapshot loads them."""

    version = "v1.37.2"
    kinds = BUILT_IN

    def __init__(self, seed: int) -> None:
        self._objects = MadeObjects(seed)
        self._listed: dict[Kind, ObjectList] = {}

    async def listed(self, kind: Kind) -> ObjectList:
        """Returns all objects of a kind."""
        if kind not in self._listed:
            typed = [{**item, "apiVersion": kind.api_version, "kind": kind.name} for item in self._objects(kind)]
            self._listed[kind] = await StaticContent(typed, kinds=[kind]).listed(kind)
        return self._listed[kind]


@lru_cache(maxsize=128)
def made_snapshot(name: str, seed: int) -> SnapshotSender:
    """Returns a snapshot cluster; the same one for the same seed."""
    return SnapshotSender(name, SnapshotApi(MadeContent(seed)))
