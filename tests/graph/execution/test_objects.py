"""Lists of objects of any kinds: found by discovery, typed or not, filtered, ordered, grouped and paged."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from graph.answer import Answer
from graph.engine import Engine
from k8s.kinds.builtin import POD
from k8s.kinds.kind import Kind
from k8s.masking.maskedpaths import masked_paths
from k8s.masking.masking import Masking
from resolvers.fleet import servedkinds
from resolvers.limits import OperationLimits
from tests.controlplane.json_object import JsonObject
from tests.graph.comparison import assert_same
from tests.graph.fleets import Asking, fleet_of
from tests.graph.senders import DownSender, ObjectsSender

Ask = Callable[..., Asking]
APPLICATION = Kind("argoproj.io", "v1alpha1", "Application", "applications")
FLEET = Kind("acme.example", "v1", "Fleet", "fleets", namespaced=False)
LISTED = "{ kind name cluster { name } }"


def _application(number: int) -> JsonObject:
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": f"a{number}", "namespace": f"n{number % 2}", "labels": {"tier": f"t{number % 2}"}},
        "spec": {
            "source": {"repoURL": f"https://git/{number}"},
            "replicas": number * 5,
            "size": f"{9 + number}Gi",
            "text": [None, "10", 9, "x", True][number],
            "ports": [{"name": "http", "port": number}, {"name": "https", "port": 7}],
            "finalizers": ["a", f"f{number}"],
        },
        "status": {"phase": "Running" if number else "Failed", "since": f"2026-01-0{number + 1}T00:00:00Z"},
    }


def _objects(kind: Kind) -> list[JsonObject]:
    if kind == POD:
        metadata: list[JsonObject] = [{"name": f"p{number}", "namespace": "shop"} for number in range(3)]
        return [{"metadata": one, "status": {"phase": "Running"}} for one in metadata]
    if kind == APPLICATION:
        return [_application(number) for number in range(5)]
    return [{"metadata": {"name": "f1"}, "spec": {"x": 1}}] if kind == FLEET else []


def _sender(name: str, **options: Any) -> ObjectsSender:
    return ObjectsSender(name, _objects, **{"custom": (APPLICATION, FLEET), **options})


async def _both(asking: Asking, query: str, variables: Mapping[str, object] | None = None) -> Answer:
    """Returns the answer, which graphql-core's own executor gives as well."""
    answer = await asking(query, variables)
    assert_same(answer, await asking.ordinary(query, variables))
    return answer


async def _names(asking: Asking, arguments: str) -> list[str]:
    answer = await _both(asking, f"{{ objects({arguments}) {{ totalCount nodes {LISTED} }} }}")
    assert answer.errors == []
    listed = answer.to_builtins()["data"]["objects"]
    assert listed["totalCount"] == len(listed["nodes"])
    return [node["name"] for node in listed["nodes"]]


@pytest.mark.parametrize(
    "arguments",
    [
        'kind: "Application"',
        'apiVersion: "argoproj.io/v1alpha1", kind: "Application"',
        'resource: "applications"',
        'resource: "application"',
        'resource: "applications.argoproj.io"',
        'resource: "applications.v1alpha1.argoproj.io"',
    ],
)
async def test_a_kind_is_named_as_in_kubectl(ask: Ask, arguments: str) -> None:
    sender = _sender("one")

    assert await _names(ask(sender), arguments) == ["a0", "a2", "a4", "a1", "a3"]  # by namespace
    assert {call.path for call in sender.calls} <= {"/api", "/apis", "/apis/argoproj.io/v1alpha1/applications"}


async def test_a_version_of_the_core_group_ends_with_a_dot(ask: Ask) -> None:
    assert await _names(ask(_sender("one")), 'resource: "po.v1."') == ["p0", "p1", "p2"]


