"""Lists of 150,000 objects: pages are served; everything else is refused, or read and not stored."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from bench.processes import memory
from bench.replay import ReplayingSender
from graph.engine import Engine
from k8s.transport.body import OnPrefix
from k8s.transport.call import Call
from k8s.transport.deadline import Deadline
from resolvers.limits import OperationLimits
from tests.controlplane.objects import FleetSize
from tests.graph.fleets import Asking, fleet_of
from tests.graph.replayedpages import write_pages

PODS = 150_000
GROUPS = '{ pods { groups(by: ["namespace"]) { count } } }'


@dataclass
class CountingSender:
    """A sender that counts the requested pages."""

    sender: ReplayingSender
    name: str = "one"
    pages: list[Call] = field(default_factory=list)

    async def send(self, call: Call, deadline: Deadline, *, on_prefix: OnPrefix | None = None) -> bytes:
        """Returns the page."""
        self.pages.append(call)
        return await self.sender.send(call, deadline, on_prefix=on_prefix)


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Returns a thousand pods; the sender repeats them."""
    folder = tmp_path_factory.mktemp("pages")
    write_pages(folder, FleetSize(namespaces=4, nodes=4, deployments=4, pods=1000))
    return folder


@pytest.mark.parametrize(
    "query", ["{ pods { totalCount } }", "{ pods(first: 100) { totalCount nodes { name } pageInfo { hasNextPage } } }"]
)
async def test_a_number_and_a_page_cost_one_request(engine: Engine, pages: Path, query: str) -> None:
    sender = CountingSender(ReplayingSender("one", pages, PODS))

    answer = await Asking(engine, fleet_of([sender]))(query)

    found: Any = answer.to_builtins()
    assert "errors" not in found
    assert found["data"]["pods"]["totalCount"] == PODS
    assert len(sender.pages) == 1


async def test_what_needs_all_of_them_is_refused_at_the_first_page(engine: Engine, pages: Path) -> None:
    sender = CountingSender(ReplayingSender("one", pages, PODS))

    answer = await Asking(engine, fleet_of([sender]))(GROUPS, limits=OperationLimits(objects=PODS - 1))

    (error,) = answer.to_builtins()["errors"]
    assert error["extensions"]["code"] == "LIMIT_EXCEEDED"
    assert f"at least {PODS} pods" in error["message"]
    assert len(sender.pages) <= 3  # the first page, and those requested ahead of it


@pytest.mark.slow
def test_fa_8_what_is_counted_and_grouped_of_them_takes_little_memory(pages: Path) -> None:
    used = memory(pages, "aggregated")

    assert used.added_mib * 2**20 < 150e6, used


async def test_what_several_clusters_have_too_much_of_together_is_not_read_to_the_end(
    engine: Engine, pages: Path
) -> None:
    senders = [CountingSender(ReplayingSender(name, pages, 5000), name) for name in ("one", "two")]

    answer = await Asking(engine, fleet_of(senders))(GROUPS, limits=OperationLimits(objects=5500))

    (error,) = answer.to_builtins()["errors"]
    assert error["message"] == (
        "The list has more than 5500 pods in 2 clusters (FLEETGRAPH_MAX_OBJECTS); narrow it by clusters, namespaces, "
        "labelSelector or fieldSelector, or ask for pages of it."
    )
    assert sum(len(sender.pages) for sender in senders) < 2 * 5000 / 500


async def test_the_cluster_that_has_too_much_with_others_pays_and_is_not_read_to_the_end(
    engine: Engine, pages: Path
) -> None:
    large, small = (
        CountingSender(ReplayingSender(name, pages, size), name) for name, size in (("a", 50_000), ("b", 1000))
    )

    answer = await Asking(engine, fleet_of([large, small]))(GROUPS, limits=OperationLimits(objects=50_000))

    found = answer.to_builtins()
    (error,) = found["errors"]
    assert (error["path"], error["extensions"]) == (
        ["pods"],
        {"code": "LIMIT_EXCEEDED", "retryable": False, "cluster": "a", "reason": "TooManyObjects"},
    )
    assert sum(group["count"] for group in found["data"]["pods"]["groups"]) == 1000
    assert len(large.pages) < 10


async def test_a_limit_that_allows_them_lets_all_be_read(engine: Engine, pages: Path) -> None:
    sender = CountingSender(ReplayingSender("one", pages, 5000))

    answer = await Asking(engine, fleet_of([sender]))(GROUPS, limits=OperationLimits(objects=5000))

    groups = answer.to_builtins()["data"]["pods"]["groups"]
    assert sum(group["count"] for group in groups) == 5000
    assert len(sender.pages) == 10
