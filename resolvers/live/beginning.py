"""The beginning of a cluster in a list that is followed: its watches, until all objects are there.

Objects of a long list arrive page by page. The watches of links begin with the first ones, and from then on rows are
evaluated and sent as they arrive; the cluster is live when the last of them was sent.
"""

import asyncio
from collections.abc import Callable
from itertools import islice
from random import SystemRandom
from typing import Final

from k8s.watches.freshness import Freshness
from resolvers.live.evaluation import BEGINNING, Evaluate
from resolvers.live.followedcluster import FollowedCluster

_SAMPLES: Final = 20
"""Objects by which the links of a list are found out."""
FIRST_RETRY_S: Final = 5.0
LAST_RETRY_S: Final = 15.0
_RANDOM: Final = SystemRandom()


async def begin(cluster: FollowedCluster, evaluate: Evaluate, wake: Callable[[], None], *, after_s: float) -> None:
    """Waits until all objects of a cluster are watched, and begins it; tries again after a failure.

    Args:
        cluster: The cluster.
        evaluate: Evaluates the list.
        wake: Lets the list look at the cluster again.
        after_s: Seconds before the first try, unless the cluster is to hurry.
    """
    wait_s = max(FIRST_RETRY_S, after_s)
    if after_s:
        await _pause(cluster, after_s)
    early = asyncio.create_task(_begin_early(cluster, evaluate, wake), name=f"first objects of {cluster.name}")
    try:
        await _watch_all(cluster, evaluate, wake, wait_s)
    finally:
        early.cancel()
        await asyncio.gather(early, return_exceptions=True)
    if not cluster.is_begun:
        await _begin_links(cluster, evaluate)
    cluster.begin()
    wake()


async def _watch_all(cluster: FollowedCluster, evaluate: Evaluate, wake: Callable[[], None], wait_s: float) -> None:
    """Returns when all objects are there; tries again after a failure."""
    while True:
        cluster.hurry.clear()
        evaluation = await evaluate({cluster.name: BEGINNING})
        if (failure := evaluation.failures.get(cluster.name)) is None:
            return
        if not any(root.held.freshness is Freshness.SYNCING for root in cluster.roots):
            cluster.fail(failure)
            wake()
        await _pause(cluster, wait_s)
        wait_s = min(LAST_RETRY_S, 2 * wait_s)


async def _begin_early(cluster: FollowedCluster, evaluate: Evaluate, wake: Callable[[], None]) -> None:
    """Begins a cluster whose first objects have arrived."""
    while not cluster.expect_more():
        cluster.has_arrivals.clear()
        await cluster.has_arrivals.wait()
    await _begin_links(cluster, evaluate)
    if cluster.expect_more():
        cluster.begin(is_early=True)
        wake()


async def _begin_links(cluster: FollowedCluster, evaluate: Evaluate) -> None:
    samples = frozenset(islice(cluster.root_keys(), _SAMPLES))
    if samples:
        await evaluate({cluster.name: samples})


async def _pause(cluster: FollowedCluster, wait_s: float) -> None:
    """Waits, some longer than others so that not all lists try at once, or until the cluster is to hurry."""
    try:
        async with asyncio.timeout(wait_s * (1 + _RANDOM.random() / 2)):
            await cluster.hurry.wait()
    except TimeoutError:
        pass
