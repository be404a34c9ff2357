"""Lists of references to objects: one for parents that are alike, and charged."""

from __future__ import annotations

from typing import Any

import pytest

from graph.engine import Engine
from k8s.kinds import builtin as kinds
from resolvers.kinds.podspecs.workloads import WORKLOADS
from tests.resolvers.links.owning import RecordingSender, answered, cluster_with, object_of

LABELS: Any = {"app": "web"}


def _cluster() -> RecordingSender:
    template = {"spec": {"template": {"metadata": {"labels": LABELS}}}}
    aggregated = {"aggregationRule": {"clusterRoleSelectors": [{"matchLabels": LABELS}]}}
    part = object_of(kinds.CLUSTER_ROLE, "part")
    part["metadata"]["labels"] = LABELS
    return cluster_with(
        [
            *(object_of(kinds.SERVICE, name) | {"spec": {"selector": LABELS}} for name in "ab"),
            object_of(kinds.SERVICE, "c") | {"spec": {"selector": {"app": "db"}}},
            object_of(kinds.DEPLOYMENT, "d") | template,
            object_of(kinds.JOB, "j") | template,
            *(object_of(kinds.CLUSTER_ROLE, name) | aggregated for name in ("one", "two")),
            part | aggregated,
        ],
        serves=[*WORKLOADS, kinds.SERVICE, kinds.CLUSTER_ROLE],
    )


async def test_objects_with_equal_selectors_have_the_same_workloads(engine: Engine) -> None:
    query = "{ services { nodes { name workloads { ... on Deployment { name } ... on Job { name } } } } }"

    answer = await answered(engine, query, _cluster())

    found = [{"name": "d"}, {"name": "j"}]
    assert answer["data"]["services"]["nodes"] == [
        {"name": "a", "workloads": found},
        {"name": "b", "workloads": found},
        {"name": "c", "workloads": []},
    ]


async def test_aggregated_roles_do_not_have_themselves(engine: Engine) -> None:
    query = "{ clusterRoles { nodes { name aggregatedFrom { nodes { name } } aggregatedInto { nodes { name } } } } }"

    answer = await answered(engine, query, _cluster())

    part: Any = {"nodes": [{"name": "part"}]}
    others: Any = {"nodes": [{"name": "one"}, {"name": "two"}]}
    none: Any = {"nodes": []}
    assert answer["data"]["clusterRoles"]["nodes"] == [
        {"name": "one", "aggregatedFrom": part, "aggregatedInto": none},
        {"name": "part", "aggregatedFrom": none, "aggregatedInto": others},
        {"name": "two", "aggregatedFrom": part, "aggregatedInto": none},
    ]


@pytest.mark.parametrize(
    ("module", "query"),
    [
        ("resolvers.kinds.podspecs.workloads", "{ services { nodes { workloads { __typename } } } }"),
        ("resolvers.kinds.rbac.role", "{ clusterRoles { nodes { aggregatedInto { nodes { name } } } } }"),
        ("resolvers.links.selecting", "{ clusterRoles { nodes { aggregatedFrom { nodes { name } } } } }"),
        ("resolvers.links.selecting", "{ clusterRoles { nodes { aggregatedInto { nodes { name } } } } }"),
    ],
)
async def test_references_count_for_the_memory_of_an_operation(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, module: str, query: str
) -> None:
    monkeypatch.setattr(f"{module}.REFERENCE_BYTES", 2**30)

    answer = await answered(engine, query, _cluster())

    assert [error["extensions"]["code"] for error in answer["errors"]] == ["LIMIT_EXCEEDED"]
