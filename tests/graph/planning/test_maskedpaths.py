"""Paths of masked values are refused wherever a path is compared, ordered, grouped or summed by."""

from collections.abc import Callable

import pytest

from graph.engine import Engine
from graph.planning.fieldpaths import FieldPaths
from graph.schema.catalogue import catalogue
from k8s.masking.maskedpaths import masked_paths
from k8s.masking.masking import COPIES, Masking
from resolvers.errors import BadUserInput
from tests.graph.bodies import MadeObjects
from tests.graph.fleets import Asking, fleet_of
from tests.graph.senders import ObjectsSender

COPY = f'metadata.annotations["{COPIES[0]}"]'
MASKING = Masking(
    masked_paths(
        "pods:spec.nodeName,pods:spec.containers.env.value,deployments:spec.template,pods:status.conditions.type,"
        "configmaps:data.password,controllerrevisions:data.token"
    )
)
ARGUMENTS = {
    "where": "(where: {{path: {path}, op: EXISTS}}) {{ totalCount }}",
    "where not": "(where: {{not: [{{or: [{{path: {path}, value: 1}}]}}]}}) {{ totalCount }}",
    "valuePath": '(where: {{path: "name", op: LT, valuePath: {path}}}) {{ totalCount }}',
    "orderBy": '(orderBy: [{{path: "name"}}, {{path: {path}}}]) {{ totalCount }}',
    "by": "{{ groups(by: [{path}]) {{ count }} }}",
    "sum": "{{ groups(by: []) {{ sum(path: {path}) }} }}",
    "min": "{{ groups(by: []) {{ min(path: {path}) }} }}",
    "max": "{{ groups(by: []) {{ max(path: {path}) }} }}",
    "avg": "{{ groups(by: []) {{ avg(path: {path}) }} }}",
    "group order": "{{ groups(by: [], orderBy: [{{figure: MAX, path: {path}}}]) {{ count }} }}",
}


def _quoted(path: str) -> str:
    return '"' + path.replace('"', '\\"') + '"'


