"""Links of the roles, bindings and flow schemas that API servers make for themselves, beside the raw objects."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from tests.controlplane.client import connect
from tests.controlplane.cluster import Cluster
from tests.faults.fleets import TestFleet

pytestmark = pytest.mark.controlplane

Json = Any
OWN = 'clusters: {names: ["alpha"]}, labelSelector: "kubernetes.io/bootstrapping=rbac-defaults", first: 1000'
RBAC = "/apis/rbac.authorization.k8s.io/v1"
FLOWS = "/apis/flowcontrol.apiserver.k8s.io/v1"


async def _read(cluster: Cluster, path: str) -> list[Json]:
    """Returns the objects of a list that the API server made, ordered by namespace and name."""
    async with connect(cluster) as session, session.get(path) as response:
        items = msgspec.json.decode(await response.read())["items"]
    own = [item for item in items if "kubernetes.io/bootstrapping" in item["metadata"].get("labels", {})]
    chosen = items if path.startswith(FLOWS) else own
    return sorted(chosen, key=lambda item: (item["metadata"].get("namespace", ""), item["metadata"]["name"]))


def _name(item: Json) -> str:
    return str(item["metadata"]["name"])


def _names(link: Json) -> list[str]:
    return [one["name"] for one in (link["nodes"] if isinstance(link, dict) else link)]


async def test_bindings_and_roles(real_fleet: TestFleet, alpha: Cluster) -> None:
    plurals = ("clusterroles", "clusterrolebindings", "roles", "rolebindings")
    roles, bindings, own_roles, own_bindings = [await _read(alpha, f"{RBAC}/{plural}") for plural in plurals]

    reply = await real_fleet.ask(
        f"""{{
        clusterRoles({OWN}) {{ nodes {{ name ruleTexts isAggregated clusterRoleBindings {{ nodes {{ name }} }}
            aggregatedFrom {{ nodes {{ name }} }} aggregatedInto {{ nodes {{ name }} }} }} }}
        clusterRoleBindings({OWN}) {{ nodes {{ name clusterRole {{ name }} users groups serviceAccountNames }} }}
        roles({OWN}) {{ nodes {{ namespace name roleBindings {{ nodes {{ name }} }} }} }}
        roleBindings({OWN}) {{ nodes {{ namespace name role {{ namespace name }} }} }} }}"""
    )

    assert reply.errors == ()
    names = {_name(role) for role in roles}
    found = {node["name"]: node for node in reply.data["clusterRoles"]["nodes"]}
    assert sorted(found) == sorted(names)
    for role in roles:
        node = found[_name(role)]
        bound = [_name(one) for one in bindings if one["roleRef"]["name"] == _name(role)]
        assert [name for name in _names(node["clusterRoleBindings"]) if name in map(_name, bindings)] == bound
        assert len(node["ruleTexts"]) == len(role["rules"] or ())
        selectors = role.get("aggregationRule", {}).get("clusterRoleSelectors", ())
        selected = [
            _name(other)
            for other in roles
            if any(one["matchLabels"].items() <= other["metadata"]["labels"].items() for one in selectors)
        ]
        assert [name for name in _names(node["aggregatedFrom"]) if name in names] == selected
        for other in selected:
            assert _name(role) in _names(found[other]["aggregatedInto"])
        assert node["isAggregated"] is bool(selectors)
    assert any(node["isAggregated"] for node in found.values())
    for binding, node in zip(bindings, reply.data["clusterRoleBindings"]["nodes"], strict=True):
        assert (node["name"], node["clusterRole"]) == (_name(binding), {"name": binding["roleRef"]["name"]})
        subjects = binding.get("subjects", ())
        assert node["users"] == [one["name"] for one in subjects if one["kind"] == "User"]
        assert node["groups"] == [one["name"] for one in subjects if one["kind"] == "Group"]
        assert len(node["serviceAccountNames"]) == sum(one["kind"] == "ServiceAccount" for one in subjects)
    for binding, node in zip(own_bindings, reply.data["roleBindings"]["nodes"], strict=True):
        place = {"namespace": binding["metadata"]["namespace"], "name": binding["roleRef"]["name"]}
        assert (node["name"], node["role"]) == (_name(binding), place)
    for role, node in zip(own_roles, reply.data["roles"]["nodes"], strict=True):
        home = role["metadata"]["namespace"]
        own = [one for one in own_bindings if one["metadata"]["namespace"] == home]
        assert set(_names(node["roleBindings"])) >= {
            _name(one) for one in own if one["roleRef"] == one["roleRef"] | {"kind": "Role", "name": _name(role)}
        }


async def test_flow_schemas_and_priority_levels(real_fleet: TestFleet, alpha: Cluster) -> None:
    schemas = {_name(one): one for one in await _read(alpha, f"{FLOWS}/flowschemas")}
    mark = alpha.audit.mark()

    reply = await real_fleet.ask(
        """{ flowSchemas(clusters: {names: ["alpha"]}) { nodes { name isDangling priorityLevel { name } } }
        priorityLevelConfigurations(clusters: {names: ["alpha"]}) { nodes { name flowSchemas { nodes { name } } } } }"""
    )

    assert reply.errors == ()
    levels: dict[str, list[str]] = {}
    for name, schema in sorted(schemas.items()):
        levels.setdefault(schema["spec"]["priorityLevelConfiguration"]["name"], []).append(name)
    found = reply.data["priorityLevelConfigurations"]["nodes"]
    assert {node["name"]: _names(node["flowSchemas"]) for node in found if node["flowSchemas"]["nodes"]} == levels
    assert {node["name"]: node["priorityLevel"]["name"] for node in reply.data["flowSchemas"]["nodes"]} == {
        name: schema["spec"]["priorityLevelConfiguration"]["name"] for name, schema in schemas.items()
    }
    assert {node["isDangling"] for node in reply.data["flowSchemas"]["nodes"]} <= {False, None}
    requests = alpha.audit.requests_since(mark, user_agent="fleetgraph")
    assert len([one for one in requests if one.resource in {"flowschemas", "prioritylevelconfigurations"}]) <= 4
