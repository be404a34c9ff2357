"""The clusters of a list, whose callers have the same rights at first."""

import asyncio
from dataclasses import replace
from typing import cast

from k8s.watches.sharedwatches import SharedWatches
from resolvers.caller import Caller
from resolvers.fleet.cluster import FleetCluster
from resolvers.fleet.fleet import Fleet
from resolvers.live.dependencies import Dependencies
from resolvers.live.livefleet import LiveFleet
from tests.graph.fleets import cluster_of
from tests.resolvers.live.simulatedapi import SimulatedApi

ANN, BOB = Caller(name="ann"), Caller(name="bob")


def cluster(name: str, *roles: str) -> FleetCluster:
    return replace(cluster_of(SimulatedApi(name)), roles=roles or ("view",))


class Registry:
    """The clusters of callers."""

    auditor = None

    def __init__(self) -> None:
        self.known: dict[Caller, dict[str, FleetCluster]] = {}

    def set(self, *clusters: FleetCluster, of: tuple[Caller, ...] = (ANN, BOB)) -> None:
        for caller in of:
            self.known[caller] = {one.name: one for one in clusters}

    async def clusters(self, caller: Caller) -> tuple[FleetCluster, ...]:
        return tuple(self.known[caller].values())


async def joined(registry: Registry) -> LiveFleet:
    fleet = LiveFleet(cast(Fleet, registry), Dependencies(lambda _one, _before: None))
    for caller in (ANN, BOB):
        await fleet.join(caller)
    return fleet


async def test_a_cluster_joins_when_all_callers_have_it() -> None:
    registry = Registry()
    registry.set(cluster("east"))
    fleet = await joined(registry)
    assert [*await fleet.members()] == ["east"]
    registry.set(cluster("east"), cluster("west"), of=(ANN,))
    assert [*await fleet.members()] == ["east"]
    registry.set(cluster("east"), cluster("west"))
    assert [*await fleet.members()] == ["east", "west"]


async def test_no_client_is_made_for_clusters_that_the_list_does_not_choose() -> None:
    def unwanted() -> SharedWatches:
        raise AssertionError

    registry, deps = Registry(), Dependencies(lambda _one, _before: None)
    registry.set(cluster("east"), replace(cluster("west"), watches=unwanted))
    fleet = LiveFleet(cast(Fleet, registry), deps, choose=lambda clusters: clusters[:1])
    await fleet.join(ANN)
    members = await fleet.members()
    assert members["west"].watches is None


async def test_rights_that_one_caller_gets_are_not_those_of_the_others() -> None:
    registry = Registry()
    registry.set(cluster("east", "view"))
    fleet = await joined(registry)
    before = await fleet.members()
    registry.set(cluster("east", "admin"), of=(ANN,))
    assert await fleet.members() == before
    (one,) = await fleet.clusters(ANN)
    assert one.roles == ("view",)


async def test_rights_that_all_callers_get_are_those_of_the_list() -> None:
    registry = Registry()
    registry.set(cluster("east", "view"))
    fleet = await joined(registry)
    before = await fleet.members()
    registry.set(cluster("east", "admin"))
    assert await fleet.members() != before
    (one,) = await fleet.clusters(BOB)
    assert one.roles == ("admin",)


async def test_a_cluster_stays_as_long_as_one_caller_has_it() -> None:
    registry = Registry()
    registry.set(cluster("east"))
    fleet = await joined(registry)
    await fleet.members()
    registry.set(of=(ANN,))
    assert [*await fleet.members()] == ["east"]
    fleet.leave(BOB)
    assert not await fleet.members()


async def test_callers_may_come_while_members_are_read() -> None:
    registry = Registry()
    registry.set(cluster("east"))
    fleet = LiveFleet(cast(Fleet, registry), Dependencies(lambda _one, _before: None))
    await fleet.join(ANN)
    await asyncio.gather(fleet.members(), fleet.join(BOB), fleet.members())
    assert [*await fleet.members()] == ["east"]
