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
