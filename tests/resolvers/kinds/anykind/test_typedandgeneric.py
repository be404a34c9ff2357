"""`health`, `condition` and JSON paths of an object are the same, whatever else of it is decoded, and by which type."""

from collections.abc import Mapping
from copy import deepcopy
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

import msgspec
import pytest

from k8s.deniedvalues import DeniedValues
from k8s.kinds.builtin import DEPLOYMENT, JOB, NODE, POD, STATEFUL_SET
from k8s.kinds.kind import Kind
from k8s.kinds.structure import GENERIC_OBJECT
from k8s.reading.openpaths import keys_of, open_value
from k8s.reading.rowdecoders import page_decoder
from k8s.reading.selection import Selection, SelectionBuilder
from resolvers.fleet.cluster import FleetCluster
from resolvers.kinds.anykind.condition import CONDITIONS
from resolvers.kinds.anykind.health import object_health
from resolvers.links.members import Derived
from resolvers.names import type_name
from tests.graph.bodies import MadeObjects

CLUSTER = cast(FleetCluster, SimpleNamespace(taken_at=datetime(2026, 11, 30, tzinfo=UTC)))
PATHS = ("metadata.labels", "metadata.name", "metadata.uid", "spec.replicas", "status.conditions.reason")
BESIDE: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "nothing": ((), ()),
    "fields": (("metadata.labels", "status.conditions.type", "status.conditions.status"), ()),
    "whole JSON": ((), ("status", "")),
    "both": (("metadata.generation", "status.conditions.message"), ("status.conditions", "metadata")),
}
"""Fields and open paths that are decoded beside, by name."""
POD_JSON: dict[str, Any] = {
    "metadata": {"name": "a", "namespace": "b", "generation": 2, "creationTimestamp": "2026-11-29T00:00:00Z"},
    "status": {
        "phase": "Running",
        "conditions": [{"type": "Ready", "status": "False", "lastTransitionTime": "2026-11-29T00:00:00Z"}],
        "containerStatuses": [{"name": "c", "state": {"waiting": {"reason": "CrashLoopBackOff"}}}],
    },
}
STRANGE: tuple[object, ...] = (
    None,
    1,
    1.5,
    "x",
    [],
    {},
    [None],
    [1],
    ["x"],
    [{}],
    [[{}]],
    [{"type": 1}],
    {"type": "Ready"},
)
PLACES = ("status", "status.phase", "status.conditions", "status.containerStatuses", "status.observedGeneration")


def _members(kind: Kind) -> tuple[Derived, Derived]:
    health, condition = object_health(kind).members["health"], CONDITIONS.members["condition"]
    assert isinstance(health, Derived)
    assert isinstance(condition, Derived)
    return health, condition


def _selection(kind: Kind, fields: tuple[str, ...], opened: tuple[str, ...]) -> Selection:
    builder = SelectionBuilder()
    for path in ("metadata.name", "metadata.namespace", *fields):
        builder.add(path)
    for member in _members(kind):
        for path in member.reads:
            builder.add(path)
        for open_path in member.opens("Ready"):
            builder.add_open(keys_of(open_path))
    for path in (*PATHS, *opened):
        builder.add_open(keys_of(path))
    return builder.freeze()


async def _results(kind: Kind, value: Mapping[str, Any]) -> dict[str, object]:
    """Returns the results for the object on a page, by the type and by what is decoded beside."""
    health, condition = _members(kind)
    page = b'{"kind":"List","metadata":{},"items":[%b]}' % msgspec.json.encode(value)
    results: dict[str, object] = {}
    for structure in (GENERIC_OBJECT.name, type_name(kind)):
        for name, (fields, opened) in BESIDE.items():
            if structure == type_name(kind) or not fields:
                decoder = page_decoder(structure, _selection(kind, fields, opened), kind)
                (row,) = (await decoder.read(page, DeniedValues())).items
                results[f"{structure} with {name}"] = (
                    health.bound(None)(row, CLUSTER),
                    condition.bound("Ready")(row),
                    [open_value(row, path) for path in PATHS],
                )
    return results


@pytest.mark.parametrize("kind", [POD, NODE, DEPLOYMENT, STATEFUL_SET, JOB], ids=str)
@pytest.mark.parametrize("seed", range(3))
async def test_made_up_objects_have_the_same_results(kind: Kind, seed: int) -> None:
    for value in MadeObjects(seed)(kind):
        first, *others = (await _results(kind, value)).items()
        assert [first[1]] * len(others) == [result for _, result in others], first


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("strange", STRANGE, ids=repr)
async def test_values_of_strange_forms_have_the_same_results(place: str, strange: object) -> None:
    """Checks forms that the classes have no place for, so that the object is decoded in another way."""
    value = deepcopy(POD_JSON)
    inner, (*above, last) = value, place.split(".")
    for key in above:
        inner = inner[key]
    inner[last] = strange

    results = await _results(POD, value)

    assert [*results.values()] == [results[f"{GENERIC_OBJECT.name} with whole JSON"]] * len(results)