@pytest.mark.parametrize(
    ("where", "names"),
    [
        ('{path: "spec.source.repoURL", value: "https://git/3"}', ["a3"]),
        ('{path: "spec.replicas", op: GT, value: 9}', ["a2", "a4", "a3"]),
        ('{path: "spec.size", op: GE, value: "11Gi"}', ["a2", "a4", "a3"]),
        ('{path: "spec.size", op: GT, value: 11000000000}', ["a2", "a4", "a3"]),
        ('{path: "status.since", op: LT, value: "2026-01-02T12:00:00+00:00"}', ["a0", "a1"]),
        ('{path: "spec.text", op: GT, value: 9}', ["a1"]),  # "10", by its value
        ('{path: "spec.text", value: "10"}', ["a1"]),
        ('{path: "spec.text", value: true}', ["a4"]),
        ('{path: "spec.text", op: NOT_EXISTS}', ["a0"]),
        ('{path: "spec.text", op: NE, value: "x"}', ["a0", "a2", "a4", "a1"]),
        ('{path: "spec.none.x", op: NE, value: 1}', ["a0", "a2", "a4", "a1", "a3"]),
        ('{path: "spec.ports.port", value: 3}', ["a3"]),
        ('{path: "spec.ports.port", op: LE, value: 6, quantifier: ALL}', []),
        ('{path: "spec.ports.port", value: 7, quantifier: NONE}', []),
        ('{path: "spec.finalizers", value: "f2"}', ["a2"]),
        ('{path: "spec.finalizers", op: IN, value: ["f2", "f4"]}', ["a2", "a4"]),
        ('{path: "spec.ports[name=http].port", value: 4}', ["a4"]),
        ('{path: "spec.ports[port=7].name", value: "https"}', ["a0", "a2", "a4", "a1", "a3"]),
        ('{path: "spec.ports", some: [{path: "name", value: "http"}, {path: "port", value: 7}]}', []),
        ('{path: "spec.ports", some: [{path: "name", value: "https"}, {path: "port", value: 7}]}', ["a0", "a2"]),
        ('{path: "spec.ports", every: [{path: "port", op: GE, value: 3}]}', ["a4", "a3"]),
        ('{path: "spec.finalizers", some: [{value: "f1"}]}', ["a1"]),
        ('{path: "spec.ports.port", valuePath: "spec.replicas"}', []),
        ('{path: "metadata.labels[\\"tier\\"]", value: "t1"}', ["a1", "a3"]),
        ('{path: "name", op: STARTS_WITH, value: "a1"}', ["a1"]),
        ('{path: "status", op: EXISTS}', ["a0", "a2", "a4", "a1", "a3"]),
    ],
)
async def test_paths_of_an_unknown_type_are_those_of_its_json(ask: Ask, where: str, names: list[str]) -> None:
    found = await _names(ask(_sender("one")), f'resource: "applications", where: [{where}]')

    assert found[: len(names)] == names
    assert len(found) == len(names) or names == ["a0", "a2"]


async def test_untyped_values_are_ordered_by_value(ask: Ask) -> None:
    asking = ask(_sender("one"))

    by_size = 'resource: "applications", orderBy: [{path: "spec.size", direction: DESC}]'
    assert await _names(asking, by_size) == ["a4", "a3", "a2", "a1", "a0"]
    by_time = 'resource: "applications", orderBy: [{path: "status.phase"}, {path: "status.since", direction: DESC}]'
    assert await _names(asking, by_time) == ["a0", "a4", "a3", "a2", "a1"]


async def test_groups_and_figures_of_json(ask: Ask) -> None:
    query = """{ objects(resource: "applications") {
      groups(by: ["status.phase"], orderBy: [{figure: SUM, path: "spec.replicas"}]) {
        key count sum(path: "spec.replicas") size: sum(path: "spec.size")
        max(path: "spec.size") avg(path: "spec.ports.port") } } }"""

    answer = await _both(ask(_sender("one")), query)

    assert answer.to_builtins()["data"]["objects"]["groups"] == [
        {"key": ["Failed"], "count": 1, "sum": 0, "size": "9Gi", "max": "9Gi", "avg": 3.5},
        {"key": ["Running"], "count": 4, "sum": 50, "size": "46Gi", "max": "13Gi", "avg": 4.75},
    ]


async def test_objects_of_a_kind_with_a_type_are_of_that_type(ask: Ask) -> None:
    query = """{ objects(resource: "pods", where: [{path: "restarts", value: 0}, {path: "name", op: NE, value: "p1"}]) {
      nodes { __typename name ... on Pod { restarts status { phase } } ... on Node { internalIP } } } }"""

    answer = await _both(ask(_sender("one")), query)

    assert answer.to_builtins()["data"]["objects"]["nodes"] == [
        {"__typename": "Pod", "name": name, "restarts": 0, "status": {"phase": "Running"}} for name in ("p0", "p2")
    ]


