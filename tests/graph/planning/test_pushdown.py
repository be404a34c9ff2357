"""Conditions that API servers evaluate, read from the requests themselves."""

from urllib.parse import parse_qsl

import pytest

from graph.engine import Engine
from k8s.kinds.kind import Kind
from k8s.transport.call import Call
from tests.controlplane.json_object import JsonObject
from tests.graph.fleets import Asking, fleet_of
from tests.graph.senders import ObjectsSender


def in_words(call: Call) -> str:
    """Returns the path with its selectors."""
    return " ".join([call.path, *(f"{key}={value}" for key, value in call.query if key.endswith("Selector"))])


async def requests(engine: Engine, arguments: str, field: str = "pods") -> list[str]:
    """Returns the requests for a list to two clusters."""
    senders = [ObjectsSender(name, _nothing) for name in ("one", "two")]
    answer = await Asking(engine, fleet_of(senders))(f"{{ {field}({arguments}) {{ totalCount }} }}")
    assert answer.errors == []
    return [f"{sender.name} {in_words(call)}" for sender in senders for call in sender.calls]


@pytest.mark.parametrize(
    ("where", "request_"),
    [
        ('{path: "metadata.labels[\\"app\\"]", value: "web"}', "/api/v1/pods labelSelector=app=web"),
        ('{path: "metadata.labels.app", op: NE, value: "web"}', "/api/v1/pods labelSelector=app!=web"),
        ('{path: "metadata.labels.app", op: IN, value: ["a", "b"]}', "/api/v1/pods labelSelector=app in (a,b)"),
        ('{path: "metadata.labels.app", op: NOT_IN, value: ["a"]}', "/api/v1/pods labelSelector=app notin (a)"),
        ('{path: "metadata.labels[\\"a.b/c\\"]", op: EXISTS}', "/api/v1/pods labelSelector=a.b/c"),
        ('{path: "metadata.labels.app", op: NOT_EXISTS}', "/api/v1/pods labelSelector=!app"),
        ('{path: "name", value: "web-0"}', "/api/v1/pods fieldSelector=metadata.name=web-0"),
        ('{path: "spec.nodeName", value: "n-1"}', "/api/v1/pods fieldSelector=spec.nodeName=n-1"),
        ('{path: "status.phase", op: NE, value: "Running"}', "/api/v1/pods fieldSelector=status.phase!=Running"),
        ('{path: "namespace", value: "shop"}', "/api/v1/namespaces/shop/pods"),
        (
            '{and: [{path: "namespace", value: "shop"}, {path: "metadata.labels.a", value: "b"}]}',
            "/api/v1/namespaces/shop/pods labelSelector=a=b",
        ),
    ],
)
async def test_what_a_selector_can_say_is_left_to_the_api_server(engine: Engine, where: str, request_: str) -> None:
    assert await requests(engine, f"where: [{where}]") == [f"one {request_}", f"two {request_}"]


@pytest.mark.parametrize(
    "where",
    [
        '{path: "metadata.labels.app", value: "no label value!"}',
        '{path: "metadata.labels.app", op: STARTS_WITH, value: "w"}',
        '{path: "metadata.labels.app", value: "web", ignoreCase: true}',
        '{path: "metadata.annotations.app", value: "web"}',
        '{path: "status.podIP", value: "10.0.0.1"}',
        '{path: "spec.nodeName", value: "a,status.phase=Failed"}',
        '{path: "namespace", value: "No_Namespace"}',
        '{or: [{path: "namespace", value: "shop"}, {path: "name", value: "x"}]}',
        '{not: [{path: "namespace", value: "shop"}]}',
    ],
)
async def test_what_no_selector_can_say_is_looked_at_here(engine: Engine, where: str) -> None:
    assert await requests(engine, f"where: [{where}]") == ["one /api/v1/pods", "two /api/v1/pods"]


async def test_given_selectors_and_namespaces_hold_besides(engine: Engine) -> None:
    arguments = (
        'labelSelector: "tier=front", fieldSelector: "spec.nodeName=n-1", namespaces: ["shop", "cart"], '
        'where: [{path: "metadata.labels.app", value: "web"}, {path: "namespace", op: IN, value: ["shop", "other"]}]'
    )

    (one, _two) = await requests(engine, arguments)

    assert one == "one /api/v1/namespaces/shop/pods labelSelector=tier=front,app=web fieldSelector=spec.nodeName=n-1"


async def test_only_clusters_that_are_meant_are_asked(engine: Engine) -> None:
    assert await requests(engine, 'where: [{path: "cluster.name", value: "two"}]') == ["two /api/v1/pods"]


async def test_events_of_an_object_are_selected_by_the_api_server(engine: Engine) -> None:
    (one, _two) = await requests(engine, 'where: [{path: "involvedObject.name", value: "web-0"}]', "events")

    assert one == "one /api/v1/events fieldSelector=involvedObject.name=web-0"


async def test_selectors_stay_short_enough_for_a_url(engine: Engine) -> None:
    where = ", ".join(f'{{path: "metadata.labels.k{index}", value: "{"v" * 60}"}}' for index in range(90))

    (one, _two) = await requests(engine, f"where: [{where}]")

    (selector,) = [value for key, value in parse_qsl(one.split(" ")[2]) if key == "labelSelector"]
    assert 1900 < len(selector) <= 2000


def _nothing(_kind: Kind) -> list[JsonObject]:
    return []
