"""Shared work of one operation."""

import asyncio
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, replace
from typing import cast

import pytest

import resolvers.operation.sharedlists
from k8s.errors import Forbidden
from k8s.kinds.builtin import POD
from k8s.reading.listing import ListRequest
from k8s.reading.rowdecoders import Row
from k8s.reading.selection import selection_of
from resolvers.caller import OPERATOR, Caller
from resolvers.fleet.cluster import FleetCluster
from resolvers.fleet.fleet import Fleet
from resolvers.limits import OperationLimits
from resolvers.lists.visibility import ASKED_AT_ONCE, at_once
from resolvers.operation.operation import Operation
from store.errors import StoreUnavailable
from tests.k8s.listsender import ListSender
from tests.k8s.wireserver import until
from tests.resolvers.decoded import row
from tests.resolvers.fakereader import STARTED, FakeReader, cluster

REQUEST = ListRequest(POD, "Pod", selection_of(["metadata.name", "metadata.namespace"]))


@dataclass
class Registry:
    known: tuple[FleetCluster, ...]
    reads: int = 0

    async def clusters(self, _caller: Caller) -> tuple[FleetCluster, ...]:
        self.reads += 1
        return self.known


def _operation(*known: FleetCluster, timeout_s: float = 15) -> Operation:
    limits = OperationLimits(cluster_timeout_s=timeout_s)
    return Operation(cast(Fleet, Registry(known)), caller=OPERATOR, cursor_key=b"k", limits=limits)


async def test_equal_requests_are_made_once() -> None:
    reader = FakeReader([row(POD)])
    alpha, operation = cluster("alpha", reader), _operation()

    listings = await asyncio.gather(*(operation.list(alpha, replace(REQUEST)) for _ in range(5)))
    counts = await asyncio.gather(*(operation.count(alpha, REQUEST) for _ in range(5)))

    assert len(reader.listed) == len(reader.counted) == 1
    assert all(listing.rows is listings[0].rows for listing in listings)
    assert {count.objects for count in counts} == {1}