async def test_several_kinds_are_ordered_by_cluster_kind_namespace_and_name(ask: Ask) -> None:
    answer = await _both(ask(_sender("two"), _sender("one")), f'{{ categories(names: ["all"]) {{ nodes {LISTED} }} }}')

    nodes = answer.to_builtins()["data"]["categories"]["nodes"]
    assert [(node["cluster"]["name"], node["kind"], node["name"]) for node in nodes] == [
        (cluster, kind, name)
        for cluster in ("one", "two")
        for kind, names in (("Application", "a0 a2 a4 a1 a3"), ("Fleet", "f1"), ("Pod", "p0 p1 p2"))
        for name in names.split()
    ]


@pytest.mark.parametrize("first", [1, 2, 3, 7, 18])
@pytest.mark.parametrize(
    "order", ["", 'orderBy: [{path: "status.phase"}]', 'where: [{path: "name", op: NE, value: "a4"}]']
)
async def test_pages_of_several_kinds_are_the_whole_list(ask: Ask, first: int, order: str) -> None:
    asking = ask(_sender("one"), _sender("two"))
    fields = f"{{ totalCount pageInfo {{ hasNextPage endCursor }} nodes {LISTED} }}"
    whole = (await asking(f'{{ categories(names: ["all"], {order}) {fields} }}')).to_builtins()["data"]["categories"]
    nodes, after, has_next = [], None, True

    while has_next:
        query = (
            f'query ($after: String) {{ categories(names: ["all"], first: {first}, after: $after, {order}) {fields} }}'
        )
        variables = {"after": after}
        answer = await (_both(asking, query, variables) if first == 7 else asking(query, variables))
        page = answer.to_builtins()["data"]["categories"]
        assert page["totalCount"] == whole["totalCount"]
        nodes += page["nodes"]
        after, has_next = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
        assert len(page["nodes"]) == first or not has_next

    assert nodes == whole["nodes"]


async def test_a_path_that_some_types_have_is_null_in_the_others(ask: Ask) -> None:
    asking = ask(_sender("one"))
    query = """query ($path: String!) { categories(names: ["all"], where: [{path: $path, op: EXISTS}]) {
      groups(by: ["kind"]) { key count } } }"""

    typed = await _both(asking, query, {"path": "restarts"})
    generic = await _both(asking, query, {"path": "spec.x"})

    assert typed.to_builtins()["data"]["categories"]["groups"] == [{"key": ["Pod"], "count": 3}]
    assert generic.to_builtins()["data"]["categories"]["groups"] == [{"key": ["Fleet"], "count": 1}]


async def test_a_path_that_no_type_has_is_refused(ask: Ask) -> None:
    answer = await ask(_sender("one", custom=()))(
        '{ categories(names: ["all"], where: [{path: "spec.x", op: EXISTS}]) { totalCount } }'
    )

    assert "has no field x" in str(answer.errors[0]["message"])


async def test_a_kind_that_fails_costs_only_its_own_objects(ask: Ask) -> None:
    asking = ask(_sender("one", broken=(APPLICATION,)), _sender("two"), DownSender("three"))
    query = """{ categories(names: ["all"]) { totalCount groups(by: ["cluster.name", "kind"]) { key count }
      clusters { cluster { name } status error { code } } } }"""

    answer = await _both(asking, query)

    listed = answer.to_builtins()["data"]["categories"]
    assert [(one["cluster"]["name"], one["status"]) for one in listed["clusters"]] == [
        ("one", "PARTIAL"),
        ("three", "UNREACHABLE"),
        ("two", "OK"),
    ]
    assert listed["clusters"][0]["error"] == {"code": "CLUSTER_UNREACHABLE"}
    assert {json.dumps(group["key"]) for group in listed["groups"]} == {
        json.dumps([cluster, kind])
        for cluster, kinds in (("one", "Fleet Pod"), ("two", "Application Fleet Pod"))
        for kind in kinds.split()
    }
    assert listed["totalCount"] == 4 + 9
    assert [error["extensions"]["cluster"] for error in answer.errors] == ["one", "three"]  # type: ignore[index]  # JSON


async def test_many_kinds_that_fail_in_one_cluster_are_few_errors(ask: Ask) -> None:
    kinds = [Kind("many.example", "v1", f"Thing{letter}", f"thing{letter.lower()}s") for letter in "ABCDEFGH"]
    asking = ask(_sender("one", custom=(*kinds, FLEET), broken=kinds), _sender("two"))

    answer = await asking('{ categories(names: ["all"]) { totalCount clusters { status error { message } } } }')

    listed = answer.to_builtins()["data"]["categories"]
    assert [cluster["status"] for cluster in listed["clusters"]] == ["PARTIAL", "OK"]
    assert listed["totalCount"] == 4 + 9
    assert [error["extensions"]["code"] for error in answer.errors] == ["CLUSTER_UNREACHABLE"] * 4  # type: ignore[index]  # JSON
    assert answer.errors[-1]["message"] == "cluster 'one': other kinds whose lists failed for such reasons: 5."


