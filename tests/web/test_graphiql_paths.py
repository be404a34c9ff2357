"""Paths in GraphiQL's editor: completed, and checked while somebody types."""

from zlib import crc32

import msgspec
import pytest
from playwright.async_api import Route, expect

from tests.web.conftest import Visiting
from tests.web.graphiqlpage import GraphiqlPage

MESSAGES = """() => __MONACO.editor.getModelMarkers({owner: 'fleetgraph-paths'}).map(marker => marker.message)"""

WRONG = (
    (
        'pods(where: [{path: "statu.phase"}]) { totalCount }',
        "statu.phase: Pod has no field statu; did you mean status?",
    ),
    (
        'pods(where: [{or: [{not: [{path: "nodee.name"}]}]}]) { totalCount }',
        "nodee.name: Pod has no field nodee; did you mean node or name?",
    ),
    (
        'deployments { nodes { pods(where: [{path: "read"}]) { totalCount } } }',
        "read: Pod has no field read; did you mean ready?",
    ),
    (
        'pods { groups(by: ["cluster.nam"]) { count } }',
        "cluster.nam: Cluster has no field nam; did you mean cluster.name?",
    ),
    (
        'pods { groups(by: ["kind"]) { most: max(path: "restart") } }',
        "restart: Pod has no field restart; did you mean restarts?",
    ),
    (
        'pods { groups(by: ["kind"], orderBy: [{figure: SUM, path: "restart"}]) { count } }',
        "restart: Pod has no field restart; did you mean restarts?",
    ),
    (
        '... on Query @include(if: true) { a: cluster(name: "x") { pods(where: [{path: "read"}]) { totalCount } } }',
        "read: Pod has no field read; did you mean ready?",
    ),
    ('pods(where: [{path: "name.x"}]) { totalCount }', "name.x: name is a value; nothing is below it."),
    (
        'pods(where: [{path: "metadata.labels.app.x"}]) { totalCount }',
        "metadata.labels.app.x: metadata.labels.app is a value; nothing is below it.",
    ),
    (
        'pods(where: [{path: "spec[\\"nodeName\\"]"}]) { totalCount }',
        'spec["nodeName"]: spec is no map; its fields are reached with a dot.',
    ),
    (
        'pods(where: [{path: "viewerCan"}]) { totalCount }',
        "viewerCan: viewerCan takes arguments, and a path has none; select it instead.",
    ),
    (
        'pods(where: [{path: "status..phase"}]) { totalCount }',
        "status..phase is no path from character 7 on; write names with dots between them, "
        'and keys of maps as metadata.labels["app"].',
    ),
    (
        'pods(where: [{path: "status.conditions[typ=Ready].status"}]) { totalCount }',
        "status.conditions[typ=Ready].status: PodCondition has no field typ; did you mean type?",
    ),
    (
        'pods(where: [{path: "status[type=Ready].status"}]) { totalCount }',
        "status[type=Ready].status: status is no list of objects; nothing can be picked.",
    ),
    (
        'pods(orderBy: [{path: "spec.containers.image"}]) { totalCount }',
        "spec.containers.image: spec.containers is a list, and objects are ordered by one value; "
        "pick an element, as in status.conditions[type=Ready].",
    ),
)
RIGHT = (
    'pods(where: [{path: "metadata.labels[\\"app.kubernetes.io/name\\"]", op: EXISTS}]) { totalCount }',
    'pods(where: [{path: "metadata.annotations.x"}, {path: "deployment.replicas.ready"}]) { totalCount }',
    'pods(where: [{path: "cluster.pods.cluster.pods.name"}]) { totalCount }',
    'pods(orderBy: [{path: "status.conditions[type=Ready].lastTransitionTime"}]) { totalCount }',
    'pods(orderBy: [{path: "spec.containers[name=\\"a b\\"].image"}]) { totalCount }',
    'pods(where: [{path: "spec.containers.resources.requests.cpu", op: GT, value: "1"}]) { totalCount }',
    'controllerRevisions(where: [{path: "data.spec.any[\\"thing\\"].at.all"}]) { totalCount }',
    'objects(resource: "deploy", where: [{path: "spec.replicas", op: GT, value: 1}]) { totalCount }',
    'categories(names: ["all"]) { groups(by: ["status.conditions[type=Ready].status"]) { key } }',
    'objects(kind: "Job", where: [{path: "spec.ports", some: [{path: "port", value: 1}]}]) { totalCount }',
    'pods { nodes { fields(path: "spec.nodeName") owned { name } } }',
    'pods(where: [{path: ""}]) { totalCount }',
    'pods(where: [{value: "statu.phase"}], labelSelector: "path=wrong") { totalCount } # path: "statu"',
)
COMPLETED = (
    ('{ pods(where: [{ path: "stat', ["status", "statefulSet"]),
    ('{ pods(where: [{ path: "status.ph', ["phase"]),
    ('{ pods(where: [{ path: "node.metadata.creationT', ["creationTimestamp"]),
    ('{ deployments { nodes { pods(orderBy: [{ path: "restart', ["restarts", "lastRestartAt"]),
    ('{ pods { groups(by: ["clust', ["cluster", "clusterTrustBundles"]),
    ('{ pods { groups(by: ["kind"]) { sum(path: "restart', ["restarts", "lastRestartAt"]),
    ('{ pods(where: [{ path: "status.conditions[', ["message=", "reason=", "status=", "type="]),
    ('{ pods(where: [{ path: "metadata.labels[app.kubernetes.io/nam', ["app.kubernetes.io/name"]),
)


