"""The custom types of clusters: the last ones of each, for as long as the cluster is registered."""

import pytest

from store.clusters.cluster import ClusterId
from store.clusters.clusters import Clusters
from store.clusters.learnedtypes import LearnedTypesRecord, LearnedTypesStore
from store.database.database import Database
from tests.store.clock import Clock
from tests.store.samples import new_cluster

CONTENT = bytes(range(256)) * 4096


@pytest.fixture
def types(database: Database, clock: Clock) -> LearnedTypesStore:
    return LearnedTypesStore(database, clock=clock)


def learned(cluster_id: ClusterId, content: bytes = CONTENT, fingerprint: str = "f1") -> LearnedTypesRecord:
    return LearnedTypesRecord(cluster_id=cluster_id, fingerprint=fingerprint, content=content)


async def test_types_are_read_back(types: LearnedTypesStore, clusters: Clusters) -> None:
    one = await clusters.add(new_cluster("one"))
    two = await clusters.add(new_cluster("two"))

    assert await types.put(learned(one.id))
    assert await types.put(learned(two.id, b"other", "f2"))

    assert await types.all() == {one.id: learned(one.id), two.id: learned(two.id, b"other", "f2")}


async def test_new_types_take_the_place_of_those_before(types: LearnedTypesStore, clusters: Clusters) -> None:
    one = await clusters.add(new_cluster("one"))
    await types.put(learned(one.id))

    assert await types.put(learned(one.id, b"changed", "f2"))

    assert await types.all() == {one.id: learned(one.id, b"changed", "f2")}


async def test_they_are_removed_with_their_cluster(types: LearnedTypesStore, clusters: Clusters) -> None:
    one = await clusters.add(new_cluster("one"))
    await types.put(learned(one.id))

    await clusters.remove("one")

    assert await types.all() == {}


async def test_a_new_connection_of_the_cluster_keeps_them(types: LearnedTypesStore, clusters: Clusters) -> None:
    one = await clusters.add(new_cluster("one"))
    await types.put(learned(one.id))

    await clusters.add(new_cluster("one", credential=b"another"), overwrite=True)

    assert list(await types.all()) == [one.id]


async def test_those_of_a_removed_cluster_are_not_stored(types: LearnedTypesStore) -> None:
    assert not await types.put(learned(ClusterId("gone")))

    assert await types.all() == {}


def test_no_repr_shows_the_content() -> None:
    assert "content" not in repr(learned(ClusterId("one"), b"content"))