async def test_an_ambiguous_name_of_many_kinds_names_some(ask: Ask) -> None:
    kinds = [Kind(f"many{number}.example", "v1", "Thing", "things") for number in range(12)]

    answer = await ask(_sender("one", custom=kinds))('{ objects(resource: "things") { totalCount } }')

    message = str(answer.errors[0]["message"])
    assert message.startswith(
        "resource: 'things' means 12 kinds here; pass one of them as `resource`, such as things.many0"
    )
    assert message.count("things.many") == 10


async def test_a_kind_of_a_category_that_has_just_gone_is_no_error(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(servedkinds, "_LEAST_S", 0.0)  # a second after the last read
    sender = _sender("one")
    asking = ask(sender)
    query = '{ categories(names: ["all"]) { totalCount nodes { name } clusters { status } } }'
    before = await asking(query)
    sender.custom = (FLEET,)

    answer = await asking(query)

    assert before.to_builtins()["data"]["categories"]["totalCount"] == 9
    listed = answer.to_builtins()["data"]["categories"]
    assert (listed["totalCount"], listed["clusters"], answer.errors) == (4, [{"status": "OK"}], [])


async def test_a_cluster_without_the_kind_is_in_the_envelope(ask: Ask) -> None:
    asking = ask(_sender("one"), _sender("two", custom=()))

    answer = await _both(
        asking, '{ objects(resource: "applications") { totalCount clusters { status error { code message } } } }'
    )

    assert answer.to_builtins()["data"]["objects"] == {
        "totalCount": 5,
        "clusters": [
            {"status": "OK", "error": None},
            {
                "status": "NOT_SERVED",
                "error": {
                    "code": "KIND_UNAVAILABLE",
                    "message": "cluster 'two': it serves no kind named 'applications'.",
                },
            },
        ],
    }
    assert answer.errors == []


async def test_a_cluster_without_the_kind_counts_as_one_that_answered(ask: Ask) -> None:
    asking = ask(_sender("one"), _sender("two", custom=()))

    answer = await _both(asking, '{ objects(resource: "applications", minClusters: 2) { totalCount } }')

    assert answer.to_builtins() == {"data": {"objects": {"totalCount": 5}}}


@pytest.mark.parametrize(
    ("field", "message"),
    [
        ('objects(resource: "aplications")', "No cluster serves a kind named 'aplications'; did you mean applications"),
        ("objects", "pass `kind`, with `apiVersion` if several groups have it, or `resource`"),
        ('objects(resource: "a b")', "resource: 'a b' is invalid"),
        ('objects(resource: "pods", kind: "Pod")', "pass either `resource`, or `kind`"),
        ('objects(resource: "fleets", namespaces: ["x"])', "fleets.acme.example are objects of the whole cluster"),
        ('objects(resource: "pods", where: [{path: "nope"}])', "Pod has no field nope"),
        ('objects(resource: "applications", where: [{path: "a..b"}])', "'a..b' is no path"),
        ('objects(resource: "secrets", where: [{path: "data", op: EXISTS}])', "data is masked"),
        ('categories(names: ["al"])', "no cluster has a category 'al'; did you mean all?"),
        ('categories(names: ["all", "knative"])', "no cluster has a category 'knative'; the field `kinds` lists"),
        ('objects(resource: "pods.v9.")', "cluster 'one': it serves pods in v1, not in v9."),
        ('objects(resource: "fleets.v1.")', "No cluster serves a kind named 'fleets.v1.'; did you mean fleets.acme"),
        ('objects(resource: "pods..")', "resource: 'pods..' is invalid"),
        (
            'objects(resource: "applications.v9.argoproj.io")',
            "cluster 'one': it serves applications.argoproj.io in v1alpha1, not in v9.",
        ),
        ('objects(resource: "applications.x.argoproj.io")', "did you mean applications.argoproj.io?"),
        ("categories(names: [])", "names: the list is empty"),
    ],
)
async def test_bad_input_is_refused(ask: Ask, field: str, message: str) -> None:
    sender = _sender("one")

    answer = await ask(sender)(f"{{ {field} {{ totalCount }} }}")

    assert message in str(answer.errors[0]["message"])
    assert {call.path for call in sender.calls} <= {"/api", "/apis"}


@pytest.mark.parametrize(
    ("field", "message"),
    [
        (
            'objects(resource: "aplications")',
            "No cluster that answered serves a kind named 'aplications'; did you mean applications.argoproj.io",
        ),
        ('categories(names: ["al"])', "names: no cluster that answered has a category 'al'; did you mean all?"),
    ],
)
async def test_a_name_that_only_a_cluster_without_an_answer_may_know_is_a_warning(
    ask: Ask, field: str, message: str
) -> None:
    answer = await ask(_sender("one"), DownSender("two"))(f"{{ {field} {{ totalCount }} }}")

    (warning,) = answer.to_builtins()["extensions"]["warnings"]
    assert warning["code"] == "UNKNOWN_KIND"
    assert warning["message"].startswith(message)
    assert [error["extensions"]["cluster"] for error in answer.errors] == ["two"]  # type: ignore[index]  # JSON


async def test_lists_of_all_kinds_are_estimated(ask: Ask) -> None:
    senders = [_sender(f"c{number:02}") for number in range(20)]

    answer = await ask(*senders)(
        '{ categories(names: ["all"]) { totalCount } }', limits=OperationLimits(requests=20 * 6 - 1)
    )

    assert "120" in str(answer.errors[0]["message"])
    assert {call.path for sender in senders for call in sender.calls} <= {"/api", "/apis"}


@pytest.mark.parametrize(
    ("arguments", "clusters"),
    [
        ('where: [{path: "cluster.name", value: "two"}]', {"two"}),
        ('where: [{and: [{path: "cluster.name", op: IN, value: ["two", "four"]}]}]', {"two"}),
        ('where: [{path: "cluster.name", value: "four"}]', set()),
        ('where: [{path: "cluster.labels[\\"name\\"]", op: IN, value: ["two", "three"]}]', {"two", "three"}),
        ('where: [{path: "cluster.labels[\\"name\\"]", value: "two", ignoreCase: true}]', {"one", "three", "two"}),
        ('where: [{path: "cluster.labels[\\"env\\"]", op: NE, value: "x"}]', {"one", "three", "two"}),
        ('where: [{path: "cluster.name", value: "two"}], clusters: {names: ["one"]}', set()),
        ('where: [{path: "cluster.name", op: NE, value: "two"}]', {"one", "three", "two"}),
        ('where: [{or: [{path: "cluster.name", value: "two"}, {path: "name", value: "a1"}]}]', {"one", "three", "two"}),
    ],
)
@pytest.mark.parametrize("root", ['objects(resource: "applications", ', 'categories(names: ["all"], '])
async def test_a_condition_on_the_cluster_decides_which_are_asked(
    ask: Ask, root: str, arguments: str, clusters: set[str]
) -> None:
    senders = [_sender("one"), _sender("two"), _sender("three", custom=())]
    listed = (
        "{ totalCount nodes { cluster { name } name } clusters { cluster { name } status } groups(by: []) { count } }"
    )

    answer = await _both(ask(*senders), f"{{ {root}{arguments}) {listed} }}")

    assert answer.errors == []
    assert {sender.name for sender in senders if sender.calls} == clusters  # not even what they serve
    (found,) = answer.to_builtins()["data"].values()
    assert {report["cluster"]["name"] for report in found["clusters"]} == clusters


async def test_clusters_without_a_kind_that_others_are_known_to_serve_are_no_error(ask: Ask) -> None:
    asking = ask(_sender("one"), _sender("two", custom=()))
    await asking('{ objects(resource: "applications") { totalCount } }')

    for arguments in ('clusters: {names: ["two"]}', 'where: [{path: "cluster.name", value: "two"}]'):
        answer = await _both(
            asking, f'{{ objects(resource: "applications", {arguments}) {{ totalCount clusters {{ status }} }} }}'
        )
        assert answer.to_builtins() == {"data": {"objects": {"totalCount": 0, "clusters": [{"status": "NOT_SERVED"}]}}}


async def test_a_cursor_stays_valid_while_its_cluster_is_down(ask: Ask) -> None:
    asking = ask(_sender("one"))
    query = """query ($after: String) { objects(resource: "applications", first: 2, after: $after) {
      nodes { name } pageInfo { endCursor } } cluster(name: "one") { objects(kind: "Fleet", first: 1, after: $own) {
      nodes { name } pageInfo { endCursor } } } }""".replace("($after", "($own: String, $after")
    before = (await asking(query)).to_builtins()["data"]
    after = {
        "after": before["objects"]["pageInfo"]["endCursor"],
        "own": before["cluster"]["objects"]["pageInfo"]["endCursor"],
    }

    answer = await ask(DownSender("one"))(query, after)

    codes = [error["extensions"]["code"] for error in answer.to_builtins()["errors"]]
    assert codes == ["CLUSTER_UNREACHABLE", "CLUSTER_UNREACHABLE"]


@pytest.mark.parametrize("first", [1, 2, 3])
async def test_pages_continue_with_the_api_servers_tokens(ask: Ask, first: int) -> None:
    """Checks that no page of several kinds is read from the beginning of a kind again."""
    sender, after, has_next, read = _sender("one"), None, True, 0
    query = f"""query ($after: String) {{ categories(names: ["all"], first: {first}, after: $after) {{
      nodes {{ name }} pageInfo {{ hasNextPage endCursor }} }} }}"""
    asking = ask(sender)

    while has_next:
        sender.calls.clear()
        page = (await asking(query, {"after": after})).to_builtins()["data"]["categories"]
        starts = [
            int(dict(call.query).get("continue", 0)) for call in sender.calls if call.path.endswith("applications")
        ]
        names = [node["name"] for node in page["nodes"]]
        if starts and names and names[0].startswith("a"):
            assert starts == [read]
        read += len(names)
        after, has_next = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]

    assert read == 9


