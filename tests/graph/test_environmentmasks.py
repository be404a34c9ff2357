"""`env` of containers whose operator masks paths of pods, nodes or Services: null, never a wrong value."""

from collections.abc import Sequence
from typing import Any

import pytest

from graph.answer import Answer
from graph.engine import Engine
from k8s.masking.maskedpaths import masked_paths
from k8s.masking.masking import Masking
from tests.graph.fleets import Asking, fleet_of
from tests.graph.test_environment import ALL, ENTRIES, EnvironmentSender, Object
from tests.graph.test_environment import _errors as errors_of
from tests.graph.test_environment import _lists as lists_of
from tests.graph.test_environment import _of_key as of_key
from tests.graph.test_environment import _pod as pod_with


def _shown(answer: Answer) -> Sequence[tuple[object, ...]]:
    """Returns name, value, source and error of each variable of the only container."""
    (variables,) = lists_of(answer)
    sources = ((one, one["source"] or {}) for one in variables)
    return [(one["name"], one["value"], source.get("name"), one["error"]) for one, source in sources]


async def _masked(engine: Engine, path: str, entry: Object, **more: Any) -> Sequence[tuple[object, ...]]:
    masking = Masking(masked_paths(path))
    sender = EnvironmentSender([pod_with("api-0", [{"name": "A", **entry}], **more)])
    answer = await Asking(engine, fleet_of([sender], masking=masking), masking=masking)(ALL)
    assert not errors_of(answer)
    return _shown(answer)


@pytest.mark.parametrize(
    ("part", "entry", "source"),
    [
        ("configMapKeyRef", of_key("configMap", "settings", "url"), None),
        ("configMapKeyRef.key", of_key("configMap", "settings", "url"), "settings"),
        ("configMapKeyRef.name", of_key("configMap", "settings", "url"), None),
        ("secretKeyRef", of_key("secret", "db", "none"), None),
        ("fieldRef.fieldPath", {"valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}, None),
        ("resourceFieldRef", {"valueFrom": {"resourceFieldRef": {"resource": "limits.cpu"}}}, None),
        ("fileKeyRef", {"valueFrom": {"fileKeyRef": {"key": "k", "path": "p", "volumeName": "v"}}}, None),
    ],
)
async def test_a_variable_whose_reference_is_masked_is_null(
    engine: Engine, part: str, entry: Object, source: str | None
) -> None:
    path = f"pods:spec.containers.env.valueFrom.{part}"

    assert await _masked(engine, path, entry) == [("A", None, source, None)]
    assert await _masked(engine, path, {"value": ""}) == [("A", "", None, None)]


@pytest.mark.parametrize(
    ("part", "source"),
    [
        ("configMapRef", None),
        ("configMapRef.name", None),
        ("configMapRef.optional", "settings"),
        ("prefix", "settings"),
    ],
)
async def test_a_masked_source_of_variables_has_an_entry_and_no_names(
    engine: Engine, part: str, source: str | None
) -> None:
    env_from = [{"prefix": "P_", "configMapRef": {"name": "settings"}}]

    shown = await _masked(engine, f"pods:spec.containers.envFrom.{part}", {"value": "$(P_url)"}, env_from=env_from)

    assert shown == [(None, None, source, None), ("A", None, source, None)]


async def test_no_variable_is_shown_if_their_names_are_masked(engine: Engine) -> None:
    masking = Masking(masked_paths("pods:spec.containers.env.name"))
    sender = EnvironmentSender([pod_with("api-0", ENTRIES)])

    answer = await Asking(engine, fleet_of([sender], masking=masking), masking=masking)(ALL)

    assert lists_of(answer) == [None]


@pytest.mark.parametrize("path", ["status", "status.allocatable", "status.allocatable.cpu"])
async def test_a_limit_of_a_node_whose_resources_are_masked_is_null(engine: Engine, path: str) -> None:
    entry: Object = {"valueFrom": {"resourceFieldRef": {"resource": "limits.cpu"}}}

    assert await _masked(engine, f"nodes:{path}", entry, nodeName="node-1") == [("A", None, "node-1", None)]


@pytest.mark.parametrize("path", ["services:spec.clusterIP", "pods:spec.enableServiceLinks"])
async def test_a_reference_to_a_service_that_is_masked_is_null(engine: Engine, path: str) -> None:
    assert await _masked(engine, path, {"value": "$(WEB_API_SERVICE_HOST)"}) == [("A", None, None, None)]