async def test_a_wrong_path_is_marked_with_the_nearest_right_one(empty_tab: GraphiqlPage) -> None:
    messages = await _messages(empty_tab, "\n".join(field for field, _ in WRONG))

    assert messages == [f"path: {message}" for _, message in WRONG]


async def test_a_right_path_is_not_marked(empty_tab: GraphiqlPage) -> None:
    assert await _messages(empty_tab, "\n".join(RIGHT)) == []


async def test_what_is_not_finished_is_checked_up_to_there(empty_tab: GraphiqlPage) -> None:
    await empty_tab.paste('query { pods(where: [{or: [{path: "statu", value: {a: ["b')

    await empty_tab.page.wait_for_function(f"() => ({MESSAGES})().some(message => message.includes('statu;'))")


@pytest.mark.parametrize(("typed", "names"), COMPLETED)
async def test_a_path_completes(empty_tab: GraphiqlPage, typed: str, names: list[str]) -> None:
    await empty_tab.type(typed)

    await expect(empty_tab.suggestions).to_have_text(names)


async def test_a_chosen_name_replaces_what_was_typed(empty_tab: GraphiqlPage) -> None:
    await empty_tab.type('{ pods(where: [{ path: "status.qos')
    await expect(empty_tab.suggestions).to_have_text(["qosClass"])

    await empty_tab.page.keyboard.press("Enter")

    assert '"status.qosClass"' in await empty_tab.text("operation.graphql")


async def test_a_key_of_a_map_is_written_with_its_quotes(empty_tab: GraphiqlPage) -> None:
    await empty_tab.type('{ pods(where: [{ path: "metadata.labels[app.kubernetes.io/nam')
    await expect(empty_tab.suggestions).to_have_text(["app.kubernetes.io/name"])

    await empty_tab.page.keyboard.press("Enter")

    assert r'"metadata.labels[\"app.kubernetes.io/name\"]' in await empty_tab.text("operation.graphql")


async def test_a_condition_is_suggested_at_its_brace(empty_tab: GraphiqlPage) -> None:
    await empty_tab.type("{ pods(where: [{")
    await expect(empty_tab.suggestions.first).to_have_text("path, value")

    await empty_tab.page.keyboard.press("Enter")

    await expect(empty_tab.suggestions.first).to_contain_text("id")
    assert 'where: [{path: "", value: }]' in await empty_tab.text("operation.graphql")


async def test_a_selection_set_gets_no_conditions(empty_tab: GraphiqlPage) -> None:
    await empty_tab.type('{ pods(where: [{ path: "name" }]) { ')

    await expect(empty_tab.suggestions.filter(has_text="totalCount")).to_be_visible()
    await expect(empty_tab.suggestions.filter(has_text="path")).to_have_count(0)


async def test_a_quick_fix_writes_the_nearest_path(empty_tab: GraphiqlPage) -> None:
    await empty_tab.paste('{ pods(where: [{path: "statu.phase"}]) { totalCount } }')
    await empty_tab.page.wait_for_function(f"() => ({MESSAGES})().length === 1")
    await empty_tab.page.evaluate("__MONACO.editor.getEditors()[0].setPosition({lineNumber: 1, column: 26})")

    await empty_tab.page.keyboard.press("Control+.")
    await expect(empty_tab.page.get_by_text("Change to status.phase")).to_be_visible()
    await empty_tab.page.keyboard.press("Enter")

    await empty_tab.page.wait_for_function(f"() => ({MESSAGES})().length === 0")
    assert 'path: "status.phase"' in await empty_tab.text("operation.graphql")


async def test_paths_inside_some_begin_in_the_element(visit: Visiting, graphiql_origin: str) -> None:
    async with visit(graphiql_origin) as opened:
        await opened.page.route("**/graphql", _with_some)
        page = GraphiqlPage(opened)
        await page.open()
        await page.open_empty_tab()
        field = (
            'pods(where: [{some: [{path: "typ"}, {path: "type"}], path: "status.conditions"}, '
            '{path: "cluster.pods", some: [{path: "spec.containers", some: [{path: "imag"}]}]}]) { totalCount }'
        )

        messages = await _messages(page, field)

    assert messages == [
        "path: typ: PodCondition has no field typ; did you mean type?",
        "path: imag: Container has no field imag; did you mean image?",
    ]


async def _with_some(route: Route) -> None:
    """Adds `some` to the schema, whether the server has it or not."""
    response = await route.fetch()
    body = msgspec.json.decode(await response.body())
    for entry in body["data"].get("__schema", {}).get("types", ()):
        if entry["name"] == "WhereInput" and not any(field["name"] == "some" for field in entry["inputFields"]):
            members = next(field for field in entry["inputFields"] if field["name"] == "and")
            entry["inputFields"].append({**members, "name": "some"})
    await route.fulfill(response=response, body=msgspec.json.encode(body))


async def _messages(graphiql: GraphiqlPage, field: str) -> list[str]:
    """Returns the findings in a field. One in another operation behind it comes last, and shows that all are there."""
    last = f"unique_{crc32(field.encode())}"
    await graphiql.paste(f'query A {{ {field}\n }} query B {{ nodes(orderBy: [{{path: "{last}"}}]) {{ totalCount }} }}')
    found = await graphiql.page.wait_for_function(
        f"last => {{ const found = ({MESSAGES})(); return found.at(-1)?.includes(last) && found }}", arg=last
    )
    messages = await found.json_value()
    assert isinstance(messages, list)
    return messages[:-1]