@pytest.mark.parametrize("first", [2, 3, 4])
@pytest.mark.parametrize(
    "root", ["pods(", 'pods(namespaces: ["shop"], ', 'objects(kind: "Pod", ', 'categories(names: ["all"], ']
)
async def test_a_page_that_crosses_lists_is_read_from_their_beginning_once_more(
    ask: Ask, root: str, first: int
) -> None:
    """Checks that a list is continued with tokens again after a page that ends among its first objects."""
    senders = [ObjectsSender(name, _many_pods, custom=(APPLICATION,)) for name in ("one", "two")]
    asking, after, has_next, names = ask(*senders), None, True, list[str]()
    query = f"""query ($after: String) {{ list: {root}first: {first}, after: $after) {{
      nodes {{ name }} pageInfo {{ hasNextPage endCursor }} }} }}"""

    while has_next:
        page = (await asking(query, {"after": after})).to_builtins()["data"]["list"]
        names += [node["name"] for node in page["nodes"]]
        after, has_next = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]

    assert len(names) == 2 * (11 + 5 * (root.startswith("categories")))
    for sender in senders:
        lists = [dict(call.query) for call in sender.calls if call.path.endswith("/pods")]
        assert sum("continue" not in query and query["limit"] not in ("1", str(first)) for query in lists) <= 1
        assert sum("continue" in query for query in lists) >= 11 // first - 2


