"""Pages of several kinds whose lists are read namespace by namespace."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from k8s.kinds.builtin import POD
from k8s.kinds.kind import Kind
from tests.controlplane.json_object import JsonObject
from tests.graph.fleets import Asking
from tests.graph.senders import ObjectsSender

APPLICATION = Kind("argoproj.io", "v1alpha1", "Application", "applications")
PAGE = """query ($after: String, $first: Int) {
  categories(names: ["all"], namespaces: ["a", "b", "c"], first: $first, after: $after) {
    totalCount nodes { kind namespace name } pageInfo { hasNextPage endCursor } } }"""


def _objects(kind: Kind) -> Sequence[JsonObject]:
    """Returns Applications of three namespaces, and Pods of the first one."""
    namespaces = {APPLICATION: "abc", POD: "a"}.get(kind, "")
    return [{"metadata": {"name": f"{place}", "namespace": of}} for of in namespaces for place in range(3)]


@pytest.mark.parametrize("first", [1, 2, 3, 4, 5, 13])
async def test_the_last_page_is_the_end_whatever_kinds_before_it_have(ask: Callable[..., Asking], first: int) -> None:
    asking = ask(ObjectsSender("one", _objects, custom=(APPLICATION,)))
    whole = (await asking(PAGE)).to_builtins()["data"]["categories"]["nodes"]
    nodes, after, has_next = list[Any](), None, True

    while has_next:
        page = (await asking(PAGE, {"first": first, "after": after})).to_builtins()["data"]["categories"]
        assert page["nodes"]
        assert page["totalCount"] == 12
        nodes += page["nodes"]
        after, has_next = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]

    assert nodes == whole
