"""Derived fields of endpoint slices."""

import pytest

from resolvers.kinds.discovery.endpointcounts import EndpointCounts
from resolvers.kinds.discovery.endpointslice import ENDPOINT_SLICES
from tests.controlplane.json_object import JsonObject, JsonValue
from tests.resolvers.kinds.memberof import derived


def _endpoint(name: str, **conditions: bool | None) -> JsonObject:
    return {"addresses": [name], "conditions": {**conditions}, "targetRef": {"kind": "Pod", "name": name}}


@pytest.mark.parametrize(
    ("endpoints", "wanted"),
    [
        ([], (0, 0, 0, 0)),
        ([{"addresses": ["1"]}], (1, 1, 1, 0)),
        ([_endpoint("a")], (1, 1, 1, 0)),
        ([_endpoint("a", ready=None, serving=None, terminating=None)], (1, 1, 1, 0)),
        ([_endpoint("a", ready=True, serving=True, terminating=False)], (1, 1, 1, 0)),
        ([_endpoint("a", ready=False, serving=True, terminating=True)], (1, 0, 1, 1)),
        ([_endpoint("a", ready=False, serving=False)], (1, 0, 0, 0)),
        ([_endpoint("a"), _endpoint("a", ready=False), _endpoint("b", ready=False)], (2, 1, 2, 0)),
        ([{"addresses": ["1"]}, {"addresses": ["1", "2"]}, {"addresses": ["2"]}, {}], (3, 3, 3, 0)),
    ],
)
def test_counts(endpoints: list[JsonValue], wanted: tuple[int, int, int, int]) -> None:
    assert derived(ENDPOINT_SLICES, "endpointCounts", endpoints=endpoints) == EndpointCounts(*wanted)


@pytest.mark.parametrize(
    ("ports", "wanted"),
    [
        ([], None),
        ([{"port": 80}], "80"),
        ([{"name": "web"}, {}], "web,*"),
        ([{"name": ""}], None),
        ([{"port": port} for port in range(3)], "0,1,2"),
        ([{"port": port} for port in range(5)], "0,1,2 + 2 more..."),
    ],
)
def test_ports(ports: list[JsonValue], wanted: str | None) -> None:
    assert derived(ENDPOINT_SLICES, "portsText", ports=ports) == wanted


@pytest.mark.parametrize(
    ("addresses", "wanted"),
    [
        ([], None),
        ([[]], None),
        ([["1"], ["2", "3"]], "1,2,3"),
        ([["1"], ["2", "3", "4"], ["5"]], "1,2,3 + 2 more..."),
    ],
)
def test_endpoints(addresses: list[list[str]], wanted: str | None) -> None:
    endpoints: list[JsonValue] = [{"addresses": [*own]} for own in addresses]

    assert derived(ENDPOINT_SLICES, "endpointsText", endpoints=endpoints) == wanted


def test_a_slice_that_says_nothing() -> None:
    found = [derived(ENDPOINT_SLICES, name) for name in ("endpointCounts", "portsText", "endpointsText")]

    assert found == [EndpointCounts(0, 0, 0, 0), None, None]