def _many_pods(kind: Kind) -> list[JsonObject]:
    return (
        [{"metadata": {"name": f"q{n:02}", "namespace": "shop"}} for n in range(11)] if kind == POD else _objects(kind)
    )


async def test_pages_continue_at_their_place_while_kinds_and_objects_come_and_go(ask: Ask) -> None:
    """Checks a page after the object of its cursor and a kind have gone, and kinds before and after it have come."""
    sender = _sender("one", custom=(APPLICATION,))
    query = """query ($after: String) { categories(names: ["all"], first: 4, after: $after) {
      totalCount edges { cursor } nodes { kind name } pageInfo { hasNextPage } } }"""
    first = (await ask(sender)(query)).to_builtins()["data"]["categories"]
    earlier = Kind("acme.example", "v1", "Aaa", "aaas")
    sender.objects = lambda kind: [
        one for one in _objects(APPLICATION if kind == earlier else kind) if "a4" not in str(one["metadata"])
    ]
    sender.kinds = [kind for kind in sender.kinds if kind != POD]
    sender.custom = (earlier, APPLICATION, FLEET)

    answer = await ask(sender)(query, {"after": first["edges"][2]["cursor"]})

    assert [node["name"] for node in first["nodes"]] == ["a0", "a2", "a4", "a1"]
    second = answer.to_builtins()["data"]["categories"]
    assert [node["name"] for node in second["nodes"]] == ["a1", "a3", "f1"]
    assert (second["totalCount"], second["pageInfo"]["hasNextPage"]) == (9, False)


async def test_objects_are_counted_without_reading_them(ask: Ask) -> None:
    sender = _sender("one")

    answer = await _both(ask(sender), '{ categories(names: ["all"]) { totalCount } }')

    assert answer.to_builtins()["data"] == {"categories": {"totalCount": 9}}
    assert {dict(call.query)["limit"] for call in sender.calls if call.verb == "list"} == {"1"}


