"""The registry of clusters, on every database."""

import asyncio
from dataclasses import replace
from uuid import UUID

import pytest

from store.clusters.cluster import ClusterConnection, ClusterFilter, ClusterId, NewCluster
from store.clusters.clusters import Clusters
from store.database.database import Database
from store.errors import InvalidValue, NameTaken, NotFound
from store.keys.encryption import Cipher
from store.keys.keyring import KeyRing
from tests.store.clock import NOON, Clock
from tests.store.samples import CONNECTION, CREDENTIAL, new_cluster


async def test_a_cluster_is_given_back_as_it_was_added(clusters: Clusters) -> None:
    added = await clusters.add(new_cluster("prod", labels={"env": "prod"}, description="Größe\n✓"))

    assert UUID(added.id).version == 4
    assert added.name == "prod"
    assert added.labels == {"env": "prod"}
    assert added.connection == CONNECTION
    assert added.description == "Größe\n✓"
    assert (added.created_at, added.updated_at) == (NOON, NOON)
    assert await clusters.get("prod") == added
    assert await clusters.get_by_id(added.id) == added
    assert await clusters.credential(added.id) == CREDENTIAL


async def test_what_is_optional_may_be_left_out(clusters: Clusters) -> None:
    connection = ClusterConnection(server="https://10.0.0.1:6443")

    await clusters.add(NewCluster(name="bare", connection=connection, credential=b"\0\xff"))

    record = await clusters.get("bare")
    assert (record.labels, record.description, record.connection) == ({}, "", connection)
    assert await clusters.credential(record.id) == b"\0\xff"


async def test_a_taken_name_is_refused_and_changes_nothing(clusters: Clusters) -> None:
    added = await clusters.add(new_cluster("prod"))

    with pytest.raises(NameTaken, match="A cluster named prod exists") as refusal:
        await clusters.add(new_cluster("prod", credential=b"other"))

    assert refusal.value.name == "prod"
    assert await clusters.select() == (added,)
    assert await clusters.credential(added.id) == CREDENTIAL


async def test_overwriting_keeps_identity_labels_and_description(clusters: Clusters, clock: Clock) -> None:
    added = await clusters.add(new_cluster("prod", labels={"env": "prod"}, description="first"))
    later = clock.advance(hours=1)
    connection = ClusterConnection(server="https://new.example.com")

    overwritten = await clusters.add(new_cluster("prod", credential=b"new", connection=connection), overwrite=True)

    assert overwritten == replace(added, connection=connection, updated_at=later)
    assert await clusters.get("prod") == overwritten
    assert await clusters.credential(added.id) == b"new"


async def test_a_prometheus_is_set_kept_when_overwritten_and_removed(clusters: Clusters, clock: Clock) -> None:
    added = await clusters.add(new_cluster("prod"))
    later = clock.advance(hours=1)

    record = await clusters.set_prometheus("prod", "service:monitoring/prometheus:9090")

    assert added.prometheus is None
    assert record == replace(added, prometheus="service:monitoring/prometheus:9090", updated_at=later)
    assert await clusters.get("prod") == record
    assert await clusters.add(new_cluster("prod", credential=b"new"), overwrite=True) == record
    assert await clusters.get("prod") == record
    assert await clusters.credential(added.id) == b"new"
    assert (await clusters.set_prometheus("prod", None)).prometheus is None
    assert (await clusters.get("prod")).prometheus is None


async def test_a_prometheus_that_cannot_be_set_changes_nothing(clusters: Clusters) -> None:
    added = await clusters.add(new_cluster("prod"))

    with pytest.raises(InvalidValue):
        await clusters.set_prometheus("prod", "https://a\0")
    with pytest.raises(NotFound):
        await clusters.set_prometheus("other", "https://a")

    assert await clusters.select() == (added,)


async def test_overwriting_sets_labels_and_description_that_are_given(clusters: Clusters) -> None:
    await clusters.add(new_cluster("prod", labels={"env": "prod"}, description="first"))

    await clusters.add(new_cluster("prod", labels={}, description=""), overwrite=True)

    record = await clusters.get("prod")
    assert (record.labels, record.description) == ({}, "")


async def test_overwriting_adds_what_is_not_there(clusters: Clusters) -> None:
    added = await clusters.add(new_cluster("prod"), overwrite=True)

    assert await clusters.select() == (added,)


async def test_of_two_at_once_with_one_name_one_wins(clusters: Clusters) -> None:
    results = await asyncio.gather(*(clusters.add(new_cluster("prod")) for _ in range(5)), return_exceptions=True)

    assert sum(isinstance(result, NameTaken) for result in results) == 4
    assert len(await clusters.select()) == 1


async def test_unknown_names_and_ids_are_not_found(clusters: Clusters) -> None:
    unknown = ClusterId("0b5d")

    with pytest.raises(NotFound, match="No cluster is named 'nope'") as by_name:
        await clusters.get("nope")
    with pytest.raises(NotFound) as by_id:
        await clusters.get_by_id(unknown)
    with pytest.raises(NotFound):
        await clusters.credential(unknown)
    with pytest.raises(NotFound):
        await clusters.remove("nope")
    with pytest.raises(NotFound):
        await clusters.change_labels("nope", put={"a": "b"})

    assert (by_name.value.name, by_id.value.name) == ("nope", "0b5d")


