"""Objects picked from a list."""

import asyncio
from datetime import UTC, datetime

from k8s.kinds.builtin import POD
from k8s.reading.reader import ClusterReader
from resolvers.fleet.cluster import FleetCluster
from resolvers.lists.rows import Rows
from tests.k8s.listsender import ListSender
from tests.resolvers.decoded import row

NOW = datetime.now(UTC)


def _cluster(name: str) -> FleetCluster:
    sender = ListSender({}, name=name)
    return FleetCluster(f"id-{name}", name, {}, "", NOW, NOW, ClusterReader(sender), sender)


async def test_they_are_picked_with_their_clusters_and_copies() -> None:
    pods = [row(POD, metadata={"name": f"web-{place}"}) for place in range(300)]
    clusters = [_cluster(f"c{place}") for place in range(300)]
    wanted = [299, 0, *range(150, 290), 7]

    picked = await Rows(pods, clusters, list(range(300))).picked(wanted)

    assert picked == Rows([pods[place] for place in wanted], [clusters[place] for place in wanted], wanted)


async def test_others_go_on_while_many_are_picked() -> None:
    many = 500_000
    rows, turns = Rows([row(POD)] * many, [_cluster("alpha")] * many), 0

    async def others() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    other = asyncio.create_task(others())
    await rows.picked(range(many))
    other.cancel()

    assert turns > 3


async def test_objects_with_equal_labels_in_a_namespace_are_alike() -> None:
    one, other = _cluster("one"), _cluster("other")
    labels = [
        ("a", {"app": "web"}),
        ("a", {"app": "web"}),
        ("b", {"app": "web"}),
        ("a", None),
        ("a", {}),
        ("a", {"b": "c"}),
    ]
    pods = [
        row(POD, "metadata.labels", metadata={"name": "p", "namespace": namespace, "labels": own})
        for namespace, own in labels
    ]
    rows = Rows([*pods, pods[0]], [one] * len(pods) + [other])

    found = await asyncio.gather(rows.alike_by_labels(), rows.alike_by_labels())

    assert found[0] == ([0, 2, 3, 5, 6], [0, 0, 1, 2, 2, 3, 4])
    assert found[1] is found[0]


async def test_objects_that_were_added_are_compared_as_well() -> None:
    rows, cluster = Rows(), _cluster("one")
    rows.extend(cluster, [row(POD, "metadata.labels", metadata={"name": "p", "labels": {"app": "web"}})])
    assert await rows.alike_by_labels() == ([0], [0])

    rows.extend(cluster, [row(POD, "metadata.labels", metadata={"name": "q", "labels": {"app": "db"}})])

    assert await rows.alike_by_labels() == ([0, 1], [0, 1])
