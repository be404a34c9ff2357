"""Custom kinds, aggregated APIs and stored versions, and the objects that they lead to."""

from __future__ import annotations

from typing import Any

import pytest

from graph.engine import Engine
from k8s.kinds import builtin as kinds
from resolvers.kinds.apis.apiservice import API_SERVICES
from resolvers.kinds.apis.customresourcedefinition import DEFINITIONS
from resolvers.kinds.apis.storageversion import MIGRATIONS, STORAGE_VERSIONS
from tests.resolvers.kinds.derivedfields import conditions, derived
from tests.resolvers.links.owning import PLATFORM, ROLLOUT, answered, cluster_with, object_of

SERVES = (kinds.CUSTOM_RESOURCE_DEFINITION, kinds.API_SERVICE, kinds.SERVICE, ROLLOUT, PLATFORM)


def definition(group: str, kind: str, plural: str, scope: str = "Namespaced", *, is_served: bool = True) -> Any:
    """Returns the definition of a custom kind."""
    versions = [
        {"name": "v1alpha1", "served": is_served, "storage": kind == "Rollout"},
        {"name": "v1", "served": is_served and kind != "Rollout", "storage": kind != "Rollout"},
    ]
    spec = {"group": group, "names": {"kind": kind, "plural": plural}, "scope": scope, "versions": versions}
    return object_of(kinds.CUSTOM_RESOURCE_DEFINITION, f"{plural}.{group}") | {"spec": spec}


def test_versions_of_a_custom_kind() -> None:
    parts: Any = {
        "spec": {
            "versions": [
                {"name": "v2", "served": True, "storage": True},
                {"name": "v1", "served": True, "storage": False},
                {"name": "v0", "served": False, "storage": False},
            ]
        },
        "status": {"storedVersions": ["v1", "v2"], **conditions(("Established", "True"))},
    }

    assert derived(DEFINITIONS, "servedVersions", **parts) == ["v1", "v2"]
    assert derived(DEFINITIONS, "storageVersion", **parts) == "v2"
    assert derived(DEFINITIONS, "outdatedStoredVersions", **parts) == ["v1"]
    assert derived(DEFINITIONS, "isEstablished", **parts) is True


def test_objects_without_specs_and_statuses() -> None:
    assert derived(DEFINITIONS, "servedVersions") == derived(DEFINITIONS, "outdatedStoredVersions") == []
    assert derived(DEFINITIONS, "storageVersion") is None
    assert derived(DEFINITIONS, "isEstablished") is False
    assert derived(API_SERVICES, "isAvailable") is None
    assert derived(API_SERVICES, "serviceText") == "Local"
    assert derived(STORAGE_VERSIONS, "encodings") == []
    assert derived(MIGRATIONS, "state") == "Unknown"
    assert derived(MIGRATIONS, "resourceText") == ""


@pytest.mark.parametrize(("status", "expected"), [("True", True), ("False", False), ("Unknown", None)])
def test_an_api_is_available_by_its_condition(status: str, expected: bool | None) -> None:
    parts = {"status": conditions(("Available", status), reason="R", message="M")}

    assert derived(API_SERVICES, "isAvailable", **parts) is expected
    assert derived(API_SERVICES, "availability", **parts) == {"status": status, "reason": "R", "message": "M"}


def test_the_encodings_of_api_servers() -> None:
    servers = [{"apiServerID": "a", "encodingVersion": "v1"}, {"apiServerID": "b", "encodingVersion": "v2"}]

    assert derived(STORAGE_VERSIONS, "encodings", status={"storageVersions": servers}) == ["a=v1", "b=v2"]


async def test_a_custom_kind_leads_to_its_objects(engine: Engine) -> None:
    sender = cluster_with(
        [
            definition("argoproj.io", "Rollout", "rollouts"),
            definition("example.com", "Platform", "platforms", "Cluster"),
            definition("gone.example.com", "Gone", "gones"),
            definition("off.example.com", "Off", "offs", is_served=False),
            *(object_of(ROLLOUT, f"r{place}", namespace=f"n{place}") for place in range(3)),
            object_of(PLATFORM, "base"),
        ],
        serves=SERVES,
    )

    answer = await answered(
        engine,
        """{ customResourceDefinitions { nodes { name objectCount objects(first: 2) { kind namespace name } } } }""",
        sender,
    )

    assert "errors" not in answer
    assert {
        one["name"]: (one["objectCount"], one["objects"])
        for one in answer["data"]["customResourceDefinitions"]["nodes"]
    } == {
        "rollouts.argoproj.io": (
            3,
            [
                {"kind": "Rollout", "namespace": "n0", "name": "r0"},
                {"kind": "Rollout", "namespace": "n1", "name": "r1"},
            ],
        ),
        "platforms.example.com": (1, [{"kind": "Platform", "namespace": None, "name": "base"}]),
        "gones.gone.example.com": (0, []),
        "offs.off.example.com": (None, []),
    }


@pytest.mark.parametrize(("first", "code"), [(0, "BAD_USER_INPUT"), (101, "LIMIT_EXCEEDED")])
async def test_the_number_of_objects_is_limited(engine: Engine, first: int, code: str) -> None:
    sender = cluster_with([definition("example.com", "Platform", "platforms", "Cluster")], serves=SERVES)

    answer = await answered(
        engine, f"{{ customResourceDefinitions {{ nodes {{ objects(first: {first}) {{ name }} }} }} }}", sender
    )

    assert [error["extensions"]["code"] for error in answer["errors"]] == [code]
    assert sender.counts["platforms"] == 0


async def test_objects_that_may_not_be_counted_are_unknown(engine: Engine) -> None:
    sender = cluster_with(
        [definition("example.com", "Platform", "platforms", "Cluster")], serves=SERVES, forbidden=["platforms"]
    )

    answer = await answered(
        engine, "{ customResourceDefinitions { nodes { objectCount objects(first: 1) { name } } } }", sender
    )

    assert answer["data"] == {"customResourceDefinitions": {"nodes": [{"objectCount": None, "objects": None}]}}
    assert {error["extensions"]["code"] for error in answer["errors"]} == {"FORBIDDEN"}


async def test_services_of_apis_and_of_conversions(engine: Engine) -> None:
    place = {"namespace": "shop", "name": "hook"}
    custom = definition("example.com", "Platform", "platforms")
    custom["spec"]["conversion"] = {"strategy": "Webhook", "webhook": {"clientConfig": {"service": place}}}
    aggregated = object_of(kinds.API_SERVICE, "v1.example.com") | {"spec": {"service": place}}
    local = object_of(kinds.API_SERVICE, "v1.") | {"spec": {}}
    sender = cluster_with([custom, aggregated, local, object_of(kinds.SERVICE, "hook")], serves=SERVES)

    answer = await answered(
        engine,
        """{ customResourceDefinitions { nodes { conversionService { name } } }
        apiServices { nodes { service { name } } }
        services { nodes { apiServices { nodes { name } } customResourceDefinitions { nodes { name } } } } }""",
        sender,
    )

    hook = {"name": "hook"}
    assert answer["data"] == {
        "customResourceDefinitions": {"nodes": [{"conversionService": hook}]},
        "apiServices": {"nodes": [{"service": None}, {"service": hook}]},
        "services": {
            "nodes": [
                {
                    "apiServices": {"nodes": [{"name": "v1.example.com"}]},
                    "customResourceDefinitions": {"nodes": [{"name": "platforms.example.com"}]},
                }
            ]
        },
    }
