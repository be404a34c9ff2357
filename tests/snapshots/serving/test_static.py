"""Objects in memory, accepted and refused ones."""

import pytest

from k8s.kinds.builtin import BUILT_IN, NODE, POD
from k8s.kinds.kind import Kind
from snapshots.serving.index.item import item_bytes
from snapshots.serving.servedkinds import ContentInvalid
from snapshots.serving.static import StaticContent
from tests.controlplane.json_object import JsonObject
from tests.snapshots.serving.asking import node, pod, widget, widget_definition

WIDGET = Kind("example.com", "v1", "Widget", "widgets")


async def test_objects_are_kept_by_kind_in_order() -> None:
    content = StaticContent([pod("b"), pod("a"), node("n")])

    assert (await content.listed(POD)).objects == (item_bytes(POD, pod("a")), item_bytes(POD, pod("b")))
    assert (await content.listed(NODE)).objects == (b'{"metadata":{"name":"n"}}',)


async def test_the_same_list_is_given_each_time() -> None:
    content = StaticContent([pod("a")])

    assert (await content.listed(POD)).objects is (await content.listed(POD)).objects


def test_the_version_is_the_highest_of_the_objects() -> None:
    newer: JsonObject = {**pod("a"), "metadata": {"name": "a", "namespace": "shop", "resourceVersion": "12"}}
    odd: JsonObject = {**pod("b"), "metadata": {"name": "b", "namespace": "shop", "resourceVersion": "x9"}}

    assert StaticContent([newer, odd]).resource_version == "12"
    assert StaticContent([]).resource_version == "1"
    assert StaticContent([newer], resource_version="7").resource_version == "7"


def test_kinds_are_the_built_in_ones_and_those_that_definitions_make() -> None:
    assert tuple(StaticContent([widget_definition()]).kinds) == (*BUILT_IN, WIDGET)
    assert tuple(StaticContent([], kinds=[POD]).kinds) == (POD,)


@pytest.mark.parametrize(
    ("item", "said"),
    [
        (widget("w", "red"), "example.com/v1 Widget shop/w: no such kind is served"),
        ({"apiVersion": "v1", "kind": "Pod"}, "v1 Pod : it has no metadata.name."),
        ({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}}, "v1 Pod a: it has no metadata.namespace."),
        ({"apiVersion": "v1", "kind": "Pod", "metadata": []}, "it has no metadata.name."),
        ({}, "None None : no such kind is served"),
        ({**widget_definition(), "spec": {}}, "CustomResourceDefinition widgets.example.com: "),
    ],
)
def test_what_cannot_be_served_is_named(item: JsonObject, said: str) -> None:
    with pytest.raises(ContentInvalid) as invalid:
        StaticContent([item])

    assert said in str(invalid.value)


def test_an_object_is_there_once() -> None:
    with pytest.raises(ContentInvalid, match="v1 Pod shop/a: it occurs twice"):
        StaticContent([pod("a"), pod("a")])