@pytest.mark.parametrize("odd", ["", "\0", "\ud800", "' OR 1=1 --", "x" * 100_000])
async def test_what_no_database_could_store_is_not_found(clusters: Clusters, odd: str) -> None:
    await clusters.add(new_cluster("prod"))

    with pytest.raises(NotFound) as failure:
        await clusters.get(odd)
    with pytest.raises(NotFound):
        await clusters.get_by_id(ClusterId(odd))
    with pytest.raises(NotFound):
        await clusters.remove(odd)

    assert len(str(failure.value)) < 200


async def test_a_removed_cluster_is_gone_and_its_name_free(clusters: Clusters) -> None:
    first = await clusters.add(new_cluster("prod"))

    await clusters.remove("prod")

    assert await clusters.select() == ()
    assert (await clusters.add(new_cluster("prod"))).id != first.id


async def test_clusters_come_in_the_order_of_their_names(clusters: Clusters) -> None:
    for name in ("b", "a-b", "ab", "a", "a0"):
        await clusters.add(new_cluster(name))

    assert [record.name for record in await clusters.select()] == ["a", "a-b", "a0", "ab", "b"]
    assert [opened.record.name for opened in await clusters.open()] == ["a", "a-b", "a0", "ab", "b"]


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        (ClusterFilter(), ["a", "b", "c"]),
        (ClusterFilter(names=frozenset({"b", "unknown"})), ["b"]),
        (ClusterFilter(names=frozenset()), []),
        (ClusterFilter(names=frozenset({"c", *(f"x{i}" for i in range(40_000))})), ["c"]),
        (ClusterFilter(ids=frozenset({ClusterId("unknown")})), []),
        (ClusterFilter(names=frozenset({"\0", "\ud800", "b"})), ["b"]),
        (ClusterFilter(ids=frozenset({ClusterId("\0"), ClusterId("\ud800")})), []),
        (ClusterFilter(labels={}), ["a", "b", "c"]),
        (ClusterFilter(labels={"env": "prod"}), ["a", "b"]),
        (ClusterFilter(labels={"env": "prod", "tier": "1"}), ["b"]),
        (ClusterFilter(labels={"env": ""}), []),
        (ClusterFilter(labels={"env": "prod"}, names=frozenset({"a", "c"})), ["a"]),
    ],
)
async def test_clusters_are_chosen(clusters: Clusters, chosen: ClusterFilter, expected: list[str]) -> None:
    await clusters.add(new_cluster("a", labels={"env": "prod"}))
    await clusters.add(new_cluster("b", labels={"env": "prod", "tier": "1"}))
    await clusters.add(new_cluster("c"))

    assert [record.name for record in await clusters.select(chosen)] == expected


async def test_clusters_are_chosen_by_id(clusters: Clusters) -> None:
    first = await clusters.add(new_cluster("a"))
    await clusters.add(new_cluster("b"))

    assert await clusters.select(ClusterFilter(ids=frozenset({first.id}))) == (first,)


async def test_labels_are_changed_and_the_others_kept(clusters: Clusters, clock: Clock) -> None:
    added = await clusters.add(new_cluster("prod", labels={"a": "1", "b": "1", "c": "1"}))
    later = clock.advance(minutes=1)

    changed = await clusters.change_labels("prod", put={"b": "2", "d": "1"}, remove={"c", "unknown"})

    assert changed == replace(added, labels={"a": "1", "b": "2", "d": "1"}, updated_at=later)
    assert await clusters.get("prod") == changed


async def test_a_label_that_is_removed_and_set_is_set(clusters: Clusters) -> None:
    await clusters.add(new_cluster("prod", labels={"a": "1"}))

    assert (await clusters.change_labels("prod", put={"a": "2"}, remove={"a"})).labels == {"a": "2"}


async def test_changes_of_different_labels_at_once_all_hold(clusters: Clusters) -> None:
    await clusters.add(new_cluster("prod"))

    await asyncio.gather(*(clusters.change_labels("prod", put={f"l{i}": "x"}) for i in range(5)))

    assert (await clusters.get("prod")).labels == {f"l{i}": "x" for i in range(5)}


async def test_an_invalid_label_changes_nothing(clusters: Clusters) -> None:
    added = await clusters.add(new_cluster("prod", labels={"a": "1"}))

    with pytest.raises(InvalidValue):
        await clusters.change_labels("prod", put={"-": "x"}, remove={"a"})

    assert await clusters.get("prod") == added


async def test_what_one_replica_writes_another_sees(database_url: str, keys: KeyRing) -> None:
    async with await Database.open(database_url) as here, await Database.open(database_url) as there:
        added = await Clusters(here, Cipher(keys)).add(new_cluster("prod"))

        assert await Clusters(there, Cipher(keys)).select() == (added,)
