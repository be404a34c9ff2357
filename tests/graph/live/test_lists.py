"""Subscriptions to all lists: what a payload has, and when one is sent."""

from graph.engine import Engine
from k8s.kinds.builtin import BUILT_IN, POD, SECRET
from resolvers.messages.language import Language, speaking
from tests.graph.customtypes import WIDGET, open_source
from tests.graph.live.living import Json, living, node, pod, taking

PODS = """subscription { pods(batchMs: 0) {
  changes { type id cluster isInitial object { name restarts } } clusters { name state error { code message } }
} }"""


def widget(name: str, part: str) -> Json:
    return {
        "apiVersion": WIDGET.api_version,
        "kind": WIDGET.name,
        "metadata": {"name": name, "namespace": "a", "uid": f"uid-{name}"},
        "spec": {"parts": [{"name": part}]},
    }


async def test_the_state_comes_first_then_changes(engine: Engine) -> None:
    async with living(engine, {"alpha": [pod("p1")], "beta": [pod("p2")]}) as fleet:
        async with taking(await fleet.subscribe(PODS)) as taken:
            await taken.until(lambda: set(taken.states().values()) == {"LIVE"} and len(taken.state) == 2)
            assert all(change["isInitial"] and change["type"] == "ADDED" for change in taken.changes)
            assert {change["cluster"] for change in taken.changes} == {"alpha", "beta"}

            fleet.contents["alpha"].apply(pod("p3"))
            await taken.until(lambda: len(taken.state) == 3)
            fleet.contents["alpha"].delete(POD, "a", "p1")
            await taken.until(lambda: len(taken.state) == 2)

        assert [(change["type"], change["isInitial"]) for change in taken.changes[2:]] == [
            ("ADDED", False),
            ("DELETED", False),
        ]
        assert taken.changes[-1]["id"] in {change["id"] for change in taken.changes[:2]}
        assert taken.changes[-1]["object"] is None


async def test_what_is_not_selected_is_not_sent(engine: Engine) -> None:
    async with living(engine, {"alpha": [pod("p1")]}) as fleet:
        text = "subscription { pods(batchMs: 0) { changes { type id object { status { phase } } } } }"
        async with taking(await fleet.subscribe(text)) as taken:
            await taken.until(lambda: taken.state)
            before = len(taken.payloads)
            fleet.contents["alpha"].apply(pod("p1", app="web"))
            fleet.contents["alpha"].apply(pod("p1", phase="Failed", app="web"))
            await taken.until(lambda: [*taken.state.values()] == [{"status": {"phase": "Failed"}}])
        assert len(taken.payloads) == before + 1


async def test_the_envelope_alone_is_sent_when_it_changes(engine: Engine) -> None:
    async with living(engine, {"alpha": [pod("p1")]}) as fleet:
        text = "subscription { pods(batchMs: 0) { clusters { name state } } }"
        async with taking(await fleet.subscribe(text)) as taken:
            await taken.until(lambda: taken.states() == {"alpha": "LIVE"})
            fleet.contents["alpha"].apply(pod("p2"))
            other = await fleet.subscribe("subscription { pods(batchMs: 0) { changes { id type object { name } } } }")
            async with taking(other) as rows:
                await rows.until(lambda: len(rows.state) == 2)
        assert [listed["clusters"] for listed in taken.lists] == [
            [{"name": "alpha", "state": "SYNCING"}],
            [{"name": "alpha", "state": "LIVE"}],
        ]


async def test_a_node_that_becomes_unready_takes_its_pods_out_of_the_list(engine: Engine) -> None:
    objects = [node("n1"), node("n2"), pod("p1"), pod("p2"), pod("p3", node="n2")]
    async with living(engine, {"alpha": objects}) as fleet:
        text = """subscription { pods(where: {path: "node.ready", value: true}) {
          changes { type id object { name node { ready } } } } }"""
        async with taking(await fleet.subscribe(text)) as taken:
            await taken.until(lambda: len(taken.state) == 3)
            fleet.contents["alpha"].apply(node("n1", is_ready=False))
            await taken.until(lambda: len(taken.state) == 1)
            fleet.contents["alpha"].apply(node("n1"))
            await taken.until(lambda: len(taken.state) == 3)
        assert [change["type"] for change in taken.changes] == ["ADDED"] * 3 + ["DELETED"] * 2 + ["ADDED"] * 2


