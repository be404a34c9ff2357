"""The reconciliation in the background."""

import asyncio
from typing import cast
from weakref import ref

from annotated_types import Le
from structlog.testing import capture_logs

from k8s.accounts.account import MOST_SUBJECTS
from k8s.errors import Unreachable
from resolvers.grants.managedgrants import ManagedGrants
from resolvers.grants.reconciling import Reconciled
from server.serve.reconciler import reconciling
from server.settings.settings import Settings
from store.errors import StoreUnavailable
from store.names import MAX_CALLER_GROUPS


class Clusters:
    """A fake reconciliation that gives one result after the other, then nothing."""

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
        async with reconciling(cast(ManagedGrants, clusters), interval_s=0.001):
            await asyncio.wait_for(clusters.done.wait(), 30)

    assert [(entry["event"], entry.get("cluster"), entry["log_level"]) for entry in logs] == [
        ("grants not reconciled", "alpha", "warning"),
        ("grants not reconciled", None, "warning"),
        ("grants reconciled", "alpha", "info"),
        ("grants not reconciled", "alpha", "warning"),
    ]


async def test_it_goes_on_after_what_nobody_expected() -> None:
    clusters = Clusters(ValueError("a mistake of ours"))

    with capture_logs() as logs:
        async with reconciling(cast(ManagedGrants, clusters), interval_s=0.001):
            await asyncio.wait_for(clusters.done.wait(), 30)

    assert [(entry["event"], entry["log_level"]) for entry in logs] == [("grants not reconciled", "error")]


async def test_what_came_of_clusters_is_let_go_of_before_the_next_time() -> None:
    class Noting(Clusters):
        async def reconcile(self) -> tuple[Reconciled, ...]:
            is_gone.append(noted() is None)
            return await super().reconcile()

    is_gone: list[bool] = []
    error = Unreachable("alpha", "no connection.")
    clusters, noted = Noting((Reconciled(cluster="alpha", error=error),)), ref(error)
    del error

    with capture_logs():
        async with reconciling(cast(ManagedGrants, clusters), interval_s=0.001):
            await asyncio.wait_for(clusters.done.wait(), 30)

    assert is_gone[:2] == [False, True]


async def test_it_ends_with_the_server() -> None:
    clusters = Clusters()

    async with reconciling(cast(ManagedGrants, clusters), interval_s=0.001):
        await asyncio.wait_for(clusters.done.wait(), 30)
    times = clusters.times
    await asyncio.sleep(0.01)

    assert clusters.times == times


async def test_where_nothing_is_granted_there_is_nothing_to_do() -> None:
    async with reconciling(None, interval_s=0.001):
        pass


def test_an_account_may_stand_for_a_user_with_as_many_groups_as_any_setting_allows() -> None:
    most = [entry.le for entry in Settings.model_fields["max_groups"].metadata if isinstance(entry, Le)]

    assert most == [MOST_SUBJECTS - 1]
    assert MAX_CALLER_GROUPS < MOST_SUBJECTS
