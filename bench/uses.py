"""Uses of 1,000 config maps of one cluster: requests, time, and the longest stop of the event loop."""

from collections.abc import Iterator
from typing import Any, Final

from bench.asking import Asked
from bench.measure import interleaved
from bench.replay import fleet_of
from bench.report import Line, at_most
from k8s.kinds import builtin as kinds
from resolvers.kinds.uses.users import SPECS
from resolvers.operation.explanation import Explanation
from snapshots.serving.api import SnapshotApi
from snapshots.serving.snapshotsender import SnapshotSender
from snapshots.serving.static import StaticContent

_MAPS: Final = 1000
_PODS: Final = 1000
_TEMPLATES: Final = 100
_NAMESPACES: Final = 20
_NAMES: Final = "{ configMaps(first: 1000) { nodes { name } } }"
_USES: Final = "{ configMaps(first: 1000) { nodes { name isUsed usedBy { kind name } } } }"


async def uses_lines(rounds: int) -> list[Line]:
    """Measures the users of 1,000 config maps among 1,000 pods and 700 other objects with templates."""
    asking = Asked(fleet_of([SnapshotSender("one", SnapshotApi(StaticContent([*_objects()])))]))
    answer = asking.answer

    if b'"isUsed":true' not in await answer(_USES):
        raise RuntimeError("no config map is used")
    asked = {query: Explanation() for query in (_NAMES, _USES)}
    for query, explanation in asked.items():
        await answer(query, explanation)
    stop_s = await asking.longest_stop_s(_USES)
    seconds = await interleaved({"names": lambda: answer(_NAMES), "uses": lambda: answer(_USES)}, rounds=rounds)
    requests = [len(explanation.requests) for explanation in asked.values()]
    return [
        Line("names of 1,000 config maps", f"{seconds['names'] * 1000:.0f} ms"),
        Line("… and their users among 2,700 objects", f"{seconds['uses'] * 1000:.0f} ms"),
        at_most("usedBy of 1,000 config maps: requests more", requests[1] - requests[0], 8, decimals=0),
        at_most("… longest stop of the event loop", stop_s * 1000, 50, unit=" ms", decimals=0),
    ]


def _objects() -> Iterator[dict[str, Any]]:
    for number in range(_MAPS):
        yield _object("v1", "ConfigMap", number, data={"mode": "fast"})
    for kind, path in SPECS.items():
        for number in range(_PODS if kind is kinds.POD else _TEMPLATES):
            parts: Any = _spec(number)
            for key in reversed(path.split(".")):
                parts = {key: parts}
            yield _object(kind.api_version, kind.name, number, **parts)


def _object(api_version: str, kind: str, number: int, **parts: object) -> dict[str, Any]:
    name, namespace = f"{kind.lower()}-{number}", f"team-{number % _NAMESPACES}"
    metadata = {"namespace": namespace, "name": name, "uid": name}
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, **parts}


def _spec(number: int) -> dict[str, Any]:
    """Returns the spec of a pod that uses two config maps of its namespace, in three ways."""
    one, other = (f"configmap-{(number + place * _NAMESPACES) % _MAPS}" for place in range(2))
    key = {"configMapKeyRef": {"name": other, "key": "mode"}}
    container = {"image": "app", "env": [{"name": "MODE", "valueFrom": key}]}
    sourced = container | {"name": "app", "envFrom": [{"configMapRef": {"name": one}}]}
    volumes = [{"name": "settings", "configMap": {"name": one}}, {"name": "scratch", "emptyDir": {}}]
    return {"volumes": volumes, "initContainers": [container | {"name": "init"}], "containers": [sourced]}