async def test_several_changes_of_an_object_are_one(engine: Engine) -> None:
    async with living(engine, {"alpha": [pod("p1"), pod("p2")]}) as fleet:
        text = "subscription { pods(batchMs: 300) { changes { type id object { status { phase } } } } }"
        async with taking(await fleet.subscribe(text)) as taken:
            await taken.until(lambda: len(taken.state) == 2)
            before = len(taken.payloads)
            for phase in ("Pending", "Failed", "Succeeded"):
                fleet.contents["alpha"].apply(pod("p1", phase=phase))
            fleet.contents["alpha"].apply(pod("p2", phase="Succeeded"))
            await taken.until(lambda: len(taken.payloads) > before)
        (payload,) = taken.payloads[before:]
        changes = payload["data"]["pods"]["changes"]
        assert [change["object"]["status"]["phase"] for change in changes] == ["Succeeded", "Succeeded"]
        values = {one.name: one.samples[0].value for one in fleet.executor.metrics.families() if one.samples}
        assert values["fleetgraph_live_coalesced_changes"] == 2
        assert values["fleetgraph_live_payloads"] == len(taken.payloads)


async def test_a_typed_custom_kind(engine: Engine) -> None:
    custom = Engine(types=open_source({"alpha": [WIDGET]}))
    async with living(custom, {"alpha": [widget("w1", "x")]}, kinds=(*BUILT_IN, WIDGET)) as fleet:
        text = """subscription { acmeWidgets(where: {path: "spec.parts.name", value: "x"}) { __typename totalCount
          changes { __typename type id object { __typename name spec { parts { name } } } } } }"""
        async with taking(await fleet.subscribe(text)) as taken:
            await taken.until(lambda: taken.last("totalCount") == 1)
            fleet.contents["alpha"].apply(widget("w2", "x"))
            await taken.until(lambda: taken.last("totalCount") == 2)
            fleet.contents["alpha"].apply(widget("w1", "y"))
            await taken.until(lambda: taken.last("totalCount") == 1)
        assert taken.lists[0]["__typename"] == "AcmeWidgetChanges"
        assert [(one["__typename"], one["type"]) for one in taken.changes] == [
            ("AcmeWidgetChange", "ADDED"),
            ("AcmeWidgetChange", "ADDED"),
            ("AcmeWidgetChange", "DELETED"),
        ]
        assert [*taken.state.values()] == [
            {"__typename": "AcmeWidget", "name": "w2", "spec": {"parts": [{"name": "x"}]}}
        ]


async def test_objects_of_a_kind_that_one_cluster_serves(engine: Engine) -> None:
    async with living(engine, {"alpha": [widget("w1", "x")]}, kinds=(*BUILT_IN, WIDGET), down=("gone",)) as fleet:
        text = """subscription { objects(resource: "widgets.acme.com") {
          totalCount clusters { name state error { code } }
          changes { type id object { kind name json: fields(path: "spec.parts") } } } }"""
        async with taking(await fleet.subscribe(text)) as taken:
            await taken.until(lambda: taken.state and taken.states()["gone"] == "FAILED")
            fleet.contents["alpha"].apply(widget("w1", "z"))
            await taken.until(
                lambda: [*taken.state.values()] == [{"kind": "Widget", "name": "w1", "json": [{"name": "z"}]}]
            )
            await taken.until(lambda: taken.last("totalCount") == 1)
        assert taken.last("clusters")[1]["error"] == {"code": "CLUSTER_UNREACHABLE"}


