"""The CRDs of operators: all there, and installed so that their kinds can be used."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from tests.controlplane.client import connect
from tests.controlplane.cluster import Cluster
from tests.controlplane.json_object import JsonObject, JsonValue
from tests.controlplane.unavailable import ControlPlaneUnavailable
from tests.operators.crds import crd, crd_name
from tests.operators.installing import CrdNotServed, install, uninstall
from tests.operators.modules import module_archive
from tests.operators.operator import ARGO_CD, OPERATORS, Operator

OperatorCrds = Callable[[Operator], tuple[JsonObject, ...]]

WIDGETS: JsonObject = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "widgets.operators.test"},
    "spec": {
        "group": "operators.test",
        "names": {"kind": "Widget", "plural": "widgets"},
        "scope": "Namespaced",
        "versions": [
            {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": {"type": "object"}}}
        ],
    },
}


def test_every_operator_has_its_crds(operator_crds: OperatorCrds) -> None:
    assert {operator.name: len(operator_crds(operator)) for operator in OPERATORS} == {
        "argo-cd": 3,
        "cert-manager": 6,
        "cluster-api": 19,
        "flux": 1,
        "gateway-api": 14,
        "istio": 15,
        "knative": 7,
        "mcs-api": 2,
        "prometheus": 10,
    }


def test_no_crd_belongs_to_two_operators(operator_crds: OperatorCrds) -> None:
    names = [crd_name(one) for operator in OPERATORS for one in operator_crds(operator)]

    assert len(names) == len(set(names)) == 77


def test_argo_cds_application_sets_have_1796_object_schemas(operator_crds: OperatorCrds) -> None:
    operator_crds(ARGO_CD)

    assert len(list(objects(crd(ARGO_CD, "applicationsets.argoproj.io")))) == 1796


def test_a_module_with_another_content_is_refused(operator_crds: OperatorCrds) -> None:
    operator_crds(ARGO_CD)

    with pytest.raises(ControlPlaneUnavailable, match="has another content: its checksum is h1:"):
        module_archive(replace(ARGO_CD, checksum="h1:another"))


@pytest.mark.controlplane
async def test_an_installed_kind_has_objects_and_a_schema(alpha: Cluster) -> None:
    await install(alpha, [WIDGETS])
    try:
        async with connect(alpha) as session:
            async with session.get("/apis/operators.test/v1/widgets") as response:
                assert response.status == 200
            async with session.get("/openapi/v3/apis/operators.test/v1") as response:
                assert "/apis/operators.test/v1/widgets" in (await response.json())["paths"]
    finally:
        await uninstall(alpha, ["widgets.operators.test"])


@pytest.mark.controlplane
async def test_a_refused_crd_says_why(alpha: Cluster) -> None:
    nameless: JsonObject = {**WIDGETS, "metadata": {"name": "widgets.another.test"}}

    with pytest.raises(CrdNotServed, match=r"422 to POST .* must be spec\.names\.plural"):
        await install(alpha, [nameless])


def objects(value: JsonValue) -> Iterator[JsonObject]:
    """Yields all object schemas with properties inside a value."""
    if isinstance(value, dict):
        if value.get("type") == "object" and "properties" in value:
            yield value
        for one in value.values():
            yield from objects(one)
    elif isinstance(value, list):
        for one in value:
            yield from objects(one)
