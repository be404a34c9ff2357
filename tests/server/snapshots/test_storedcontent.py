"""Snapshot clusters of the registry: read on demand, limited in memory, with errors of their own only."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from k8s import errors
from k8s.kinds.builtin import CONFIG_MAP, NODE, POD, SECRET
from k8s.kinds.kind import Kind
from k8s.transport.bodymemory import FREE_BYTES, PORTION, Portion
from k8s.transport.call import Call
from k8s.transport.deadline import Deadline
from k8s.transport.limits import ConnectionLimits
from k8s.transport.path import list_path
from resolvers.authorization import ADMINISTRATOR
from resolvers.fleet.client import ClusterClient
from resolvers.fleet.network import Network
from server.composition.clients import cluster_clients
from server.composition.registry import opened_registry
from server.settings.settings import load_settings
from server.snapshots.parts import LAYOUT, Contents, StoredKind, pack_contents, pack_objects
from server.snapshots.snapshotconnections import SnapshotConnections
from store.clusters.cluster import ClusterId, ClusterRecord, OpenedCluster, SnapshotOrigin
from store.clusters.snapshots import SnapshotKey
from store.errors import CredentialUnreadable, NotFound, StoreUnavailable

NOW = datetime(2026, 1, 1, tzinfo=UTC)
KINDS = (POD, NODE, SECRET, CONFIG_MAP)
SIZE_BYTES = 100_000
LARGE_BYTES = 4 * FREE_BYTES


class Source:
    """A store of parts in memory that notes the read ones."""

    def __init__(self, layout: int = LAYOUT) -> None:
        self.read: list[tuple[int, int]] = []
        self.error: Exception | None = None
        parts: list[bytes] = []
        kinds = []
        for kind in KINDS:
            first = len(parts) + 1
            size_bytes = LARGE_BYTES if kind is CONFIG_MAP else SIZE_BYTES
            parts += pack_objects(_body(kind, number, size_bytes) for number in range(3))
            kinds.append(StoredKind(kind, 3, first, len(parts)))
        self.parts_ = [pack_contents(Contents(layout, "v1.37.2", "9", tuple(kinds))), *parts]

    async def parts(self, key: SnapshotKey, first: int, last: int) -> list[bytes]:
        self.read.append((first, last))
        if self.error is not None:
            raise self.error
        return self.parts_[first : last + 1]

    def opened(self, sealed: bytes, key: SnapshotKey, number: int) -> bytes:
        return sealed


def _body(kind: Kind, number: int, size_bytes: int) -> bytes:
    place = b'"namespace":"a",' if kind.namespaced else b""
    return b'{"metadata":{%s"name":"x-%d"},"pad":"%s"}' % (place, number, b"x" * (size_bytes // 3))


def opened(name: str = "night", import_id: str = "one", minute: int = 0) -> OpenedCluster:
    origin = SnapshotOrigin(import_id=import_id, file_name="f", taken_at=NOW, version="v1", objects=1, kinds=1)
    at = NOW.replace(minute=minute)
    record = ClusterRecord(
        id=ClusterId("id"), name=name, labels={}, connection=origin, description="", created_at=NOW, updated_at=at
    )
    return OpenedCluster(record=record, open_credential=lambda: b"")


def snapshots(source: Source, memory_bytes: int = 10_000_000) -> SnapshotConnections:
    return SnapshotConnections(source, memory_bytes=memory_bytes)


def client(connections: SnapshotConnections, cluster: OpenedCluster) -> ClusterClient:
    origin = cluster.record.connection
    assert isinstance(origin, SnapshotOrigin)
    return connections.connect(cluster, origin, ADMINISTRATOR)


async def names(sender: object, kind: Kind = POD) -> Sequence[str]:
    body: bytes = await sender.send(Call(list_path(kind), "list", str(kind)), Deadline(5))  # type: ignore[attr-defined]
    return [f"x-{number}" for number in range(3) if b'"x-%d"' % number in body]


@pytest.fixture
def source() -> Source:
    return Source()


async def test_nothing_is_read_before_it_is_asked_for(source: Source) -> None:
    sender = client(snapshots(source), opened())
    assert source.read == []

    assert await names(sender) == ["x-0", "x-1", "x-2"]

    assert source.read == [(0, 0), (1, 1)]


async def test_what_was_read_is_kept_and_shared(source: Source) -> None:
    connections = snapshots(source)
    first, second = client(connections, opened()), client(connections, opened(minute=1))

    await asyncio.gather(*(names(sender) for sender in (first, second, first)))
    await first.retire()
    await names(second)

    assert source.read == [(0, 0), (1, 1)]


async def test_the_list_that_was_not_asked_for_longest_goes_first(source: Source) -> None:
    sender = client(snapshots(source, memory_bytes=int(2.5 * SIZE_BYTES)), opened())

    for kind in (POD, NODE, POD, SECRET, POD, NODE):
        assert len(await names(sender, kind)) == 3

    assert source.read == [(0, 0), (1, 1), (2, 2), (3, 3), (2, 2)]


async def test_a_list_larger_than_the_bound_is_served(source: Source) -> None:
    sender = client(snapshots(source, memory_bytes=1024), opened())

    assert len(await names(sender, POD)) == 3
    assert len(await names(sender, NODE)) == 3
    assert len(await names(sender, NODE)) == 3

    assert source.read == [(0, 0), (1, 1), (2, 2)]


async def test_with_the_last_connection_goes_the_content(source: Source) -> None:
    connections = snapshots(source)
    sender = client(connections, opened())
    await names(sender)

    await sender.retire()
    await sender.close()
    await names(client(connections, opened()))

    assert source.read == [(0, 0), (1, 1)] * 2


async def test_an_operation_goes_on_with_a_connection_that_was_given_up(source: Source) -> None:
    sender = client(snapshots(source), opened())
    await sender.retire()

    assert len(await names(sender)) == 3


async def test_another_import_is_another_content(source: Source) -> None:
    connections = snapshots(source)
    await names(client(connections, opened()))

    await names(client(connections, opened(import_id="two")))

    assert source.read == [(0, 0), (1, 1)] * 2


@pytest.mark.parametrize(
    ("raised", "expected", "words"),
    [
        (NotFound("id", "gone"), errors.Unreachable, "replaced or removed a moment ago; ask again"),
        (StoreUnavailable("down"), errors.Unreachable, "the database does not answer"),
        (CredentialUnreadable("other key"), errors.CredentialUnusable, "import it again. other key"),
    ],
)
async def test_what_goes_wrong_is_the_clusters_own_error_and_passes(
    source: Source, raised: Exception, expected: type[errors.ClusterError], words: str
) -> None:
    sender = client(snapshots(source), opened())
    source.error = raised

    with pytest.raises(expected, match=f"cluster 'night': .*{words}"):
        await names(sender)

    source.error = None
    assert len(await names(sender)) == 3


async def test_a_content_of_another_layout_is_told(source: Source) -> None:
    sender = client(snapshots(Source(layout=9)), opened())

    with pytest.raises(errors.CredentialUnusable, match=r"import it again\. it is of layout 9"):
        await names(sender)


async def test_answers_of_all_snapshots_share_memory(source: Source) -> None:
    limits = ConnectionLimits()
    connections = SnapshotConnections(source, memory_bytes=10_000_000, limits=limits)
    portions = [Portion() for _ in range(2)]

    async def ask(name: str, portion: Portion) -> None:
        PORTION.set(portion)
        await names(client(connections, opened(name)), CONFIG_MAP)

    await asyncio.gather(*(asyncio.create_task(ask(*item)) for item in zip(("a", "b"), portions, strict=True)))

    assert limits.bodies.taken_bytes > 2 * 0.9 * (LARGE_BYTES - FREE_BYTES)
    for portion in portions:
        portion.release()
    assert limits.bodies.taken_bytes == 0


async def test_all_clusters_of_a_process_share_the_memory_of_answers(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("FLEETGRAPH_DATABASE_URL", f"sqlite:///{tmp_path}/fleetgraph.db")
    monkeypatch.setenv("HOME", str(tmp_path))
    settings = load_settings()
    async with opened_registry(settings) as registry:
        clients = cluster_clients(settings, registry)

    network = clients._network
    assert isinstance(network, Network)
    assert network._limits.bodies is clients.limits.bodies


async def test_a_database_that_hangs_ends_at_the_deadline(source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    async def hang(*_arguments: object) -> list[bytes]:
        await asyncio.Event().wait()
        return []

    monkeypatch.setattr(source, "parts", hang)
    sender = client(snapshots(source), opened())

    with pytest.raises(errors.TimedOut, match=r"could not be opened within its 0\.01 s"):
        await sender.send(Call(list_path(POD), "list", "pods"), Deadline(0.01))