async def test_objects_of_the_kinds_in_a_category(engine: Engine) -> None:
    service: Json = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "p1", "namespace": "a", "uid": "s"}}
    async with living(engine, {"alpha": [pod("p1"), service], "beta": [pod("p2")]}) as fleet:
        text = """subscription { categories(names: ["all"], batchMs: 0) {
          totalCount changes { type id object { kind name } } } }"""
        async with taking(await fleet.subscribe(text)) as taken:
            await taken.until(lambda: taken.last("totalCount") == 3 and len(taken.state) == 3)
            fleet.contents["alpha"].delete(POD, "a", "p1")
            fleet.contents["alpha"].apply({**service, "spec": {"type": "ClusterIP"}})
            await taken.until(lambda: len(taken.state) == 2 and taken.last("totalCount") == 2)
            fleet.contents["beta"].apply({**service, "metadata": {"name": "p2", "namespace": "a", "uid": "t"}})
            await taken.until(lambda: len(taken.state) == 3)
        data = await fleet.ask('{ categories(names: ["all"]) { nodes { id kind name } } }')
        assert taken.state == {one.pop("id"): one for one in data["categories"]["nodes"]}
        assert [change["type"] for change in taken.changes] == ["ADDED"] * 3 + ["DELETED", "ADDED"]


async def test_an_unknown_kind_is_refused(engine: Engine) -> None:
    async with living(engine, {"alpha": []}) as fleet:
        error = await fleet.refusal('subscription { objects(resource: "podz") { changes { type } } }')
        assert error["extensions"]["code"] == "NOT_FOUND"
        assert "did you mean pods?" in error["message"]
        error = await fleet.refusal('subscription { categories(names: ["alll"]) { changes { type } } }')
        assert "did you mean all?" in error["message"]


async def test_one_object_goes_and_comes_again(engine: Engine) -> None:
    async with living(engine, {"alpha": [pod("p1"), pod("p2")], "beta": [pod("p1")]}) as fleet:
        data = await fleet.ask('{ pods(name: "p1", clusters: {names: ["alpha"]}) { nodes { id } } }')
        object_id = data["pods"]["nodes"][0]["id"]
        text = """subscription Follow($id: ID!) { one: object(id: $id, batchMs: 0) {
          changes { type id object { name ... on Pod { status { phase } } } } clusters { name state } } }"""
        async with taking(await fleet.subscribe(text, {"id": object_id})) as taken:
            await taken.until(lambda: taken.state)
            fleet.contents["alpha"].delete(POD, "a", "p2")
            fleet.contents["beta"].delete(POD, "a", "p1")
            fleet.contents["alpha"].delete(POD, "a", "p1")
            await taken.until(lambda: not taken.state)
            fleet.contents["alpha"].apply(pod("p1", phase="Pending"))
            await taken.until(lambda: taken.state)
        assert [(change["type"], change["id"]) for change in taken.changes] == [
            ("ADDED", object_id),
            ("DELETED", object_id),
            ("ADDED", object_id),
        ]
        assert taken.state == {object_id: {"name": "p1", "status": {"phase": "Pending"}}}
        assert taken.states() == {"alpha": "LIVE"}
        assert "one" in taken.payloads[0]["data"]


async def test_an_id_that_is_none_is_refused(engine: Engine) -> None:
    async with living(engine, {"alpha": []}) as fleet:
        error = await fleet.refusal('subscription { object(id: "x") { changes { type } } }')
        assert (error["extensions"]["code"], error["message"]) == (
            "BAD_USER_INPUT",
            "id: this is no object id; pass an `id` that this endpoint gave.",
        )


async def test_a_dead_cluster_is_in_the_envelope_in_the_callers_language(engine: Engine) -> None:
    async with living(engine, {"alpha": [pod("p1")]}, down=("gone",)) as fleet:
        with speaking(Language.CHINESE):
            chinese = await fleet.subscribe(PODS)
        english = await fleet.subscribe(PODS)
        assert chinese.question is not english.question
        async with taking(chinese) as taken, taking(english) as other:
            await taken.until(lambda: taken.state and taken.states() == {"alpha": "LIVE", "gone": "FAILED"})
            await other.until(lambda: other.state and other.states() == {"alpha": "LIVE", "gone": "FAILED"})
        errors = [one.last("clusters")[1]["error"] for one in (taken, other)]
        assert [error["code"] for error in errors] == ["CLUSTER_UNREACHABLE"] * 2
        assert errors[0]["message"].isascii() < errors[1]["message"].isascii()


