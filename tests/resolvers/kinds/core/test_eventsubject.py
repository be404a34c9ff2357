"""The objects that events are about."""

from __future__ import annotations

from typing import Any, Final

import pytest

from graph.engine import Engine
from k8s.kinds import builtin as kinds
from tests.resolvers.links.owning import ROLLOUT, RecordingSender, answered, cluster_with, object_of

SERVES: Final = (kinds.EVENT, kinds.EVENTS_EVENT, kinds.POD, kinds.NODE, kinds.DEPLOYMENT, ROLLOUT)


def event(kind: Any, name: str, subject: Any, related: Any = None, namespace: str = "shop") -> Any:
    """Returns an event of either API group about an object."""
    field = "involvedObject" if kind is kinds.EVENT else "regarding"
    return object_of(kind, name, namespace=namespace) | {field: subject, "related": related}


def about(kind: str, name: str, api_version: str | None = "v1", namespace: str | None = "shop") -> Any:
    """Returns a reference to an object."""
    return {"apiVersion": api_version, "kind": kind, "name": name, "namespace": namespace}


def cluster(*objects: Any, **options: Any) -> RecordingSender:
    """Returns a cluster with events and the objects that they are about."""
    own = [
        object_of(kinds.POD, "p"),
        object_of(kinds.NODE, "n"),
        object_of(kinds.DEPLOYMENT, "d"),
        object_of(ROLLOUT, "r"),
    ]
    return cluster_with([*objects, *own], serves=SERVES, **options)


@pytest.mark.parametrize(("kind", "root"), [(kinds.EVENT, "events"), (kinds.EVENTS_EVENT, "eventsEvents")])
async def test_an_event_leads_to_objects_of_any_kind(engine: Engine, kind: Any, root: str) -> None:
    sender = cluster(
        event(kind, "a", about("Pod", "p"), about("Node", "n", namespace=None)),
        event(kind, "b", about("Node", "n", None, ""), namespace="default"),
        event(kind, "c", about("Deployment", "d", None)),
        event(kind, "d", about("Rollout", "r", "argoproj.io/v1alpha1")),
        event(kind, "e", about("Pod", "gone")),
        event(kind, "f", about("Pod", "p", namespace="till")),
        event(kind, "g", about("Widget", "w", "example.com/v1")),
        event(kind, "h", {}),
        event(kind, "i", None),
    )

    answer = await answered(
        engine, f"{{ {root} {{ nodes {{ name object {{ kind name }} relatedObject {{ name }} }} }} }}", sender
    )

    assert "errors" not in answer
    found = {node["name"]: (node["object"], node["relatedObject"]) for node in answer["data"][root]["nodes"]}
    assert found == {
        "a": ({"kind": "Pod", "name": "p"}, {"name": "n"}),
        "b": ({"kind": "Node", "name": "n"}, None),
        "c": ({"kind": "Deployment", "name": "d"}, None),
        "d": ({"kind": "Rollout", "name": "r"}, None),
        **dict.fromkeys("efghi", (None, None)),
    }


async def test_any_number_of_events_costs_one_list_for_each_kind(engine: Engine) -> None:
    pods = [object_of(kinds.POD, f"p{place}", namespace=f"n{place % 3}") for place in range(30)]
    events = [
        event(kinds.EVENT, f"e{place}", about("Pod", f"p{place}", namespace=f"n{place % 3}"), namespace=f"n{place % 3}")
        for place in range(30)
    ]
    sender = cluster(*pods, *events)

    answer = await answered(engine, "{ events { nodes { object { name } } } }", sender)

    assert sorted(node["object"]["name"] for node in answer["data"]["events"]["nodes"]) == sorted(
        f"p{place}" for place in range(30)
    )
    assert (sender.counts["events"], sender.counts["pods"]) == (1, 1)
