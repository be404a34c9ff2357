"""`viewer`: the caller, and the clusters that exist for the caller."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from graph.engine import Engine
from resolvers.caller import OPERATOR, Caller
from resolvers.limits import OperationLimits
from tests.graph.bodies import MadeObjects
from tests.graph.fleets import Asking, fleet_of
from tests.graph.senders import DownSender, ObjectsSender

ALICE = Caller(name="sso:alice", groups=frozenset({"sso:web", "sso:dev"}))
QUERY = "{ viewer { name groups administrator clusters { cluster { name } roles } } }"


def _asking(engine: Engine, caller: Caller = OPERATOR) -> Asking:
    objects = MadeObjects(seed=1)
    return Asking(engine, fleet_of([ObjectsSender("two", objects), ObjectsSender("one", objects)]), caller=caller)


async def _answer(asking: Asking, query: str, is_ordinary: bool, /, **options: Any) -> Any:
    return json.loads((await asking(query, is_ordinary=is_ordinary, **options)).to_json())


@pytest.mark.parametrize("is_ordinary", [False, True])
async def test_an_administrator_sees_every_cluster_and_acts_as_administrator(engine: Engine, is_ordinary: bool) -> None:
    answer = await _answer(_asking(engine), QUERY, is_ordinary)

    clusters = [{"cluster": {"name": name}, "roles": ["administrator"]} for name in ("one", "two")]
    viewer = {"name": "operator", "groups": [], "administrator": True, "clusters": clusters}
    assert answer == {"data": {"viewer": viewer}}


@pytest.mark.parametrize("is_ordinary", [False, True])
async def test_for_everyone_else_no_cluster_exists_without_a_grant(engine: Engine, is_ordinary: bool) -> None:
    query = f"{QUERY[:-1]} clusters {{ name }} pods {{ totalCount clusters {{ status }} }} }}"

    answer = await _answer(_asking(engine, ALICE), query, is_ordinary)

    viewer = {"name": "sso:alice", "groups": ["sso:dev", "sso:web"], "administrator": False, "clusters": []}
    assert answer == {"data": {"viewer": viewer, "clusters": [], "pods": {"totalCount": 0, "clusters": []}}}


@pytest.mark.parametrize("is_ordinary", [False, True])
async def test_a_cluster_that_exists_not_for_the_caller_is_as_unknown_as_any(engine: Engine, is_ordinary: bool) -> None:
    asking = _asking(engine, ALICE)

    hidden = await _answer(asking, '{ cluster(name: "one") { name } }', is_ordinary)
    absent = await _answer(asking, '{ cluster(name: "six") { name } }', is_ordinary)

    assert json.dumps(hidden) == json.dumps(absent).replace("six", "one")


@pytest.mark.parametrize("is_ordinary", [False, True])
async def test_its_clusters_have_all_that_clusters_have(engine: Engine, is_ordinary: bool) -> None:
    selected = "name labels counts { nodes } pods(first: 1) { nodes { name node { name } } }"
    asking = _asking(engine)

    viewer = await _answer(asking, f"{{ viewer {{ clusters {{ cluster {{ {selected} }} }} }} }}", is_ordinary)
    clusters = await _answer(asking, f"{{ clusters {{ {selected} }} }}", is_ordinary)

    assert [cluster["cluster"] for cluster in viewer["data"]["viewer"]["clusters"]] == clusters["data"]["clusters"]


@pytest.mark.parametrize("is_ordinary", [False, True])
async def test_aliases_fragments_and_type_names(engine: Engine, is_ordinary: bool) -> None:
    query = """{ me: viewer { __typename ...V clusters { __typename } } }
    fragment V on Viewer { who: name seen: clusters { in: cluster { called: name } as: roles } }"""

    answer = await _answer(_asking(engine), query, is_ordinary)

    seen = [{"in": {"called": name}, "as": ["administrator"]} for name in ("one", "two")]
    types = [{"__typename": "ViewerCluster"}] * 2
    assert answer["data"]["me"] == {"__typename": "Viewer", "who": "operator", "seen": seen, "clusters": types}


@pytest.mark.parametrize("is_ordinary", [False, True])
async def test_errors_below_stand_where_they_happened(engine: Engine, is_ordinary: bool) -> None:
    asking = Asking(engine, fleet_of([ObjectsSender("one", MadeObjects(seed=1)), DownSender("two")]))

    answer = await _answer(asking, "{ viewer { clusters { cluster { pods { totalCount } } } } }", is_ordinary)

    assert [error["path"] for error in answer["errors"]] == [["viewer", "clusters", 1, "cluster", "pods"]]


async def test_its_lists_count_against_the_limit_of_requests(engine: Engine) -> None:
    limits = replace(OperationLimits(), requests=3)
    asking = _asking(engine)

    async def code(selected: str) -> Any:
        answer = await _answer(asking, f"{{ viewer {{ {selected} }} }}", False, limits=limits)
        return answer.get("errors", [{"extensions": {"code": None}}])[0]["extensions"]["code"]

    assert await code("clusters { cluster { pods { totalCount } } }") is None
    assert await code("clusters { cluster { pods { totalCount } nodes { totalCount } } }") == "LIMIT_EXCEEDED"


@pytest.mark.parametrize("is_ordinary", [False, True])
async def test_no_cluster_is_asked_for_who_i_am(ask: Callable[..., Asking], is_ordinary: bool) -> None:
    answer = await _answer(ask(DownSender("down")), QUERY, is_ordinary)

    assert "errors" not in answer