async def test_masked_json_is_null_and_no_path(engine: Engine) -> None:
    masking = Masking(masked_paths("argoproj.io/Application:spec.source.repoURL"))
    asking = Asking(engine, fleet_of([_sender("one")], masking=masking), masking=masking)
    selected = '{ nodes { fields(path: "spec.source") manifest } }'

    refused = await asking(
        '{ objects(resource: "applications", where: [{path: "spec.source.repoURL", value: "x"}]) { totalCount } }'
    )
    shown = await _both(
        asking, f'{{ objects(resource: "applications", where: [{{path: "spec.replicas", value: 5}}]) {selected} }}'
    )

    assert "spec.source.repoURL is masked" in str(refused.errors[0]["message"])
    (node,) = shown.to_builtins()["data"]["objects"]["nodes"]
    assert node["fields"] == node["manifest"]["spec"]["source"] == {"repoURL": None}


async def test_a_mask_holds_whatever_another_cluster_calls_the_kind(engine: Engine) -> None:
    masking = Masking(masked_paths("applications.argoproj.io:spec.token"))
    other = Kind(APPLICATION.group, APPLICATION.version, APPLICATION.name, "apps")
    senders = [_sender("one"), ObjectsSender("two", _objects, custom=(other,))]
    asking = Asking(engine, fleet_of(senders, masking=masking), masking=masking)

    refused = await asking('{ categories(names: ["all"], fieldSelector: "spec.token=a") { totalCount } }')

    message = "fieldSelector: spec.token is masked, so objects cannot be selected by it."
    assert [error["message"] for error in refused.errors] == [message]
    assert not [call for sender in senders for call in sender.calls if call.verb == "list"]


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        ('cluster: "one", kind: "Application", namespace: "n1", name: "a1"', "a1"),
        ('cluster: "one", resource: "fleets", name: "f1"', "f1"),
        ('cluster: "one", apiVersion: "v1", kind: "Pod", namespace: "shop", name: "p2"', "p2"),
        ('cluster: "one", kind: "Application", namespace: "n1", name: "unknown"', None),
    ],
)
async def test_one_object_is_found_by_its_names(ask: Ask, arguments: str, name: str | None) -> None:
    asking = ask(_sender("one"))

    answer = await _both(asking, f'{{ object({arguments}) {{ id name kind fields(path: "spec.x") }} }}')

    found = answer.to_builtins()["data"]["object"]
    assert (found and found["name"]) == name
    if found:
        again = await _both(
            asking, 'query ($id: ID!) { object(id: $id) { id name kind fields(path: "spec.x") } }', {"id": found["id"]}
        )
        assert again.to_builtins()["data"]["object"] == found


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("", "pass an id; or cluster, name"),
        ('id: "x", name: "y"', "pass either id, or cluster, kind and name; name is beside the id"),
        (
            'cluster: "one", kind: "Application", name: "a1"',
            "applications.argoproj.io are objects in namespaces; name one",
        ),
        ('cluster: "one", kind: "Fleet", namespace: "x", name: "f1"', "are objects of the whole cluster"),
        ('cluster: "one", kind: "Nothing", name: "a1"', "No cluster serves a kind named 'Nothing'"),
        ('cluster: "two", kind: "Fleet", name: "f1"', "No cluster named 'two'"),
        ('cluster: "one", kind: "Fleet", name: "a/b"', "a/b"),
    ],
)
async def test_one_object_needs_all_its_names(ask: Ask, arguments: str, message: str) -> None:
    field = f"object({arguments})" if arguments else "object"

    answer = await ask(_sender("one"))(f"{{ {field} {{ name }} }}")

    assert message in str(answer.errors[0]["message"])


async def test_an_object_of_a_kind_that_only_another_cluster_serves_is_unavailable(ask: Ask) -> None:
    asking = ask(_sender("one"), _sender("two", custom=()))
    await asking('{ objects(resource: "fleets") { totalCount } }')

    answer = await asking('{ object(cluster: "two", kind: "Fleet", name: "f1") { name } }')

    (error,) = answer.to_builtins()["errors"]
    assert error["message"] == "cluster 'two': it serves no kind named 'Fleet'."
    assert error["extensions"]["code"] == "KIND_UNAVAILABLE"


