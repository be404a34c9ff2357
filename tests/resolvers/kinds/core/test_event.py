"""LAST SEEN and COUNT of events, beside an API server's Table, which is what kubectl prints."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from graph.engine import Engine
from k8s.kinds.builtin import EVENT, EVENTS_EVENT
from k8s.kinds.kind import Kind
from k8s.reading.rowdecoders import object_decoder
from k8s.reading.selection import selection_of
from resolvers.kinds.core.event import CORE_EVENTS, NEWER_EVENTS
from resolvers.links.members import Derived, Family
from resolvers.names import type_name
from snapshots.serving.api import SnapshotApi
from snapshots.serving.snapshotsender import SnapshotSender
from snapshots.serving.static import StaticContent
from tests.controlplane.client import connect
from tests.controlplane.cluster import Cluster
from tests.controlplane.json_object import JsonObject, JsonValue
from tests.controlplane.writer import create_objects
from tests.faults.fleets import TestFleet
from tests.graph.fleets import Asking, fleet_of

NAMESPACE = "eventtimes"
NOW = datetime.now(UTC)
_TABLE = {"Accept": "application/json;as=Table;v=v1;g=meta.k8s.io"}
_AGE = re.compile(r"([0-9]+)d")
_TIMES = ("series", "lastTimestamp", "eventTime", "firstTimestamp", "creationTimestamp")


@pytest.mark.parametrize(
    ("kind", "family"), [(EVENT, CORE_EVENTS), (EVENTS_EVENT, NEWER_EVENTS)], ids=["core", "newer"]
)
@pytest.mark.parametrize(
    ("present", "expected"),
    [
        (_TIMES, "series"),
        (("series", "creationTimestamp"), "series"),
        (_TIMES[1:], "lastTimestamp"),
        (_TIMES[2:], "eventTime"),
        (_TIMES[3:], "firstTimestamp"),
        (_TIMES[4:], "creationTimestamp"),
        ((), None),
    ],
)
def test_last_seen_is_the_first_time_that_is_there(
    kind: Kind, family: Family, present: tuple[str, ...], expected: str | None
) -> None:
    body: JsonObject = {_named(kind, name): name if name in present else None for name in _TIMES[1:4]}
    body["series"] = {"lastObservedTime": "series"} if "series" in present else None
    body["metadata"] = {"name": "e", "creationTimestamp": _TIMES[4] if _TIMES[4] in present else None}

    assert _value(kind, family, "lastSeen", body) == expected


@pytest.mark.parametrize(
    ("kind", "family"), [(EVENT, CORE_EVENTS), (EVENTS_EVENT, NEWER_EVENTS)], ids=["core", "newer"]
)
@pytest.mark.parametrize(
    ("series", "count", "expected"),
    [({"count": 9}, 3, 9), (None, 3, 3), (None, None, 1), (None, 0, 1), ({}, 3, 1)],
)
def test_occurrences(kind: Kind, family: Family, series: JsonValue, count: int | None, expected: int) -> None:
    body: JsonObject = {"metadata": {"name": "e"}, "series": series, _named(kind, "count"): count}

    assert _value(kind, family, "occurrences", body) == expected


async def test_the_newest_come_first_whichever_client_wrote_them() -> None:
    times: list[JsonObject] = [
        {"lastTimestamp": "2026-11-02T12:00:00Z", "count": 100},
        {"lastTimestamp": None, "eventTime": "2026-11-02T00:00:00.000000Z"},
        {"eventTime": "2026-11-01T00:00:00Z", "series": {"count": 9, "lastObservedTime": "2026-11-03T00:00:00.5Z"}},
        {"metadata": {"creationTimestamp": "2026-11-02T18:00:00+01:00"}},
    ]
    events: list[JsonObject] = []
    for number, item in enumerate(times):
        metadata = item.get("metadata")
        named = {"name": f"e{number}", "namespace": "a"} | (metadata if isinstance(metadata, dict) else {})
        events.append({"apiVersion": "v1", "kind": "Event", **item, "metadata": named})
    asking = Asking(Engine(), fleet_of([SnapshotSender("alpha", SnapshotApi(StaticContent(events)))]))

    answer = await asking('{ events(orderBy: [{path: "lastSeen", direction: DESC}]) { nodes { name occurrences } } }')

    assert answer.to_builtins()["data"]["events"]["nodes"] == [
        {"name": "e2", "occurrences": 9},
        {"name": "e3", "occurrences": 1},
        {"name": "e0", "occurrences": 100},
        {"name": "e1", "occurrences": 1},
    ]


@pytest.mark.controlplane
async def test_api_servers_print_the_same(alpha: Cluster, real_fleet: TestFleet) -> None:
    await create_objects(alpha, _events())

    async with connect(alpha) as session, session.get(_path(), headers=_TABLE) as response:
        table = msgspec.json.decode(await response.read(), type=_Table)
    reply = await real_fleet.ask(
        f'{{ events(namespaces: ["{NAMESPACE}"]) {{ nodes {{ name lastSeen occurrences }} }} '
        f'eventsEvents(namespaces: ["{NAMESPACE}"]) {{ nodes {{ name lastSeen occurrences }} }} }}'
    )

    printed = {str(row.cells[-1]): (_days(str(row.cells[0])), row.cells[-2]) for row in table.rows}
    for events in (reply.data["events"]["nodes"], reply.data["eventsEvents"]["nodes"]):
        ours = {
            event["name"]: ((NOW - datetime.fromisoformat(event["lastSeen"])).days, event["occurrences"])
            for event in events
        }
        assert ours == printed
    assert len(printed) == 6


def _events() -> list[JsonObject]:
    """Returns events of older and newer clients, last seen between ten and twenty days ago."""
    reported: JsonObject = {"reportingComponent": "example.com/c", "reportingInstance": "c-1", "action": "Scheduling"}
    times: dict[str, JsonObject] = {
        "older": {"firstTimestamp": _ago(20), "lastTimestamp": _ago(10), "count": 3},
        "older-once": {"firstTimestamp": _ago(11), "lastTimestamp": _ago(11)},
        "older-first-only": {"firstTimestamp": _ago(12), "count": 2},
        "newer": reported | {"eventTime": _ago(13, ".000000Z")},
        "newer-series": reported
        | {
            "eventTime": _ago(20, ".000000Z"),
            "series": {"count": 9, "lastObservedTime": _ago(14, ".000000Z")},
        },
        "both": {
            "firstTimestamp": _ago(20),
            "lastTimestamp": _ago(19),
            "count": 4,
            "series": {"count": 5, "lastObservedTime": _ago(15, ".000000Z")},
        },
    }
    about: JsonObject = {"kind": "Pod", "namespace": NAMESPACE, "name": "p"}
    namespace: JsonObject = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}
    common: JsonObject = {"apiVersion": "v1", "kind": "Event", "involvedObject": about, "type": "Normal", "reason": "T"}
    events: list[JsonObject] = [
        common | {"metadata": {"name": name, "namespace": NAMESPACE}} | item for name, item in times.items()
    ]
    return [namespace, *events]


def _ago(days: int, ending: str = "Z") -> str:
    return (NOW - timedelta(days=days, hours=12)).strftime("%Y-%m-%dT%H:%M:%S") + ending


def _days(age: str) -> int:
    match = _AGE.fullmatch(age)
    assert match is not None, age
    return int(match[1])


def _path() -> str:
    return f"/api/v1/namespaces/{NAMESPACE}/events"


def _named(kind: Kind, name: str) -> str:
    """Returns a field of core events as the kind names it."""
    is_older = kind == EVENT or name == "eventTime"
    return name if is_older else f"deprecated{name[0].upper()}{name[1:]}"


def _value(kind: Kind, family: Family, name: str, body: JsonObject) -> object:
    member = family.members[name]
    assert isinstance(member, Derived)
    decoder = object_decoder(type_name(kind), selection_of([*member.reads, "metadata.name"]), kind)
    return member.function(decoder.decode(msgspec.json.encode(body)))


class _TableRow(msgspec.Struct):
    cells: list[str | int]


class _Table(msgspec.Struct):
    rows: list[_TableRow]
