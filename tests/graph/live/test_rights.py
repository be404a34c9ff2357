"""Callers of equal rights share a subscription; one whose rights are others by now gets nothing of the others'."""

from dataclasses import dataclass, field
from typing import cast

import pytest

from graph.engine import Engine
from k8s.masking.masking import STANDARD
from resolvers.caller import OPERATOR, Caller
from resolvers.fleet.cluster import FleetCluster
from resolvers.fleet.fleet import Fleet
from resolvers.live import livelist
from tests.graph.live.living import Living, living, pod, taking

ALICE, CAROL = Caller(name="alice"), Caller(name="carol")
PODS = "subscription { pods(batchMs: 0) { changes { type id object { name } } clusters { name state } } }"


@dataclass
class Granted:
    """A fleet in which each caller has some clusters."""

    known: dict[str, FleetCluster]
    grants: dict[Caller, set[str]] = field(default_factory=dict)
    auditor = None
    masking = STANDARD

    async def clusters(self, caller: Caller) -> tuple[FleetCluster, ...]:
        return tuple(one for name, one in sorted(self.known.items()) if name in self.grants[caller])


async def granted(fleet: Living) -> Granted:
    known = await fleet.executor.fleet.clusters(OPERATOR)
    granted = Granted({one.name: one for one in known}, {ALICE: {"alpha"}, CAROL: {"alpha"}})
    fleet.executor.fleet = cast(Fleet, granted)
    return granted


async def test_a_newcomer_gets_nothing_of_a_cluster_that_only_others_have_got(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(livelist, "CHECK_S", 0.05)
    async with living(engine, {"alpha": [pod("a")], "beta": [pod("secret")]}) as fleet:
        grants = await granted(fleet)
        async with taking(await fleet.subscribe(PODS, caller=ALICE), ALICE) as alice:
            await alice.until(lambda: len(alice.state) == 1)
            grants.grants[ALICE].add("beta")
            await alice.until(lambda: len(alice.state) == 2)
            shared = await fleet.subscribe(PODS, caller=CAROL)
            async with taking(shared, CAROL) as carol, taking(shared, CAROL) as other:
                await carol.until(lambda: carol.states() == {"alpha": "LIVE"})
                await other.until(lambda: other.states() == {"alpha": "LIVE"})
                assert [*carol.state.values()] == [*other.state.values()] == [{"name": "a"}]
                fleet.contents["beta"].apply(pod("later"))
                await alice.until(lambda: len(alice.state) == 3)
                fleet.contents["alpha"].apply(pod("b"))
                await carol.until(lambda: len(carol.state) == 2)
                assert sorted(one["name"] for one in carol.state.values()) == ["a", "b"]
        assert {name for listed in carol.lists for name in (one["name"] for one in listed["clusters"])} == {"alpha"}