async def test_the_error_of_a_field_is_at_its_place(engine: Engine) -> None:
    secret = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "s1", "namespace": "a", "uid": "u"},
        "data": {"k": "dmFsdWU="},
    }
    async with living(engine, {"alpha": [secret]}) as fleet:
        text = """subscription { followed: secrets(batchMs: 0) { seen: changes { type id
          object: object { data shown: reveal(keys: ["k"]) { value } } } } }"""
        async with taking(await fleet.subscribe(text)) as taken:
            await taken.until(lambda: len(taken.payloads) > 1)
        (change,) = taken.payloads[-1]["data"]["followed"]["seen"]
        assert change["object"] == {"data": {"k": None}, "shown": None}
        (error,) = taken.payloads[-1]["errors"]
        assert error["path"] == ["followed", "seen", 0, "object", "shown"]
        assert error["extensions"]["code"] == "BAD_USER_INPUT"
        assert "locations" not in error
        assert fleet.contents["alpha"].get(SECRET, "a", "s1")


async def test_a_payload_has_the_selected_fields_under_their_keys(engine: Engine) -> None:
    async with living(engine, {"alpha": [pod("p1")]}, down=("gone",)) as fleet:
        text = """
        subscription Named($without: Boolean!) {
          ...Root
        }
        fragment Root on Subscription {
          list: pods(names: ["p1", "p2", "p3", "p4"]) {
            is: __typename ...Changes all: clusters { __typename of: name failed: error { __typename why: code } }
            clusters @skip(if: $without) { since }
          }
        }
        fragment Changes on PodChanges { changes { is: __typename what: type object { ...Pod } } }
        fragment Pod on Pod { called: name }
        """
        async with taking(await fleet.subscribe(text, {"without": True, "other": 1}, operation_name="Named")) as taken:
            await taken.until(lambda: taken.changes and taken.lists[-1]["all"][1]["failed"])
        assert taken.changes == [{"is": "PodChange", "what": "ADDED", "object": {"called": "p1"}}]
        last = taken.lists[-1]
        assert [*last] == ["is", "changes", "all"]
        assert last["all"] == [
            {"__typename": "LiveCluster", "of": "alpha", "failed": None},
            {
                "__typename": "LiveCluster",
                "of": "gone",
                "failed": {"__typename": "LiveError", "why": "CLUSTER_UNREACHABLE"},
            },
        ]


async def test_a_link_that_is_refused_is_one_error_and_changes_no_other_row(engine: Engine) -> None:
    objects = [node("n1"), *(pod(name) for name in ("p1", "p2", "p3"))]
    async with living(engine, {"alpha": objects}, refused=["nodes"]) as fleet:
        text = "subscription { pods(batchMs: 0) { changes { type id object { name node { ready } } } } }"
        async with taking(await fleet.subscribe(text)) as taken:
            await taken.until(lambda: len(taken.state) == 3)
            fleet.contents["alpha"].apply(pod("p4"))
            await taken.until(lambda: len(taken.state) == 4)
            fleet.contents["alpha"].delete(POD, "a", "p1")
            await taken.until(lambda: len(taken.state) == 3)
        assert [change["type"] for change in taken.changes] == ["ADDED"] * 4 + ["DELETED"]
        assert all(one["node"] is None for one in taken.state.values())
        errors = [error for payload in taken.payloads for error in payload.get("errors", ())]
        assert {error["extensions"]["code"] for error in errors} == {"FORBIDDEN"}
        assert all(
            error["path"][:2] == ["pods", "changes"] and error["path"][3:] == ["object", "node"] for error in errors
        )


async def test_of_secrets_only_the_keys_are_followed(engine: Engine) -> None:
    secret: Json = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "s1", "namespace": "a", "uid": "u"},
        "data": {"k": "dmFsdWU="},
    }
    async with living(engine, {"alpha": [secret]}) as fleet:
        text = "subscription { secrets(batchMs: 0) { changes { type id object { data } } } }"
        async with taking(await fleet.subscribe(text)) as taken:
            await taken.until(lambda: taken.state)
            fleet.contents["alpha"].apply({**secret, "data": {"k": "b3RoZXI="}})
            fleet.contents["alpha"].apply({**secret, "data": {"k": "b3RoZXI=", "l": ""}})
            await taken.until(lambda: [*taken.state.values()] == [{"data": {"k": None, "l": None}}])
        assert len(taken.changes) == 2