async def test_an_id_of_a_kind_that_is_gone_is_null(ask: Ask) -> None:
    answer = await ask(_sender("one"))('{ object(cluster: "one", resource: "fleets", name: "f1") { id } }')
    found = answer.to_builtins()["data"]["object"]

    gone = await ask(_sender("one", custom=()))("query ($id: ID!) { object(id: $id) { name } }", {"id": found["id"]})

    assert (gone.to_builtins()["data"], gone.errors) == ({"object": None}, [])


async def test_each_cluster_has_its_own_kinds(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Checks pages of each cluster, and the empty list of one that does not serve the kind, alone and beside others."""
    monkeypatch.setattr(servedkinds, "_LEAST_S", 0.0)  # a second after the last read
    asking = ask(_sender("one"), _sender("two"), _sender("three", custom=()))
    fields = """{ name objects(resource: "applications", first: 2, where: [{path: "spec.replicas", op: GT, value: 5}]) {
      totalCount nodes { name } pageInfo { hasNextPage } clusters { cluster { name } status }
      groups(by: []) { count } } }"""
    expected = {
        "totalCount": 3,
        "nodes": [{"name": "a2"}, {"name": "a4"}],
        "pageInfo": {"hasNextPage": True},
        "groups": [{"count": 3}],
    }
    empty = {
        "totalCount": 0,
        "nodes": [],
        "pageInfo": {"hasNextPage": False},
        "clusters": [{"cluster": {"name": "three"}, "status": "NOT_SERVED"}],
        "groups": [{"count": 0}],
    }

    answer = await _both(asking, f"{{ clusters {fields} }}")
    alone = await _both(asking, f'{{ cluster(name: "three") {fields} }}')

    clusters = {cluster["name"]: cluster["objects"] for cluster in answer.to_builtins()["data"]["clusters"]}
    assert clusters == {
        "one": {**expected, "clusters": [{"cluster": {"name": "one"}, "status": "OK"}]},
        "three": empty,
        "two": {**expected, "clusters": [{"cluster": {"name": "two"}, "status": "OK"}]},
    }
    assert alone.to_builtins()["data"]["cluster"]["objects"] == empty
    assert answer.errors == alone.errors == []


async def test_a_kind_that_no_cluster_serves_is_an_error_of_each_of_their_lists(ask: Ask) -> None:
    answer = await _both(
        ask(_sender("one"), _sender("two")), '{ clusters { objects(resource: "nope") { totalCount } } }'
    )

    assert answer.to_builtins()["data"] == {"clusters": [{"objects": None}, {"objects": None}]}
    assert [error["path"] for error in answer.errors] == [["clusters", number, "objects"] for number in range(2)]


@pytest.mark.parametrize("first", [1, 2, 5])
async def test_pages_of_a_cluster_are_its_whole_list(ask: Ask, first: int) -> None:
    asking, names, after = ask(_sender("one"), _sender("two")), list[str](), None
    query = f"""query ($after: String) {{ cluster(name: "two") {{
      objects(kind: "Application", first: {first}, after: $after) {{
        totalCount pageInfo {{ hasNextPage endCursor }} nodes {{ name cluster {{ name }} }} }} }} }}"""

    while True:
        page = (await _both(asking, query, {"after": after})).to_builtins()["data"]["cluster"]["objects"]
        assert page["totalCount"] == 5
        assert {node["cluster"]["name"] for node in page["nodes"]} == {"two"}
        names += [node["name"] for node in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break

    assert names == ["a0", "a2", "a4", "a1", "a3"]


async def test_the_next_page_of_one_clusters_list_is_one_page_of_it_alone(ask: Ask) -> None:
    senders = [_sender("one"), _sender("two")]
    asking = ask(*senders)
    query = """query ($after: String) { clusters { name objects(kind: "Application", first: 2, after: $after) {
      totalCount nodes { name } pageInfo { endCursor } } } }"""
    first = (await asking(query)).to_builtins()["data"]["clusters"]
    for sender in senders:
        sender.calls.clear()

    answer = await _both(asking, query, {"after": first[1]["objects"]["pageInfo"]["endCursor"]})

    one, two = answer.to_builtins()["data"]["clusters"]
    assert one["objects"] is None
    assert (two["objects"]["totalCount"], two["objects"]["nodes"]) == (5, [{"name": "a4"}, {"name": "a1"}])
    (error,) = answer.to_builtins()["errors"]
    assert error["path"] == ["clusters", 0, "objects"]
    assert error["message"].startswith("after: this is no cursor of this list")
    assert not senders[0].calls
    assert [(dict(call.query)["limit"], dict(call.query)["continue"]) for call in senders[1].calls[:1]] == [("2", "2")]
