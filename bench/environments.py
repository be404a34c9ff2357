"""Environments of 1,000 containers of one cluster: requests, time, and the longest stop of the event loop."""

from base64 import b64encode
from collections.abc import Iterator
from typing import Any, Final

from bench.asking import Asked
from bench.measure import interleaved
from bench.replay import fleet_of
from bench.report import Line, at_most
from resolvers.operation.explanation import Explanation
from snapshots.serving.api import SnapshotApi
from snapshots.serving.snapshotsender import SnapshotSender
from snapshots.serving.static import StaticContent

_PODS: Final = 500
_OBJECTS: Final = 200
_NAMES: Final = "{ pods { nodes { name containers { name } } } }"
_ENVIRONMENTS: Final = (
    "{ pods { nodes { name containers { name env { name value source { kind name key } error } } } } }"
)


async def environment_lines(rounds: int) -> list[Line]:
    """Measures the variables of 1,000 containers, which name 200 ConfigMaps and 200 Secrets."""
    asking = Asked(fleet_of([SnapshotSender("one", SnapshotApi(StaticContent([*_objects()])))]))
    answer = asking.answer

    body = await answer(_ENVIRONMENTS)
    if b'"error":"' in body or b'"value":"fast"' not in body:
        raise RuntimeError("a variable has no value")
    asked = {query: Explanation() for query in (_NAMES, _ENVIRONMENTS)}
    for query, explanation in asked.items():
        await answer(query, explanation)
    stop_s = await asking.longest_stop_s(_ENVIRONMENTS)
    seconds = await interleaved(
        {"names": lambda: answer(_NAMES), "environments": lambda: answer(_ENVIRONMENTS)}, rounds=rounds
    )
    names, environments = (len(explanation.requests) for explanation in asked.values())
    return [
        Line("names of 1,000 containers", f"{seconds['names'] * 1000:.0f} ms"),
        Line("… and their environments, of 12 variables", f"{seconds['environments'] * 1000:.0f} ms"),
        at_most("environments of 1,000 containers: requests more", environments - names, 2, decimals=0),
        at_most("… longest stop of the event loop", stop_s * 1000, 50, unit=" ms", decimals=0),
    ]


def _objects() -> Iterator[dict[str, Any]]:
    value = b64encode(b"no secret").decode()
    for number in range(_OBJECTS):
        yield _object("ConfigMap", f"settings-{number}", data={"mode": "fast", "host": "db:5432", "level": "info"})
        yield _object("Secret", f"db-{number}", data={"password": value, "user": value})
    for number in range(_PODS):
        containers = [_container(f"app-{place}", number % _OBJECTS) for place in range(2)]
        yield _object("Pod", f"web-{number}", spec={"containers": containers, "nodeName": "node"})


def _object(kind: str, name: str, **parts: object) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": kind, "metadata": {"namespace": "shop", "name": name, "uid": name}, **parts}


def _container(name: str, number: int) -> dict[str, Any]:
    references = {"configMapKeyRef": (f"settings-{number}", "mode"), "secretKeyRef": (f"db-{number}", "password")}
    keys = [
        {"name": kind, "valueFrom": {kind: {"name": source, "key": key}}} for kind, (source, key) in references.items()
    ]
    fields = [
        {"name": path, "valueFrom": {"fieldRef": {"fieldPath": path}}} for path in ("metadata.name", "spec.nodeName")
    ]
    texts = [
        {"name": "URL", "value": "http://$(prefix.host)/$(configMapKeyRef)"},
        {"name": "DSN", "value": "app:$(secretKeyRef)@$(prefix.host)"},
        {"name": "PLAIN", "value": "a value without references"},
    ]
    sources = [
        {"prefix": "prefix.", "configMapRef": {"name": f"settings-{number}"}},
        {"secretRef": {"name": f"db-{number}"}},
    ]
    return {"name": name, "image": "app", "env": [*keys, *fields, *texts], "envFrom": sources}
