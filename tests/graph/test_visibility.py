"""Lists over clusters in which the caller may list some namespaces only."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.answer import Answer
from graph.engine import Engine
from k8s.kinds.builtin import BUILT_IN, DEPLOYMENT, NAMESPACE, POD, REPLICA_SET
from k8s.kinds.kind import Kind
from resolvers.arguments.globalids import object_id
from resolvers.fleet.fleet import Fleet
from resolvers.fleet.listable import NamespaceNames
from resolvers.limits import OperationLimits
from tests.controlplane.json_object import JsonObject
from tests.graph.bodies import NAMESPACES, MadeObjects
from tests.graph.fleets import Asking, Clusters, cluster_of, fleet_of
from tests.graph.limitedsender import LimitedSender
from tests.graph.senders import DownSender, ObjectsSender

PODS = "/api/v1/pods"
RULES = "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews"
ACCESS = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
ENVELOPE = "clusters { cluster { name } status scope { kind namespaces } error { code message reason } }"
COUNT = f"{{ pods {{ totalCount {ENVELOPE} }} }}"
SEEN = ("shop", "shop-eu")
Json = Any
Ask = Callable[..., Asking]


def _names(*namespaces: str) -> Sequence[JsonObject]:
    return [{"metadata": {"name": name}} for name in namespaces]


def _objects(kind: Kind) -> Sequence[JsonObject]:
    """Returns two pods, a deployment and so on in each of four namespaces."""
    if kind == NAMESPACE:
        return _names("dark", "shop", "shop-eu", "spare")
    if kind not in {POD, DEPLOYMENT, REPLICA_SET}:
        return []
    places = [(namespace, name) for namespace in ("dark", "shop", "shop-eu", "spare") for name in ("a", "b")]
    return [_object(kind, namespace, name) for namespace, name in places]


def _object(kind: Kind, namespace: str, name: str) -> JsonObject:
    owner = {POD: REPLICA_SET, REPLICA_SET: DEPLOYMENT}.get(kind)
    metadata: JsonObject = {"namespace": namespace, "name": name, "uid": f"{kind}/{namespace}/{name}"}
    if owner is not None:
        reference: JsonObject = {"apiVersion": owner.api_version, "kind": owner.name, "name": name, "controller": True}
        metadata["ownerReferences"] = [reference | {"uid": f"{owner}/{namespace}/{name}"}]
    return {"metadata": metadata, "spec": {}}


def _limited(*namespaces: str, also: dict[Kind, Sequence[str]] | None = None) -> LimitedSender:
    return LimitedSender(ObjectsSender("one", _objects), {POD: namespaces, **(also or {})})


def _list(answer: Answer, name: str = "pods") -> Json:
    data = answer.to_builtins()["data"]
    assert data is not None, answer.errors
    return data[name]


def _scope(answer: Answer) -> tuple[str, list[str] | None]:
    (report,) = _list(answer)["clusters"]
    assert report["error"] is None
    return report["status"], report["scope"]["namespaces"]


async def test_the_rows_of_the_namespaces_that_may_be_listed(ask: Ask) -> None:
    answer = await ask(_limited("shop-eu", "shop"))(
        f"{{ pods {{ totalCount nodes {{ namespace name }} {ENVELOPE} }} }}"
    )

    assert answer.errors == []
    assert [(pod["namespace"], pod["name"]) for pod in _list(answer)["nodes"]] == [
        ("shop-eu", "a"),
        ("shop-eu", "b"),
        ("shop", "a"),
        ("shop", "b"),
    ]
    assert _list(answer)["totalCount"] == 4
    assert _list(answer)["clusters"] == [
        {
            "cluster": {"name": "one"},
            "status": "PARTIAL",
            "scope": {"kind": "NAMESPACES", "namespaces": ["shop-eu", "shop"]},
            "error": None,
        }
    ]


async def test_who_may_list_everything_is_asked_nothing_else(ask: Ask) -> None:
    sender = LimitedSender(ObjectsSender("one", _objects), {})

    answer = await ask(sender)(COUNT)

    assert sender.take_requests() == [PODS]
    assert _scope(answer) == ("OK", None)
    assert _list(answer)["clusters"][0]["scope"]["kind"] == "CLUSTER"


async def test_what_was_found_out_is_used_again(ask: Ask) -> None:
    sender = _limited(*SEEN)
    asking = ask(sender)

    await asking(COUNT)
    first = sender.take_requests()
    await asking(COUNT)
    second = sender.take_requests()
    await asking("{ replicaSets { totalCount } pods { nodes { name } } }")
    third = sender.take_requests()

    lists = [f"/api/v1/namespaces/{name}/pods" for name in ("shop-eu", "shop")]
    reviews = [f"{RULES} {name}" for name in ("dark", "shop", "shop-eu", "spare")]
    assert first == [PODS, "/api/v1/namespaces", *reviews, *lists]
    assert second == lists
    assert sorted(third) == sorted(["/apis/apps/v1/replicasets", *lists])


async def test_what_one_identity_was_told_is_not_used_for_another(ask: Ask) -> None:
    one, other = _limited("shop"), _limited("spare")

    answers = [await ask(sender)(COUNT) for sender in (one, other)]

    assert [_scope(answer) for answer in answers] == [("PARTIAL", ["shop"]), ("PARTIAL", ["spare"])]


async def test_a_right_that_was_taken_away_meanwhile_costs_its_namespace(ask: Ask) -> None:
    sender = _limited(*SEEN)
    asking = ask(sender)
    await asking(COUNT)

    sender.limited = {POD: ["shop"]}
    answers = [await asking(COUNT), await asking(COUNT)]

    assert [_scope(answer) for answer in answers] == [("PARTIAL", ["shop"])] * 2
    assert [_list(answer)["totalCount"] for answer in answers] == [2, 2]


async def test_no_namespace_at_all_is_forbidden(ask: Ask) -> None:
    answer = await ask(_limited())(f"{{ pods {{ nodes {{ name }} {ENVELOPE} }} }}")

    (report,) = _list(answer)["clusters"]
    message = "cluster 'one': its RBAC does not allow to list pods."
    assert _list(answer)["nodes"] == []
    assert report["status"] == "FORBIDDEN"
    assert report["scope"] is None
    assert report["error"] == {"code": "FORBIDDEN", "message": message, "reason": "Forbidden"}
    assert [error["path"] for error in answer.errors] == [["pods"]]


async def test_a_first_right_is_seen_at_once(ask: Ask) -> None:
    sender = _limited()
    asking = ask(sender)
    await asking(COUNT)

    sender.limited = {POD: ["shop"]}

    assert _scope(await asking(COUNT)) == ("PARTIAL", ["shop"])


async def test_the_other_clusters_of_the_list_are_whole(ask: Ask) -> None:
    answer = await ask(_limited("shop"), ObjectsSender("two", _objects), DownSender("three"))(COUNT)

    reports = {cluster["cluster"]["name"]: cluster["status"] for cluster in _list(answer)["clusters"]}
    assert reports == {"one": "PARTIAL", "two": "OK", "three": "UNREACHABLE"}
    assert _list(answer)["totalCount"] == 10


@pytest.mark.parametrize("count", [2, 6])
async def test_of_the_namespaces_that_were_asked_for_those_that_may_be_listed(ask: Ask, count: int) -> None:
    names = ("shop", "dark", "x-1", "x-2", "x-3", "x-4")[:count]
    sender = _limited("shop", "spare")

    query = f"query ($names: [String!]) {{ pods(namespaces: $names) {{ totalCount {ENVELOPE} }} }}"
    answer = await ask(sender)(query, {"names": names})

    assert _scope(answer) == ("PARTIAL", ["shop"])
    assert _list(answer)["totalCount"] == 2
    assert "/api/v1/namespaces" not in sender.take_requests()


async def test_what_was_asked_for_and_seen_is_all_of_it(ask: Ask) -> None:
    answer = await ask(_limited(*SEEN))(
        '{ pods(namespaces: ["shop", "shop-eu"]) { clusters { status scope { namespaces } error { code } } } }'
    )

    assert _scope(answer) == ("OK", ["shop-eu", "shop"])


async def test_where_namespaces_may_not_be_listed_rules_that_name_them_say_where_to_ask(ask: Ask) -> None:
    sender = _limited("default", also={NAMESPACE: ()})

    answer = await ask(sender)(COUNT)

    assert _scope(answer) == ("PARTIAL", ["default"])
    assert sender.take_requests() == [PODS, "/api/v1/namespaces", f"{RULES} default", "/api/v1/namespaces/default/pods"]


async def test_what_a_cluster_was_granted_for_says_where_to_ask(engine: Engine) -> None:
    sender = _limited("shop", "spare", also={NAMESPACE: ()})
    granted = replace(cluster_of(sender), namespaces_hint=("shop", "dark"))

    answer = await Asking(engine, cast(Fleet, Clusters((granted,))))(COUNT)

    assert _scope(answer) == ("PARTIAL", ["shop"])


async def test_rules_that_are_not_all_are_not_taken_for_a_no(ask: Ask) -> None:
    sender = _limited("shop", "spare")
    sender.are_complete, sender.reported = False, ["shop"]

    answer = await ask(sender)(COUNT)

    assert _scope(answer) == ("PARTIAL", ["shop", "spare"])
    assert {item for item in sender.take_requests() if item.startswith(ACCESS)} == {
        f"{ACCESS} {name}" for name in ("dark", "shop-eu", "spare")
    }


async def test_who_may_not_even_ask_what_it_may_is_answered_by_the_lists(ask: Ask) -> None:
    sender = _limited("shop")
    sender.reviews_refused = True

    assert _scope(await ask(sender)(COUNT)) == ("PARTIAL", ["shop"])


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        (OperationLimits(probed_namespaces=3), "of its 4 at most 3 are looked at one by one"),
        (
            OperationLimits(listed_namespaces=1),
            "may be listed in 2 namespaces, but not in all at once, and one list reads at most 1",
        ),
    ],
)
async def test_too_many_namespaces_are_an_error_of_that_cluster(
    ask: Ask, limits: OperationLimits, message: str
) -> None:
    sender = _limited(*SEEN)

    answer = await ask(sender)(COUNT, limits=limits)

    (report,) = _list(answer)["clusters"]
    assert (report["status"], report["error"]["code"], report["error"]["reason"]) == (
        "FAILED",
        "LIMIT_EXCEEDED",
        "TooManyNamespaces",
    )
    assert message in report["error"]["message"]
    assert "name those that you need in `namespaces`" in report["error"]["message"]
    assert not any(path.endswith("/pods") and path != PODS for path in sender.take_requests())


async def test_requests_for_each_namespace_count_as_requests(ask: Ask) -> None:
    answer = await ask(_limited(*SEEN))(COUNT, limits=OperationLimits(requests=4))

    assert [error["extensions"] for error in answer.to_builtins()["errors"]] == [
        {"code": "LIMIT_EXCEEDED", "retryable": False, "cluster": "one", "reason": "TooManyNamespaces"}
    ]


async def test_a_cluster_that_needs_a_request_for_each_of_many_namespaces_pays_alone(ask: Ask) -> None:
    names = [f"n-{number}" for number in range(100)]
    sender = ObjectsSender("hostile", lambda kind: _names(*names) if kind == NAMESPACE else [])
    hostile = LimitedSender(sender, {POD: names})

    answer = await ask(_limited(*SEEN), hostile)(COUNT, limits=OperationLimits(requests=60))
    alone = await ask(_limited(*SEEN))(COUNT, limits=OperationLimits(requests=60))

    assert [
        (error["extensions"]["cluster"], error["extensions"]["code"]) for error in answer.to_builtins()["errors"]
    ] == [("hostile", "LIMIT_EXCEEDED")]
    assert _list(answer)["totalCount"] == _list(alone)["totalCount"] > 0
    assert len(hostile.calls) <= 62


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 50), seen=st.sets(st.sampled_from(NAMESPACES)), first=st.integers(1, 7), is_ordered=...)
async def test_page_by_page_it_is_the_list_of_the_namespaces_that_are_seen(
    engine: Engine, seed: int, seen: set[str], first: int, is_ordered: bool
) -> None:
    one, two = ObjectsSender("one", MadeObjects(seed)), ObjectsSender("two", MadeObjects(seed + 1))
    limited = Asking(engine, fleet_of([LimitedSender(one, {POD: seen}), two]))
    order = ', orderBy: [{path: "status.phase", direction: DESC}]' if is_ordered else ""
    selected = "totalCount nodes { id namespace cluster { name } } pageInfo { hasNextPage endCursor }"
    everything = _list(await Asking(engine, fleet_of([one, two]))(f"{{ pods(first: 10000{order}) {{ {selected} }} }}"))
    wanted = [node for node in everything["nodes"] if node["cluster"]["name"] == "two" or node["namespace"] in seen]

    pages: list[Json] = []
    while not pages or pages[-1]["pageInfo"]["hasNextPage"]:
        after = pages[-1]["pageInfo"]["endCursor"] if pages else None
        query = f"query ($after: String) {{ pods(first: {first}, after: $after{order}) {{ {selected} }} }}"
        pages.append(_list(await limited(query, {"after": after})))

    assert [node for page in pages for node in page["nodes"]] == wanted
    assert {page["totalCount"] for page in pages} == {len(wanted)}


async def test_rights_that_change_between_pages_lose_and_repeat_nothing_that_is_seen(engine: Engine) -> None:
    sender = _limited(*SEEN)
    query = (
        "query ($after: String) { pods(first: 2, after: $after) { nodes { namespace name } pageInfo { endCursor } } }"
    )
    asking = Asking(engine, fleet_of([sender]))
    first = _list(await asking(query))
    sender.limited = {}

    second = _list(await Asking(engine, fleet_of([sender]))(query, {"after": first["pageInfo"]["endCursor"]}))
    sender.limited = {POD: SEEN}
    third = _list(await Asking(engine, fleet_of([sender]))(query, {"after": second["pageInfo"]["endCursor"]}))

    assert [(pod["namespace"], pod["name"]) for page in (first, second, third) for pod in page["nodes"]] == [
        ("shop-eu", "a"),
        ("shop-eu", "b"),
        ("shop", "a"),
        ("shop", "b"),
    ]


async def test_a_count_without_an_envelope_is_null(ask: Ask) -> None:
    answer = await ask(_limited(*SEEN))("{ clusters { counts { pods deployments } } }")

    assert _list(answer, "clusters") == [{"counts": {"pods": None, "deployments": 8}}]


async def test_of_an_object_in_a_namespace_that_is_not_seen_it_says_so(ask: Ask) -> None:
    sender = _limited("shop", "spare")

    answer = await ask(sender)(f"{{ deployments {{ nodes {{ namespace name pods {{ totalCount {ENVELOPE} }} }} }} }}")

    seen = {node["namespace"]: node["pods"] for node in _list(answer, "deployments")["nodes"]}
    told = {
        namespace: pods
        and (
            pods["totalCount"],
            [cluster["status"] for cluster in pods["clusters"]],
            pods["clusters"][0]["scope"],
        )
        for namespace, pods in seen.items()
    }
    assert told == {
        "dark": None,
        "shop": (1, ["OK"], {"kind": "NAMESPACES", "namespaces": ["shop"]}),
        "shop-eu": None,
        "spare": (1, ["OK"], {"kind": "NAMESPACES", "namespaces": ["spare"]}),
    }
    refused = "cluster 'one': its RBAC does not allow to list pods in 2 namespaces, such as dark."
    assert [(error["path"], error["message"]) for error in answer.errors] == [
        (["deployments", "nodes", 0, "pods"], refused)
    ]


async def test_a_link_to_one_object_that_is_not_seen_is_null_and_an_error(ask: Ask) -> None:
    sender = LimitedSender(ObjectsSender("one", _objects), {REPLICA_SET: ("shop", "spare")})

    answer = await ask(sender)("{ pods { nodes { namespace deployment { name } } } }")

    linked = {node["namespace"]: node["deployment"] for node in _list(answer)["nodes"]}
    assert linked == {"dark": None, "shop": {"name": "b"}, "shop-eu": None, "spare": {"name": "b"}}
    assert [str(error["message"]).partition("list ")[2] for error in answer.errors] == [
        "replicasets.apps in 2 namespaces, such as dark."
    ]


async def test_a_namespace_whose_pods_may_not_be_listed_says_so(ask: Ask) -> None:
    answer = await ask(_limited(*SEEN))("{ namespaces { nodes { name pods { totalCount } } } }")

    lists = {node["name"]: node["pods"] for node in _list(answer, "namespaces")["nodes"]}
    assert lists == {"dark": None, "shop": {"totalCount": 2}, "shop-eu": {"totalCount": 2}, "spare": None}
    assert [error["path"] for error in answer.errors] == [["namespaces", "nodes", 0, "pods"]]


async def test_a_cluster_s_own_list_has_its_envelope(ask: Ask) -> None:
    answer = await ask(_limited("shop"))(
        "{ clusters { pods { totalCount clusters { status scope { namespaces } } } } }"
    )

    reports = [{"status": "PARTIAL", "scope": {"namespaces": ["shop"]}}]
    assert _list(answer, "clusters") == [{"pods": {"totalCount": 2, "clusters": reports}}]
    assert answer.errors == []


async def test_entities_that_may_not_be_seen_are_an_error_each(ask: Ask) -> None:
    ids = [object_id("id-one", POD, namespace, "a") for namespace in ("dark", "shop", "spare")]
    query = "query ($all: [_Any!]!) { _entities(representations: $all) { ... on Pod { namespace } } }"

    answer = await ask(_limited("shop"))(query, {"all": [{"__typename": "Pod", "id": item} for item in ids]})

    assert _list(answer, "_entities") == [None, {"namespace": "shop"}, None]
    assert [error["path"] for error in answer.errors] == [["_entities", 0], ["_entities", 2]]


async def test_of_rules_only_kinds_are_kept(engine: Engine) -> None:
    sender = _limited("shop")
    cluster = cluster_of(sender)
    asking = Asking(engine, cast(Fleet, Clusters((cluster,))))

    answer = await asking(COUNT)

    told = cluster.listable.rules.get("shop")
    assert told is not None
    assert _list(answer)["totalCount"] == 2
    assert POD in told.kinds
    assert told.kinds <= set(BUILT_IN)
    assert (told.is_complete, told.namespaces) == (True, ())


async def test_namespaces_that_are_too_many_are_counted_and_not_kept(engine: Engine) -> None:
    many = [f"n-{number}" for number in range(50)]
    sender = LimitedSender(ObjectsSender("one", lambda kind: _names(*many) if kind == NAMESPACE else []), {POD: ()})
    cluster = cluster_of(sender)
    asking = Asking(engine, cast(Fleet, Clusters((cluster,))))

    answer = await asking(COUNT, limits=OperationLimits(probed_namespaces=20))

    assert [error["message"] for error in answer.to_builtins()["errors"]] == [
        "cluster 'one': pods may not be listed in all namespaces at once, and of its 50 at most 20 are looked at one "
        "by one; name those that you need in `namespaces`."
    ]
    assert cluster.listable.namespaces.get(None) == NamespaceNames(50, ())
