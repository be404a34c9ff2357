"""Health of the objects of `kstatus.jsonl` through lists, with and without a type, beside kstatus itself."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest

from graph.engine import Engine
from k8s.kinds.builtin import BY_NAME
from k8s.kinds.kind import Kind
from resolvers.names import list_name
from snapshots.serving.api import SnapshotApi
from snapshots.serving.snapshotsender import SnapshotSender
from snapshots.serving.static import StaticContent
from tests.graph.fleets import Asking, fleet_of

Json = Any

CASES: Final = [
    case
    for line in (Path(__file__).parent / "kstatus.jsonl").read_text().splitlines()
    for case in [msgspec.json.decode(line)]
    if type(case["object"]["metadata"].get("generation", 1)) is int  # others are errors of their own (ValueDenied)
]


def _kind(case: Json) -> Kind:
    """Returns the kind of a case, which the snapshot serves in one version."""
    group, name = case["object"]["apiVersion"].rpartition("/")[0], case["object"]["kind"]
    return BY_NAME.get((group, name)) or Kind(group, "v1", name, f"{name.lower()}s")


def _object(place: int, case: Json) -> Json:
    """Returns the object of a case, with the place of the case as its name."""
    kind, metadata = _kind(case), case["object"]["metadata"] | {"name": str(place), "namespace": "x"}
    if not kind.namespaced:
        del metadata["namespace"]
    return case["object"] | {"apiVersion": kind.api_version, "metadata": metadata}


EXPECTED: Final[Mapping[Kind, Mapping[str, Json]]] = {
    kind: {str(place): case for place, case in enumerate(CASES) if _kind(case) == kind}
    for kind in dict.fromkeys(map(_kind, CASES))
}


@pytest.fixture(scope="module")
def asking() -> Asking:
    """Returns a snapshot of all objects."""
    content = StaticContent([_object(place, case) for place, case in enumerate(CASES)], kinds=[*EXPECTED])
    return Asking(Engine(), fleet_of([SnapshotSender("snap", SnapshotApi(content))]))


@pytest.mark.parametrize("kind", EXPECTED, ids=str)
async def test_the_health_of_objects_of_lists_is_that_of_kstatus(asking: Asking, kind: Kind) -> None:
    fields = [f'objects(resource: "{kind}", first: 1000)']
    fields += [f"{list_name(kind)}(first: 1000)"] * ((kind.group, kind.name) in BY_NAME)

    for field in fields:
        answer = await asking(f"{{ list: {field} {{ nodes {{ name health {{ status message }} }} }} }}")

        assert not answer.errors
        found = {node["name"]: node["health"] for node in answer.to_builtins()["data"]["list"]["nodes"]}
        assert found == {
            name: {"status": case["status"], "message": case["message"] or found[name]["message"]}
            for name, case in EXPECTED[kind].items()
        }
