"""Snapshot clusters: all parts or none, encrypted for their place."""

from collections.abc import AsyncIterator, Iterable
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from store.clusters.cluster import NewSnapshot, SnapshotOrigin
from store.clusters.clusters import Clusters
from store.clusters.snapshots import SnapshotKey, Snapshots
from store.database.database import Database
from store.errors import CredentialUnreadable, InvalidValue, NameTaken, NotFound
from store.keys.encryption import Cipher
from store.keys.keyring import KeyRing
from tests.store.clock import Clock
from tests.store.samples import new_cluster

TAKEN_AT = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
PARTS = (b"contents", b"part one", b"part two")


@pytest.fixture
def snapshots(database: Database, keys: KeyRing, clock: Clock) -> Snapshots:
    return Snapshots(database, Cipher(keys), clock=clock)


def origin(import_id: str = "one") -> SnapshotOrigin:
    return SnapshotOrigin(
        import_id=import_id, file_name="dump.tgz", taken_at=TAKEN_AT, version="v1.37.2", objects=7, kinds=3
    )


def new(name: str = "dump", import_id: str = "one", labels: dict[str, str] | None = None) -> NewSnapshot:
    return NewSnapshot(name=name, origin=origin(import_id), labels=labels)


async def stream(parts: Iterable[bytes]) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


async def failing() -> AsyncIterator[bytes]:
    yield b"first"
    raise RuntimeError("the disk is gone")


async def read(snapshots: Snapshots, key: SnapshotKey, first: int, last: int) -> list[bytes]:
    sealed = await snapshots.parts(key, first, last)
    return [snapshots.opened(part, key, number) for number, part in enumerate(sealed, start=first)]


async def count(database: Database) -> int:
    async with database.read() as session:
        return int(
            (await (await session.connection()).execute(text("SELECT count(*) FROM snapshot_part"))).scalar_one()
        )


async def test_parts_are_read_back(snapshots: Snapshots, clusters: Clusters) -> None:
    stored = await snapshots.put(new(labels={"env": "dump"}), stream(PARTS))

    key = SnapshotKey(stored.record.id, "one")
    assert await read(snapshots, key, 0, 2) == list(PARTS)
    assert await read(snapshots, key, 1, 1) == [b"part one"]
    assert stored.replaced is None
    record = await clusters.get("dump")
    assert record == stored.record
    assert (record.connection, record.labels, record.server) == (origin(), {"env": "dump"}, None)


async def test_more_parts_than_are_written_at_once(snapshots: Snapshots) -> None:
    parts = [b"%d" % number for number in range(40)]

    stored = await snapshots.put(new(), stream(parts))

    assert await read(snapshots, SnapshotKey(stored.record.id, "one"), 0, 39) == parts


async def test_a_new_import_replaces_all_parts_and_keeps_what_is_the_clusters(
    snapshots: Snapshots, database: Database, clock: Clock
) -> None:
    first = await snapshots.put(new(labels={"a": "b"}), stream(PARTS))
    clock.advance(hours=1)

    second = await snapshots.put(new(import_id="two"), stream([b"x"]))

    assert second.replaced == first.record
    assert (second.record.id, second.record.created_at) == (first.record.id, first.record.created_at)
    assert (second.record.labels, second.record.updated_at) == ({"a": "b"}, clock.now)
    assert await read(snapshots, SnapshotKey(second.record.id, "two"), 0, 0) == [b"x"]
    assert await count(database) == 1
    with pytest.raises(NotFound, match="replaced or removed"):
        await snapshots.parts(SnapshotKey(first.record.id, "one"), 0, 2)


async def test_an_import_that_fails_changes_nothing(
    snapshots: Snapshots, clusters: Clusters, database: Database
) -> None:
    first = await snapshots.put(new(), stream(PARTS))

    with pytest.raises(RuntimeError):
        await snapshots.put(new(import_id="two", labels={"new": "label"}), failing())
    with pytest.raises(RuntimeError):
        await snapshots.put(new("other", import_id="three"), failing())

    assert await clusters.select() == (first.record,)
    assert await read(snapshots, SnapshotKey(first.record.id, "one"), 0, 2) == list(PARTS)
    assert await count(database) == 3


async def test_removing_the_cluster_removes_its_parts(
    snapshots: Snapshots, clusters: Clusters, database: Database
) -> None:
    await snapshots.put(new(), stream(PARTS))
    kept = await snapshots.put(new("kept", "two"), stream([b"x"]))

    await clusters.remove("dump")

    assert await count(database) == 1
    assert await read(snapshots, SnapshotKey(kept.record.id, "two"), 0, 0) == [b"x"]


async def test_neither_a_snapshot_nor_a_connection_replaces_the_other(
    snapshots: Snapshots, clusters: Clusters, database: Database
) -> None:
    live = await clusters.add(new_cluster("live"))
    dump = await snapshots.put(new(), stream(PARTS))

    with pytest.raises(NameTaken, match=r"live is a cluster with a connection\. Choose another name"):
        await snapshots.put(new("live", "two"), stream(PARTS))
    with pytest.raises(NameTaken, match=r"dump is a snapshot\. Remove it, or choose another name"):
        await clusters.add(new_cluster("dump"), overwrite=True)

    assert await clusters.select() == (dump.record, live)
    assert await count(database) == 3


async def test_labels_of_a_snapshot_change_and_its_origin_stays(snapshots: Snapshots, clusters: Clusters) -> None:
    await snapshots.put(new(), stream(PARTS))

    record = await clusters.change_labels("dump", put={"a": "b"})

    assert (record.labels, record.connection) == ({"a": "b"}, origin())
    assert [cluster.open_credential() for cluster in await clusters.open()] == [b""]


async def test_a_part_opens_only_in_its_place(snapshots: Snapshots) -> None:
    stored = await snapshots.put(new(), stream(PARTS))
    key = SnapshotKey(stored.record.id, "one")
    (sealed,) = await snapshots.parts(key, 1, 1)

    for wrong_key, number in ((key, 2), (SnapshotKey(key.cluster_id, "two"), 1), (SnapshotKey("other", "one"), 1)):
        with pytest.raises(CredentialUnreadable):
            snapshots.opened(sealed, wrong_key, number)
    assert b"part one" not in sealed


async def test_a_part_that_is_missing_is_told(snapshots: Snapshots) -> None:
    stored = await snapshots.put(new(), stream(PARTS))

    with pytest.raises(NotFound):
        await snapshots.parts(SnapshotKey(stored.record.id, "one"), 2, 3)


@pytest.mark.parametrize("name", ["Not_A_Name", "", "x" * 64])
def test_names_are_those_of_clusters(name: str) -> None:
    with pytest.raises(InvalidValue):
        new(name)


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(InvalidValue, match="time zone"):
        SnapshotOrigin(
            import_id="one", file_name="a", taken_at=TAKEN_AT.replace(tzinfo=None), version="", objects=0, kinds=0
        )