@pytest.fixture
def much(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets one object count as many."""
    monkeypatch.setattr(resolvers.operation.sharedlists, "_MUCH", 0)


async def _names(_cluster: FleetCluster, rows: Sequence[Row]) -> Sequence[str]:
    return [item.metadata.name for item in rows]


async def _nothing(_cluster: FleetCluster, _rows: Sequence[Row]) -> Sequence[str]:
    return []


async def test_little_is_kept_whole_whoever_asks() -> None:
    reader = FakeReader([row(POD)])
    alpha, operation = cluster("alpha", reader), _operation()

    found = [await operation.list(alpha, REQUEST, reduce=reduce) for reduce in (_nothing, None, _names)]

    assert [(listing.rows, listing.is_reduced) for listing in found] == [(reader.rows, False)] * 3
    assert len(reader.listed) == operation.lists.objects_read == 1


async def test_one_reading_of_much_is_kept_in_several_ways(much: None) -> None:
    reader = FakeReader([row(POD)])
    alpha, operation = cluster("alpha", reader), _operation()

    keeps = (_names, _nothing, _names)
    found = await asyncio.gather(*(operation.list(alpha, REQUEST, reduce=reduce) for reduce in keeps))

    name = reader.rows[0].metadata.name
    assert [listing.rows for listing in found] == [[name], [], [name]]
    assert len(reader.listed) == operation.lists.objects_read == 1


async def test_much_is_kept_whole_where_somebody_needs_it(much: None) -> None:
    reader = FakeReader([row(POD)])
    alpha, operation = cluster("alpha", reader), _operation()

    found = await asyncio.gather(*(operation.list(alpha, REQUEST, reduce=reduce) for reduce in (_names, None)))
    found.append(await operation.list(alpha, REQUEST, reduce=_nothing))

    assert [(listing.rows, listing.is_reduced) for listing in found] == [(reader.rows, False)] * 3
    assert len(reader.listed) == 1


async def test_much_is_kept_whole_where_links_may_need_it(much: None) -> None:
    reader = FakeReader([row(POD)])
    alpha = cluster("alpha", reader)
    operation = _operation(alpha)

    await operation.estimate(1, lists=1)
    found = await operation.list(alpha, REQUEST, reduce=_nothing)

    assert (found.rows, found.is_reduced) == (reader.rows, False)


async def test_what_was_not_kept_is_read_again_once(much: None) -> None:
    reader = FakeReader([row(POD)])
    alpha, operation = cluster("alpha", reader), _operation()

    await operation.list(alpha, REQUEST, reduce=_nothing)
    whole = [await operation.list(alpha, REQUEST) for _ in range(2)]

    assert whole[0].rows == whole[1].rows == reader.rows
    assert len(reader.listed) == 2


async def test_other_requests_and_other_clusters_are_asked_by_themselves() -> None:
    readers = FakeReader(), FakeReader()
    alpha, beta = (cluster(name, reader) for name, reader in zip(("alpha", "beta"), readers, strict=True))
    operation = _operation()

    await operation.list(alpha, REQUEST)
    await operation.list(beta, REQUEST)
    await operation.list(alpha, replace(REQUEST, namespace="shop"))

    assert [len(reader.listed) for reader in readers] == [2, 1]


async def test_a_failure_is_shared_too() -> None:
    reader = FakeReader(error=Forbidden("alpha", "no", status=403))
    alpha, operation = cluster("alpha", reader), _operation()

    for _ in range(2):
        with pytest.raises(Forbidden):
            await operation.list(alpha, REQUEST)

    assert len(reader.listed) == 1


@pytest.mark.parametrize("change", ["gone", "role", "namespaces"])
async def test_im_10_what_was_granted_is_lost_where_a_cluster_is_not_as_it_was(change: str) -> None:
    alpha = replace(cluster("alpha", FakeReader()), roles=("view",), namespaces_hint=("shop",))
    registry = Registry((alpha, cluster("beta", FakeReader())))
    operation = Operation(cast(Fleet, registry), caller=OPERATOR, cursor_key=b"k")
    await operation.clusters()

    registry.known = (replace(alpha), cluster("beta", FakeReader()), cluster("new", FakeReader()))
    before = await operation.is_permitted()
    changed = {"role": replace(alpha, roles=("edit",)), "namespaces": replace(alpha, namespaces_hint=())}
    registry.known = tuple(item for item in (changed.get(change), *registry.known[1:]) if item is not None)

    assert before
    assert not await operation.is_permitted()
    await operation.close()
    assert await operation.is_permitted()


async def test_nothing_is_lost_where_nobody_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    operation = _operation(cluster("alpha", FakeReader()))
    await operation.clusters()

    async def away(_caller: Caller) -> tuple[FleetCluster, ...]:
        raise StoreUnavailable("away")

    monkeypatch.setattr(operation._fleet, "clusters", away)

    assert await operation.is_permitted()


async def test_what_one_failure_leaves_behind_asks_nothing_after_the_end() -> None:
    before = asyncio.all_tasks()
    asked: list[int] = []
    goes_on = asyncio.Event()
    operation = _operation()

    async def ask(namespace: int) -> None:
        asked.append(namespace)
        if namespace == 0:
            raise Forbidden("alpha", "no", status=403)
        await goes_on.wait()

    def once(namespace: str) -> Awaitable[None]:
        return operation.once(namespace, lambda: ask(int(namespace)))

    with pytest.raises(Forbidden):
        await at_once(map(str, range(3 * ASKED_AT_ONCE)), once)
    await operation.close()
    begun = len(asked)
    goes_on.set()
    await until(lambda: asyncio.all_tasks() <= before)

    assert len(asked) == begun < 2 * ASKED_AT_ONCE


async def test_another_operation_asks_anew() -> None:
    reader = FakeReader()
    alpha = cluster("alpha", reader)

    for _ in range(2):
        await _operation().list(alpha, REQUEST)

    assert len(reader.listed) == 2


async def test_a_cluster_has_one_deadline_for_all_that_is_asked() -> None:
    readers = FakeReader(), FakeReader()
    alpha, beta = (cluster(name, reader) for name, reader in zip(("alpha", "beta"), readers, strict=True))
    operation = _operation(timeout_s=7)

    await operation.list(alpha, REQUEST)
    await operation.count(alpha, REQUEST)
    await operation.list(beta, REQUEST)

    assert [len(reader.deadlines) for reader in readers] == [1, 1]
    assert not readers[0].deadlines & readers[1].deadlines
    assert operation.deadline(alpha).timeout_s == 7


async def test_the_registry_is_read_once() -> None:
    registry = Registry((cluster("alpha", FakeReader()),))
    operation = Operation(cast(Fleet, registry), caller=OPERATOR, cursor_key=b"k")

    assert await operation.clusters() == await operation.clusters() == registry.known
    assert registry.reads == 1


async def test_one_who_goes_away_does_not_end_what_another_waits_for() -> None:
    reader = FakeReader([row(POD)])
    alpha, operation = cluster("alpha", reader), _operation()
    leaving, staying = (asyncio.create_task(operation.list(alpha, REQUEST)) for _ in range(2))
    await asyncio.sleep(0)

    leaving.cancel()

    assert len((await staying).rows) == 1
    assert len(reader.listed) == 1


async def test_the_end_ends_what_is_under_way() -> None:
    reader = FakeReader(hangs=True)
    alpha, operation = cluster("alpha", reader), _operation()
    asking = asyncio.create_task(operation.list(alpha, REQUEST))
    await until(lambda: reader.under_way == 1)
    asking.cancel()

    await operation.close()

    assert reader.under_way == 0
    await asyncio.gather(asking, return_exceptions=True)


@pytest.mark.parametrize(
    ("answer", "version", "questions"),
    [(b'{"gitVersion":"v1.37.2"}', "v1.37.2", ["/version"]), (b"{}", None, ["/version", "/api/v1"])],
)
async def test_health_is_asked_once_and_a_failure_is_a_value(
    answer: bytes, version: str | None, questions: list[str]
) -> None:
    sender = ListSender({"": [answer]})
    alpha = FleetCluster("id", "alpha", {}, "", STARTED, STARTED, FakeReader(), sender)
    operation = _operation()

    healths = await asyncio.gather(operation.health(alpha), operation.health(alpha))

    assert healths[0] is healths[1]
    assert [call.path for call in sender.calls] == questions
    assert healths[0].version == version
    assert (healths[0].error is None) == (healths[0].latency_ms is not None) == (version is not None)
