"""Flow schemas, and the links of classes that pods name."""

from __future__ import annotations

from typing import Any

import pytest

from graph.engine import Engine
from k8s.kinds import builtin as kinds
from resolvers.kinds.flowcontrol.flowschema import FLOW_SCHEMAS
from tests.resolvers.kinds.derivedfields import conditions, derived
from tests.resolvers.links.owning import answered, cluster_with, object_of


@pytest.mark.parametrize(
    ("listed", "expected"),
    [
        ((), None),
        ((("Other", "True"),), None),
        ((("Dangling", "True"), ("Dangling", "False")), True),
        ((("Dangling", "False"),), False),
        ((("Dangling", "Unknown"),), None),
    ],
)
def test_a_schema_dangles_by_its_first_condition(listed: Any, expected: bool | None) -> None:
    assert derived(FLOW_SCHEMAS, "isDangling", status=conditions(*listed)) is expected
    assert derived(FLOW_SCHEMAS, "isDangling") is None


async def test_schemas_lead_to_levels_and_accounts_and_back(engine: Engine) -> None:
    subjects = [
        {"kind": "ServiceAccount", "serviceAccount": {"namespace": "shop", "name": "a"}},
        {"kind": "ServiceAccount", "serviceAccount": {"namespace": "shop", "name": "*"}},
        {"kind": "Group", "group": {"name": "a"}},
    ]
    spec = {"priorityLevelConfiguration": {"name": "high"}, "rules": [{"subjects": subjects}, {}]}
    sender = cluster_with(
        [
            object_of(kinds.FLOW_SCHEMA, "f") | {"spec": spec},
            object_of(kinds.FLOW_SCHEMA, "g") | {"spec": {"priorityLevelConfiguration": {"name": "gone"}}},
            object_of(kinds.PRIORITY_LEVEL_CONFIGURATION, "high"),
            object_of(kinds.SERVICE_ACCOUNT, "a"),
        ],
        serves=[kinds.FLOW_SCHEMA, kinds.PRIORITY_LEVEL_CONFIGURATION, kinds.SERVICE_ACCOUNT],
    )

    answer = await answered(
        engine,
        """{ flowSchemas { nodes { name priorityLevel { name } serviceAccounts { name } } }
        priorityLevelConfigurations { nodes { flowSchemas { nodes { name } } } }
        serviceAccounts { nodes { flowSchemas { nodes { name } } } } }""",
        sender,
    )

    of_f = {"nodes": [{"flowSchemas": {"nodes": [{"name": "f"}]}}]}
    assert answer["data"] == {
        "flowSchemas": {
            "nodes": [
                {"name": "f", "priorityLevel": {"name": "high"}, "serviceAccounts": [{"name": "a"}]},
                {"name": "g", "priorityLevel": None, "serviceAccounts": []},
            ]
        },
        "priorityLevelConfigurations": of_f,
        "serviceAccounts": of_f,
    }


async def test_classes_lead_to_pods_and_nodes(engine: Engine) -> None:
    def node(name: str, **labels: str) -> Any:
        one = object_of(kinds.NODE, name)
        one["metadata"]["labels"] = labels
        return one

    sender = cluster_with(
        [
            object_of(kinds.PRIORITY_CLASS, "high"),
            object_of(kinds.RUNTIME_CLASS, "gvisor") | {"scheduling": {"nodeSelector": {"sandbox": "yes"}}},
            object_of(kinds.RUNTIME_CLASS, "plain"),
            node("n1", sandbox="yes"),
            node("n2"),
            object_of(kinds.POD, "p") | {"spec": {"priorityClassName": "high", "runtimeClassName": "gvisor"}},
            object_of(kinds.POD, "q") | {"spec": {}},
        ],
        serves=[kinds.PRIORITY_CLASS, kinds.RUNTIME_CLASS, kinds.NODE, kinds.POD],
    )

    answer = await answered(
        engine,
        """{ priorityClasses { nodes { pods { nodes { name } } } }
        runtimeClasses { nodes { name pods { nodes { name } } nodes { nodes { name } } } }
        nodes { nodes { name runtimeClasses { nodes { name } } } } }""",
        sender,
    )

    def nodes(*names: str) -> Any:
        return {"nodes": [{"name": name} for name in names]}

    assert answer["data"] == {
        "priorityClasses": {"nodes": [{"pods": nodes("p")}]},
        "runtimeClasses": {
            "nodes": [
                {"name": "gvisor", "pods": nodes("p"), "nodes": nodes("n1")},
                {"name": "plain", "pods": nodes(), "nodes": nodes("n1", "n2")},
            ]
        },
        "nodes": {
            "nodes": [
                {"name": "n1", "runtimeClasses": nodes("gvisor", "plain")},
                {"name": "n2", "runtimeClasses": nodes("plain")},
            ]
        },
    }
