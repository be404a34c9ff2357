"""Documents that are small to write and large to answer."""

from collections.abc import Callable, Sequence

import pytest

from k8s.kinds import builtin as kinds
from k8s.kinds.kind import Kind
from resolvers.limits import OperationLimits
from tests.controlplane.json_object import JsonObject
from tests.graph.fleets import Asking
from tests.graph.senders import ObjectsSender

Ask = Callable[..., Asking]


def one_node_with_ten_pods(kind: Kind) -> Sequence[JsonObject]:
    """Returns the node n-1 and ten pods on it."""
    if kind == kinds.NODE:
        return [{"metadata": {"name": "n-1"}}]
    if kind == kinds.POD:
        return [{"metadata": {"name": f"p-{n}", "namespace": "x"}, "spec": {"nodeName": "n-1"}} for n in range(10)]
    return []


@pytest.fixture
def sender() -> ObjectsSender:
    return ObjectsSender("one", one_node_with_ten_pods)


@pytest.fixture
def one(ask: Ask, sender: ObjectsSender) -> Asking:
    return ask(sender)


async def test_shared_children_are_counted_wherever_they_stand(one: Asking) -> None:
    inner = "pods { nodes { node { " * 3 + "name" + " } } }" * 3
    query = f"{{ nodes {{ nodes {{ {inner} }} }} }}"
    # one node, then ten pods, each with the same node, three times over: 1 + 10 + 10 + 100 + 100 + 1000 + 1000
    allowed = await one(query, limits=OperationLimits(sent_objects=2221))
    refused = await one(query, limits=OperationLimits(sent_objects=2220))

    assert not allowed.errors
    assert refused.errors[0]["message"] == "The answer has more than 2220 objects; select fewer links, or use `first`."
    assert refused.errors[0]["extensions"] == {"code": "LIMIT_EXCEEDED", "retryable": False}
    assert refused.data == {"nodes": None}


async def test_what_a_document_may_not_have_is_refused_before_anything_is_asked(
    one: Asking, sender: ObjectsSender
) -> None:
    inner = "pods { nodes { node { " * 20 + "name" + " } } }" * 20
    answer = await one(f"{{ nodes {{ nodes {{ {inner} }} }} }}")

    assert not answer.executed
    assert answer.errors[0]["extensions"] == {"code": "LIMIT_EXCEEDED", "retryable": False}
    assert not sender.calls
