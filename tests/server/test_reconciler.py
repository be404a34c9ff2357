"""What the server does beside answering."""

import asyncio
from typing import cast

from structlog.testing import capture_logs

from k8s.errors import Unreachable
from resolvers.granting import Granting
from resolvers.reconciling import Reconciled
from server.reconciler import reconciling
from store.errors import StoreUnavailable


class Clusters:
    """Stands for what reconciles; gives one result after the other, then nothing to do."""

    def __init__(self, *results: tuple[Reconciled, ...] | Exception) -> None:
        self.results = list(results)
        self.done = asyncio.Event()
        self.times = 0

    async def reconcile(self) -> tuple[Reconciled, ...]:
        self.times += 1
        if not self.results:
            self.done.set()
            return ()
        result = self.results.pop(0)
        if isinstance(result, Exception):
            raise result
        return result


async def test_it_goes_on_whatever_fails_and_says_each_failure_once() -> None:
    failed = Reconciled(cluster="alpha", error=Unreachable("alpha", "no connection."))
    cleaned = Reconciled(cluster="alpha", removed=1, changed=2)
    clusters = Clusters((failed,), (failed,), StoreUnavailable("down"), (cleaned,), (failed,))

    with capture_logs() as logs:
        async with reconciling(cast(Granting, clusters), interval_s=0.001):
            await asyncio.wait_for(clusters.done.wait(), 30)

    assert [(each["event"], each.get("cluster"), each["log_level"]) for each in logs] == [
        ("grants not reconciled", "alpha", "warning"),
        ("grants not reconciled", None, "warning"),
        ("grants reconciled", "alpha", "info"),
        ("grants not reconciled", "alpha", "warning"),
    ]


async def test_it_goes_on_after_what_nobody_expected() -> None:
    clusters = Clusters(ValueError("a mistake of ours"))

    with capture_logs() as logs:
        async with reconciling(cast(Granting, clusters), interval_s=0.001):
            await asyncio.wait_for(clusters.done.wait(), 30)

    assert [(each["event"], each["log_level"]) for each in logs] == [("grants not reconciled", "error")]


async def test_it_ends_with_the_server() -> None:
    clusters = Clusters()

    async with reconciling(cast(Granting, clusters), interval_s=0.001):
        await asyncio.wait_for(clusters.done.wait(), 30)
    times = clusters.times
    await asyncio.sleep(0.01)

    assert clusters.times == times


async def test_where_nothing_is_granted_there_is_nothing_to_do() -> None:
    async with reconciling(None, interval_s=0.001):
        pass
