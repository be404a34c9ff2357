"""Custom kinds of the fleet: objects fit their schemas, and agree with the objects that they are about."""

from collections.abc import Iterator
from typing import Any

import pytest

from demo.fleet.company.profile import PROFILES
from demo.fleet.customkinds.served import served_by
from demo.fleet.manifest import Manifest
from demo.fleet.objects.routes import NOT_RESOLVED
from snapshots.serving.servedkinds import defined_kinds
from tests.demo.fleet.worlds import NAMES, at, condition, key, objects, of_kind, world

every_cluster = pytest.mark.parametrize("cluster", NAMES)
_CUSTOM = {"argoproj.io", "cert-manager.io", "gateway.networking.k8s.io", "helm.cattle.io"}


def _schemas(cluster: str) -> dict[tuple[str, str], Manifest]:
    """Returns the schema of each custom kind by apiVersion and kind, as its definition has it."""
    return {
        (f"{at(item, 'spec.group')}/{version['name']}", at(item, "spec.names.kind")): version["schema"][
            "openAPIV3Schema"
        ]
        for item in of_kind(objects(cluster), "CustomResourceDefinition")
        for version in at(item, "spec.versions")
    }


@every_cluster
def test_objects_fit_their_schemas(cluster: str) -> None:
    schemas = _schemas(cluster)
    custom = [item for item in objects(cluster) if str(item["apiVersion"]).partition("/")[0] in _CUSTOM]

    assert len(custom) >= 20
    assert {(item["apiVersion"], item["kind"]) for item in custom} <= schemas.keys()
    wrong = [
        f"{item['kind']} {key(item)} {fault}"
        for item in custom
        for part in ("spec", "status")
        for fault in _faults(
            at(schemas[str(item["apiVersion"]), str(item["kind"])], f"properties.{part}"), at(item, part)
        )
    ]
    assert wrong == []


def _faults(schema: Any, value: Any, path: str = "") -> Iterator[str]:
    """Yields the paths of unknown and missing fields, and of values that their schema denies."""
    if value is None:
        return
    match (schema or {}).get("type"):
        case "object" if isinstance(value, dict):
            yield from (f"{path}.{name} is missing" for name in schema.get("required", ()) if name not in value)
            for name, inner in value.items():
                if name not in schema["properties"]:
                    yield f"{path}.{name} is unknown"
                yield from _faults(schema["properties"].get(name), inner, f"{path}.{name}")
        case "array" if isinstance(value, list):
            for inner in value:
                yield from _faults(schema["items"], inner, path)
        case "string" if isinstance(value, str) and value in schema.get("enum", [value]):
            return
        case "integer" if isinstance(value, int):
            return
        case "boolean" if isinstance(value, bool):
            return
        case _:
            yield f"{path} is {value!r}"


@every_cluster
def test_definitions_are_those_of_the_served_kinds(cluster: str) -> None:
    defined = {kind for item in of_kind(objects(cluster), "CustomResourceDefinition") for kind in defined_kinds(item)}
    stored = {kind for kind in world(cluster).kinds if kind.group in _CUSTOM}

    assert stored <= defined
    assert {(kind.group, kind.plural) for kind in stored} == {(kind.group, kind.plural) for kind in defined}


def test_clusters_serve_different_kinds() -> None:
    served = {profile.name: {kind.kind for kind in served_by(profile)} for profile in PROFILES}

    everywhere = set.intersection(*served.values())
    assert {kind.name for kind in everywhere} >= {"Application", "Certificate"}
    assert {kind.name for kind in served["edge-berlin"] - everywhere} == {"HelmChart"}
    assert {kind.api_version for kind in served["prod-ap-1"] - everywhere} == {"gateway.networking.k8s.io/v1beta1"}
    assert {kind.api_version for kind in served["prod-eu-1"] - everywhere} == {"gateway.networking.k8s.io/v1"}


@every_cluster
def test_applications_describe_the_objects_of_their_namespace(cluster: str) -> None:
    found = objects(cluster)
    known = {(item["kind"], *key(item)) for item in found}
    for application in of_kind(found, "Application"):
        resources = at(application, "status.resources")
        team = key(application)[1]

        assert {(each["kind"], each["namespace"], each["name"]) for each in resources} <= known
        assert {each["namespace"] for each in resources} == {team}
        healths = {each["health"]["status"] for each in resources}
        worst = next(each for each in ("Degraded", "Progressing", "Healthy") if each in healths)
        assert at(application, "status.health.status") == worst


@every_cluster
def test_tracking_ids_name_an_application_and_the_object_itself(cluster: str) -> None:
    found = objects(cluster)
    applications = {key(item)[1] for item in of_kind(found, "Application")}
    marks = [
        (str(mark), item)
        for item in found
        if (mark := (at(item, "metadata.annotations") or {}).get("argocd.argoproj.io/tracking-id"))
    ]

    assert len(marks) >= 100
    for mark, item in marks:
        group = str(item["apiVersion"]).rpartition("/")[0].removesuffix("/v1")
        application, resource, place = mark.split(":")
        assert application in applications
        assert (resource, place) == (f"{group}/{item['kind']}", "/".join(key(item)))


@every_cluster
def test_routes_lead_to_services_that_exist_but_for_one(cluster: str) -> None:
    found = objects(cluster)
    services = {key(item) for item in of_kind(found, "Service")}
    gateways = {key(item): item for item in of_kind(found, "Gateway")}
    routes = of_kind(found, "HTTPRoute")
    missing = set()
    for route in routes:
        namespace, name = key(route)
        backends = {(namespace, backend["name"]) for rule in at(route, "spec.rules") for backend in rule["backendRefs"]}
        (parent,) = at(route, "status.parents")
        resolved = next(each for each in parent["conditions"] if each["type"] == "ResolvedRefs")
        assert (resolved["status"] == "True") == (backends <= services)
        assert (parent["parentRef"]["namespace"], parent["parentRef"]["name"]) in gateways
        if backends - services:
            missing.add((cluster, name))

    assert missing == ({NOT_RESOLVED} if cluster == NOT_RESOLVED[0] else set())
    assert [at(item, "status.listeners")[0]["attachedRoutes"] for item in gateways.values()] in ([len(routes)], [])


def test_a_certificate_has_expired_and_another_will_soon() -> None:
    ready = {
        (cluster, key(item)[1]): condition(item, "Ready")["reason"]
        for cluster in NAMES
        for item in of_kind(objects(cluster), "Certificate")
    }
    failed = {
        (cluster, key(item)[1])
        for cluster in NAMES
        for item in of_kind(objects(cluster), "CertificateRequest")
        if condition(item, "Ready")["status"] == "False"
    }

    assert {name for name, reason in ready.items() if reason != "Ready"} == {("prod-us-1", "grafana-tls")}
    assert failed == {("prod-us-1", "grafana-tls-4"), ("edge-berlin", "checkout-web-tls-4")}
