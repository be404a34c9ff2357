"""Queries, the requests to the cluster and the decoded paths."""

from collections.abc import AsyncGenerator, Callable
from typing import Any

import pytest

from k8s.reading.listing import ListRequest, Page
from k8s.reading.reader import ClusterReader
from k8s.reading.selection import Selection
from resolvers.limits import OperationLimits
from tests.graph.bodies import MadeObjects
from tests.graph.fleets import Asking
from tests.graph.senders import ObjectsSender

Ask = Callable[..., Asking]


@pytest.fixture
def selections(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, list[str]]]:
    """Returns the request of each list: the plural and the paths."""
    asked: list[tuple[str, list[str]]] = []
    read = ClusterReader.pages

    def remember(self: ClusterReader, request: ListRequest, **options: Any) -> AsyncGenerator[Page, None]:
        asked.append((request.kind.plural, paths(request.selection)))
        return read(self, request, **options)

    monkeypatch.setattr(ClusterReader, "pages", remember)
    return asked


def paths(selection: Selection, before: str = "") -> list[str]:
    found: list[str] = []
    for key, below in selection:
        found += paths(below, f"{before}{key}.") if below else [before + key]
    return found


IDENTITY = ["metadata.name", "metadata.namespace"]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ("spec { nodeName } status { phase podIP }", ["spec.nodeName", "status.phase", "status.podIP", *IDENTITY]),
        ("a: spec { x: nodeName } b: spec { nodeName hostname }", ["spec.nodeName", "spec.hostname", *IDENTITY]),
        ("spec { nodeName } ... on Pod { spec { hostname } }", ["spec.nodeName", "spec.hostname", *IDENTITY]),
        ("spec { nodeName hostname @skip(if: true) }", ["spec.nodeName", *IDENTITY]),
        ("spec { nodeName hostname @include(if: $no) }", ["spec.nodeName", *IDENTITY]),
        ("spec { nodeName hostname @include(if: $yes) }", ["spec.nodeName", "spec.hostname", *IDENTITY]),
        ("...F @skip(if: $yes) kind apiVersion __typename", IDENTITY),
        ("...F", ["spec.hostname", *IDENTITY]),
        ("ready", ["status.conditions.type", "status.conditions.status", *IDENTITY]),
        ("name namespace id cluster { name }", IDENTITY),
        ("metadata { labels }", ["metadata.labels", *IDENTITY]),
        ("node @skip(if: $yes) { name }", IDENTITY),
    ],
)
async def test_only_selected_paths_are_read(
    ask: Ask, selections: list[tuple[str, list[str]]], fields: str, expected: list[str]
) -> None:
    always = "k: kind @include(if: $yes) @skip(if: $no) ...F @skip(if: true)"
    query = f"query Q($yes: Boolean! = true, $no: Boolean! = false) {{ pods {{ nodes {{ {fields} {always} }} }} }}"
    query += " fragment F on Pod { spec { hostname } }"

    answer = await ask(ObjectsSender("one", MadeObjects(1)))(query)

    assert answer.errors == []
    assert selections == [("pods", expected)]


async def test_both_ends_of_a_link_are_read_for_what_it_needs(
    ask: Ask, selections: list[tuple[str, list[str]]]
) -> None:
    await ask(ObjectsSender("one", MadeObjects(1)))("{ pods { nodes { node { status { phase } } } } }")

    assert selections == [("pods", ["spec.nodeName", *IDENTITY]), ("nodes", ["status.phase", "metadata.name"])]


async def test_one_plan_serves_one_set_of_variables(ask: Ask, selections: list[tuple[str, list[str]]]) -> None:
    asking = ask(ObjectsSender("one", MadeObjects(1)))
    query = "query Q($all: Boolean!) { pods { nodes { name spec @include(if: $all) { hostname } } } }"

    await asking(query, {"all": False})
    await asking(query, {"all": True})

    assert selections == [("pods", IDENTITY), ("pods", [*IDENTITY, "spec.hostname"])]


@pytest.mark.parametrize(
    ("limits", "query", "message"),
    [
        (
            OperationLimits(selected_fields=3),
            "{ pods { nodes { name kind id } } }",
            "The query selects more than 3 fields (FLEETGRAPH_MAX_SELECTED_FIELDS).",
        ),
        (
            OperationLimits(depth=3),
            "{ pods { nodes { spec { securityContext { runAsUser } } } } }",
            "The query has more than 3 nested selection sets (FLEETGRAPH_MAX_DEPTH).",
        ),
    ],
)
async def test_a_plan_over_a_limit_is_refused_before_anything_is_asked(
    ask: Ask, limits: OperationLimits, query: str, message: str
) -> None:
    sender = ObjectsSender("one", MadeObjects(1))

    answer = await ask(sender)(query, limits=limits)

    assert [(error["message"], error["extensions"]) for error in answer.errors] == [
        (message, {"code": "LIMIT_EXCEEDED", "retryable": False})
    ]
    assert sender.calls == []


async def test_fragments_that_double_at_every_level_are_refused_at_once(ask: Ask) -> None:
    sender = ObjectsSender("one", MadeObjects(1))
    doubling = "fragment F{0} on JSONSchemaProps {{ a: not {{ ...F{1} }} b: not {{ ...F{1} }} }}"
    fragments = "\n".join(doubling.format(depth, depth + 1) for depth in range(30))
    query = "{ customResourceDefinitions { nodes { spec { versions { schema { openAPIV3Schema { ...F0 } } } } } } }"

    answer = await ask(sender)(f"{query}\n{fragments}\nfragment F30 on JSONSchemaProps {{ type }}")

    (error,) = answer.errors
    assert error["extensions"] == {"code": "LIMIT_EXCEEDED", "retryable": False}
    assert sender.calls == []