@pytest.mark.parametrize("argument", ARGUMENTS)
@pytest.mark.parametrize("path", ["data", 'data["password"]', "data.password", "stringData.password", COPY])
async def test_no_argument_takes_a_path_of_a_secrets_values(
    ask: Callable[..., Asking], argument: str, path: str
) -> None:
    sender = ObjectsSender("one", MadeObjects(1))

    answer = await ask(sender)("{ secrets" + ARGUMENTS[argument].format(path=_quoted(path)) + " }")

    (error,) = answer.to_builtins()["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert "is masked; it can be selected, but not compared, ordered or grouped by." in error["message"]
    assert sender.calls == []


@pytest.mark.parametrize(
    ("owner", "path", "written"),
    [
        ("Secret", "data", "data"),
        ("Secret", COPY, COPY),
        ("ServiceAccount", "owner.name", None),
        ("Secret", "metadata.annotations", None),
        ("Secret", 'metadata.annotations["team"]', None),
        ("Secret", "type", None),
        ("Namespace", "secrets.data", "secrets.data"),
        ("Namespace", 'secrets.data["a"]', "secrets.data"),
        ("Cluster", f"secrets.{COPY}", f"secrets.{COPY}"),
        ("Pod", "spec.nodeName", "spec.nodeName"),
        ("Pod", "spec.containers.env.value", "spec.containers.env.value"),
        ("Pod", "spec.containers.env[name=A].value", "spec.containers.env[name=A].value"),
        ("Pod", "spec.containers.env[value=s3cr3t].name", "spec.containers.env[value=s3cr3t]"),
        ("Pod", "status.conditions[type=Ready].status", "status.conditions[type=Ready]"),
        ("Pod", "spec.containers.env.name", None),
        ("Pod", COPY, COPY),
        ("Deployment", "spec.template", "spec.template"),
        ("Deployment", "spec.template.spec.containers.image", "spec.template"),
        ("Deployment", "pods.spec.nodeName", "pods.spec.nodeName"),
        ("ConfigMap", 'data["password"]', "data.password"),
        ("ConfigMap", 'data["port"]', None),
        ("ConfigMap", "data", None),
        ("ControllerRevision", "data.token.x", "data.token"),
        ("ControllerRevision", "data.spec", None),
    ],
)
def test_a_path_is_refused_at_and_below_a_masked_place_only(owner: str, path: str, written: str | None) -> None:
    finder = FieldPaths(catalogue(), MASKING)

    if written is None:
        assert finder.find(owner, path)
    else:
        with pytest.raises(BadUserInput) as refused:
            finder.find(owner, path)
        assert str(refused.value).startswith(f"path: {path}: ")
        assert " is masked" in str(refused.value)


def test_a_path_inside_of_elements_is_refused() -> None:
    finder = FieldPaths(catalogue(), MASKING)
    _, below = finder.find_elements(finder.start("Pod"), "spec.containers.env", "some")

    assert finder.find(below, "name")
    with pytest.raises(BadUserInput, match="value is masked"):
        finder.find(below, "value")


@pytest.mark.parametrize(
    "query",
    [
        '{ namespaces { nodes { secrets(where: {path: "data", op: EXISTS}) { totalCount } } } }',
        '{ clusters { secrets(orderBy: {path: "data.a"}) { totalCount } } }',
        '{ namespaces(where: {path: "secrets", some: [{path: "data.a", value: "b"}]}) { totalCount } }',
        '{ namespaces(where: {path: "secrets.data", op: EXISTS}) { totalCount } }',
    ],
)
async def test_a_path_through_a_link_is_refused(ask: Callable[..., Asking], query: str) -> None:
    answer = await ask(ObjectsSender("one", MadeObjects(1)))(query)

    assert "is masked" in answer.to_builtins()["errors"][0]["message"]


async def test_a_field_selector_of_a_masked_field_is_refused(engine: Engine) -> None:
    sender = ObjectsSender("one", MadeObjects(1))
    asking = Asking(engine, fleet_of([sender], masking=MASKING), masking=MASKING)

    refused = await asking('{ pods(fieldSelector: "status.phase=Running, spec.nodeName!=n-1") { totalCount } }')
    linked = await asking('{ clusters { pods(fieldSelector: "spec.nodeName=n-1") { totalCount } } }')
    allowed = await asking('{ pods(fieldSelector: "status.phase=Running") { totalCount } }')

    message = "fieldSelector: spec.nodeName is masked, so objects cannot be selected by it."
    assert [error["message"] for error in refused.errors] == [message]
    assert message in [error["message"] for error in linked.errors]
    assert not allowed.errors


@pytest.mark.parametrize(
    ("masked", "root", "selector"),
    [
        ("pods:spec.nodeName", "pods", "spec.host=n-1"),
        ("pods:status.podIPs", "pods", "status.podIP=10.0.0.1"),
        ("jobs:status.succeeded", "jobs", "status.successful!=0"),
        ("events:source.component", "events", "source=kubelet"),
        ("events:reportingComponent", 'objects(resource: "events")', "source=kubelet"),
    ],
)
async def test_a_field_selector_with_another_name_of_a_masked_field_is_refused(
    engine: Engine, masked: str, root: str, selector: str
) -> None:
    sender = ObjectsSender("one", MadeObjects(1))
    masking = Masking(masked_paths(masked))
    start = f"{root[:-1]}, " if root.endswith(")") else f"{root}("

    refused = await Asking(engine, fleet_of([sender], masking=masking), masking=masking)(
        f'{{ {start}fieldSelector: "{selector}") {{ totalCount }} }}'
    )

    name = selector.partition("!")[0].partition("=")[0]
    message = f"fieldSelector: {name} is masked, so objects cannot be selected by it."
    assert [error["message"] for error in refused.errors] == [message]
    assert not [call for call in sender.calls if call.verb == "list"]
