"""Conditions on values that the caller may not know: they neither hold nor fail."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from graph.engine import Engine
from k8s.kinds import builtin as kinds
from k8s.kinds.kind import Kind
from k8s.masking.maskedpaths import masked_paths
from k8s.masking.masking import Masking
from tests.controlplane.json_object import JsonObject
from tests.graph.fleets import Asking, fleet_of
from tests.graph.limitedsender import LimitedSender
from tests.graph.senders import ObjectsSender

Ask = Callable[..., Asking]
UNKNOWN = [
    'path: "{0}", op: EXISTS',
    'path: "{0}", op: NOT_EXISTS',
    'not: [{{path: "{0}", op: EXISTS}}]',
    'not: [{{path: "{0}", op: NOT_EXISTS}}]',
    'and: [{{path: "name", value: "shared"}}, {{path: "{0}", op: NOT_EXISTS}}]',
]


def objects(kind: Kind) -> Sequence[JsonObject]:
    """Returns a pod with a config map, and the map."""
    metadata: JsonObject = {"namespace": "shop", "name": "shared"}
    if kind == kinds.POD:
        spec: JsonObject = {"nodeName": "n", "volumes": [{"name": "v", "configMap": {"name": "shared"}}]}
        return [{"metadata": metadata, "spec": spec}]
    if kind == kinds.NODE:
        return [{"metadata": {"name": "n"}}]
    return [{"metadata": metadata}] if kind == kinds.CONFIG_MAP else []


def sender(*refused: Kind) -> Any:
    return LimitedSender(ObjectsSender("one", objects), dict.fromkeys(refused, ()))


async def names(asking: Asking, root: str, condition: str) -> tuple[list[str], Any]:
    answer = (await asking(f"{{ {root}(where: [{{{condition}}}]) {{ nodes {{ name }} }} }}")).to_builtins()
    return [row["name"] for row in answer["data"][root]["nodes"]], answer


@pytest.mark.parametrize("condition", UNKNOWN)
@pytest.mark.parametrize(
    ("root", "path", "refused"),
    [
        ("configMaps", "isUsed", kinds.POD),
        ("configMaps", "usedAs.way", kinds.POD),
        ("configMaps", "usedAs[way=VOLUME].name", kinds.POD),
        ("pods", "configMaps", kinds.CONFIG_MAP),
        ("pods", "configMaps.metadata.name", kinds.CONFIG_MAP),
        ("pods", "node.metadata.uid", kinds.NODE),
        ("nodes", "pods", kinds.POD),
    ],
)
async def test_of_a_kind_that_is_refused_nothing_holds(
    ask: Ask, root: str, path: str, refused: Kind, condition: str
) -> None:
    found, answer = await names(ask(sender(refused)), root, condition.format(path))

    assert found == []
    assert {error["extensions"]["code"] for error in answer["errors"]} == {"FORBIDDEN"}


@pytest.mark.parametrize(
    "condition",
    [
        'path: "isUsed", value: false',
        'path: "isUsed", op: NE, value: true',
        'path: "usedAs", some: [{path: "way", value: "VOLUME"}]',
        'path: "usedAs", every: [{path: "way", value: "ENV"}]',
        'path: "usedAs", none: [{path: "way", value: "VOLUME"}]',
        'path: "usedAs.way", op: NE, value: "ENV", quantifier: ALL',
        'path: "usedAs.way", value: "ENV", quantifier: NONE',
    ],
)
async def test_every_kind_of_condition_is_undecided(ask: Ask, condition: str) -> None:
    found, _ = await names(ask(sender(kinds.POD)), "configMaps", condition)

    assert found == []


@pytest.mark.parametrize(
    "condition",
    [
        'or: [{path: "isUsed", value: false}, {path: "name", value: "shared"}]',
        'or: [{path: "name", value: "shared"}, {path: "isUsed", value: false}]',
        'not: [{and: [{path: "isUsed", value: true}, {path: "name", value: "other"}]}]',
        'not: [{and: [{path: "name", value: "other"}, {path: "isUsed", value: true}]}]',
    ],
)
async def test_what_decides_otherwise_is_enough(ask: Ask, condition: str) -> None:
    found, _ = await names(ask(sender(kinds.POD)), "configMaps", condition)

    assert found == ["shared"]


async def test_uses_of_masked_references_are_unknown(engine: Engine) -> None:
    masking = Masking(masked_paths("pods:spec.volumes"))
    asking = Asking(engine, fleet_of([ObjectsSender("one", objects)], masking=masking), masking=masking)

    for condition in ('path: "isUsed", op: NOT_EXISTS', 'path: "isUsed", value: false', 'path: "isUsed", value: true'):
        answer = await asking(
            f"{{ configMaps(where: [{{{condition}}}]) {{ totalCount clusters {{ notes {{ code }} }} }} }}"
        )

        assert answer.to_builtins()["data"]["configMaps"] == {
            "totalCount": 0,
            "clusters": [{"notes": [{"code": "MASKED"}]}],
        }


async def test_values_that_are_read_for_a_path_are_null_in_the_answer(ask: Ask) -> None:
    query = '{ configMaps(where: [{or: [{path: "isUsed", value: true}, {path: "name", op: EXISTS}]}], first: 1) '
    fields = '{ nodes { isUsed } groups(by: ["isUsed"]) { key count } } }'

    answer = (await ask(sender(kinds.POD))(query + fields)).to_builtins()

    assert answer["data"]["configMaps"] == {"nodes": [{"isUsed": None}], "groups": [{"key": [None], "count": 1}]}


async def test_known_values_are_compared_as_ever(ask: Ask) -> None:
    for root, condition in (
        ("configMaps", 'path: "isUsed", value: true'),
        ("pods", 'path: "configMaps", op: EXISTS'),
        ("pods", 'path: "secrets", op: NOT_EXISTS'),
        ("nodes", 'path: "pods", some: [{path: "name", value: "shared"}]'),
    ):
        found, answer = await names(ask(sender()), root, condition)

        assert (len(found), "errors" in answer) == (1, False), condition


POD: JsonObject = {
    "metadata": {"namespace": "shop", "name": "p"},
    "spec": {
        "containers": [
            {"name": "c", "env": [{"name": "A", "valueFrom": {"configMapKeyRef": {"name": "shared", "key": "k"}}}]},
            {"name": "d"},
        ]
    },
    "status": {"containerStatuses": [{"name": "c", "ready": True, "restartCount": 3}]},
}


def _with_data(kind: Kind) -> Sequence[JsonObject]:
    data: JsonObject = {"metadata": {"namespace": "shop", "name": "shared"}, "data": {"k": "v"}}
    return [POD] if kind == kinds.POD else [data] if kind == kinds.CONFIG_MAP else []


@pytest.mark.parametrize(
    "condition",
    [
        'path: "containers.env.value", op: NOT_EXISTS',
        'path: "containers.env", some: [{path: "value", op: NOT_EXISTS}]',
        'path: "containers.env.value", quantifier: NONE, value: "v"',
        'path: "containers", some: [{path: "env.value", value: "v"}]',
    ],
)
@pytest.mark.parametrize("mask", ["pods:spec.containers.env", "configmaps:data", "configmaps:data.k", None])
async def test_variables_that_are_not_all_known_are_unknown(engine: Engine, condition: str, mask: str | None) -> None:
    masking = Masking(masked_paths(mask)) if mask is not None else Masking()
    limited = LimitedSender(ObjectsSender("one", _with_data), {} if mask is not None else {kinds.CONFIG_MAP: ()})
    asking = Asking(engine, fleet_of([limited], masking=masking), masking=masking)

    found, _ = await names(asking, "pods", condition)

    assert found == []


async def test_variables_of_which_a_path_was_read_are_sent_as_ever(ask: Ask) -> None:
    limited = LimitedSender(ObjectsSender("one", _with_data), {kinds.CONFIG_MAP: ()})
    condition = 'or: [{path: "containers.env.value", value: "v"}, {path: "name", value: "p"}]'
    query = f"{{ pods(where: [{{{condition}}}]) {{ nodes {{ containers {{ env {{ name value }} }} }} }} }}"

    answer = (await ask(limited)(query)).to_builtins()

    containers = [{"env": [{"name": "A", "value": None}]}, {"env": []}]
    assert answer["data"]["pods"]["nodes"] == [{"containers": containers}]


@pytest.mark.parametrize(
    ("condition", "is_found"),
    [
        ('path: "containers[ready=true].restarts", op: NOT_EXISTS', False),
        ('path: "containers[ready=true].restarts", op: EXISTS', False),
        ('not: [{path: "containers[ready=true].restarts", value: 3}]', False),
        ('path: "containers[name=c].restarts", value: 3', True),
    ],
)
async def test_a_pick_by_a_masked_field_is_unknown(engine: Engine, condition: str, is_found: bool) -> None:
    masking = Masking(masked_paths("pods:status.containerStatuses.ready"))
    asking = Asking(engine, fleet_of([ObjectsSender("one", _with_data)], masking=masking), masking=masking)

    found, _ = await names(asking, "pods", condition)

    assert found == (["p"] if is_found else [])


EVENTS = {"gone": "default", "of-hidden": "dark", "of-nothing": None}
"""The namespace of the pod that each event is about; all are in the namespace default."""


def _with_events(kind: Kind) -> Sequence[JsonObject]:
    if kind == kinds.NAMESPACE:
        return [{"metadata": {"name": "dark"}}, {"metadata": {"name": "default"}}]
    if kind == kinds.EVENT:
        pod: JsonObject = {"apiVersion": "v1", "kind": "Pod", "name": "p"}
        return [
            {
                "metadata": {"namespace": "default", "name": name},
                **({key: {**pod, "namespace": home} for key in ("involvedObject", "related")} if home else {}),
            }
            for name, home in EVENTS.items()
        ]
    return [{"metadata": {"namespace": "dark", "name": "p"}}] if kind == kinds.POD else []


@pytest.mark.parametrize("link", ["object", "relatedObject"])
async def test_an_object_in_a_hidden_namespace_is_not_missing(ask: Ask, link: str) -> None:
    def asking() -> Asking:
        return ask(LimitedSender(ObjectsSender("one", _with_events), {kinds.POD: ("default",)}))

    missing, _ = await names(asking(), "events", f'path: "{link}", op: NOT_EXISTS')
    others, _ = await names(asking(), "events", f'not: [{{path: "{link}", op: EXISTS}}]')
    existing, _ = await names(asking(), "events", f'path: "{link}", op: EXISTS')
    seen, _ = await names(ask(ObjectsSender("one", _with_events)), "events", f'path: "{link}", op: EXISTS')

    assert (missing, others, existing, seen) == (["gone", "of-nothing"], ["gone", "of-nothing"], [], ["of-hidden"])
