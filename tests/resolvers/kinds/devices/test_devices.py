"""Claims, slices and taints of devices, and the nodes and pods that have them."""

from __future__ import annotations

from typing import Any

from graph.engine import Engine
from k8s.kinds import builtin as kinds
from resolvers.kinds.devices.claim import CLAIMS
from resolvers.kinds.devices.poolstatus import POOL_STATUS_REQUESTS
from resolvers.kinds.devices.slice import SLICES
from tests.resolvers.kinds.derivedfields import derived
from tests.resolvers.links.owning import answered, cluster_with, object_of

SERVES = (
    kinds.RESOURCE_CLAIM,
    kinds.RESOURCE_CLAIM_TEMPLATE,
    kinds.RESOURCE_SLICE,
    kinds.DEVICE_CLASS,
    kinds.DEVICE_TAINT_RULE,
    kinds.RESOURCE_POOL_STATUS_REQUEST,
    kinds.NODE,
    kinds.POD,
)
REQUESTS = [
    {"name": "a", "exactly": {"deviceClassName": "gpu"}},
    {
        "name": "b",
        "firstAvailable": [{"name": "x", "deviceClassName": "fpga"}, {"name": "y", "deviceClassName": "gpu"}],
    },
]


def claim(name: str, *devices: tuple[str, str, str]) -> Any:
    """Returns a claim with allocated devices."""
    results = [dict(zip(("driver", "pool", "device"), device, strict=True)) for device in devices]
    allocation = {"allocation": {"devices": {"results": results}}} if devices else {}
    return object_of(kinds.RESOURCE_CLAIM, name) | {"spec": {"devices": {"requests": REQUESTS}}, "status": allocation}


def slice_(name: str, driver: str, pool: str, *devices: str, node: str | None = None) -> Any:
    """Returns a slice of devices."""
    spec = {"driver": driver, "pool": {"name": pool}, "devices": [{"name": one} for one in devices], "nodeName": node}
    return object_of(kinds.RESOURCE_SLICE, name) | {"spec": spec}


def names(links: Any) -> list[str]:
    """Returns the names of a list of links or of a connection."""
    return [one["name"] for one in (links["nodes"] if isinstance(links, dict) else links)]


def test_objects_without_specs_and_statuses() -> None:
    assert derived(CLAIMS, "state") == "pending"
    assert derived(CLAIMS, "deviceNames") == []
    assert derived(SLICES, "deviceCount") == 0
    assert derived(POOL_STATUS_REQUESTS, "state") == "Pending"
    assert derived(POOL_STATUS_REQUESTS, "deviceCounts") is None
    assert derived(POOL_STATUS_REQUESTS, "completedAt") is None


async def test_devices_join_claims_slices_and_nodes(engine: Engine) -> None:
    sender = cluster_with(
        [
            claim("two", ("d", "n1", "g0"), ("d", "n2", "g0"), ("d", "n1", "g1")),
            claim("shared", ("d", "net", "g0")),
            claim("other-driver", ("e", "n1", "g0")),
            claim("waiting"),
            slice_("s1", "d", "n1", "g0", node="n1"),
            slice_("s1b", "d", "n1", "g1", node="n1"),
            slice_("s2", "d", "n2", "g0", "g9", node="n2"),
            slice_("net", "d", "net", "g0"),
            object_of(kinds.NODE, "n1"),
            object_of(kinds.NODE, "n2"),
        ],
        serves=SERVES,
    )

    answer = await answered(
        engine,
        """{ resourceClaims { nodes { name deviceNames resourceSlices { name } nodes { name } } }
        resourceSlices { nodes { name deviceCount node { name } resourceClaims { nodes { name } } } }
        nodes { nodes { name resourceSlices { nodes { name } } } } }""",
        sender,
    )

    data = answer["data"]
    assert {
        one["name"]: (names(one["resourceSlices"]), names(one["nodes"])) for one in data["resourceClaims"]["nodes"]
    } == {
        "two": (["s1", "s1b", "s2"], ["n1", "n2"]),
        "shared": (["net"], []),
        "other-driver": ([], []),
        "waiting": ([], []),
    }
    assert data["resourceClaims"]["nodes"][2]["deviceNames"] == ["d/n1/g0", "d/n2/g0", "d/n1/g1"]
    assert {
        one["name"]: (one["deviceCount"], one["node"] and one["node"]["name"], names(one["resourceClaims"]))
        for one in data["resourceSlices"]["nodes"]
    } == {
        "s1": (1, "n1", ["two"]),
        "s1b": (1, "n1", ["two"]),
        "s2": (2, "n2", ["two"]),
        "net": (1, None, ["shared"]),
    }
    assert {one["name"]: names(one["resourceSlices"]) for one in data["nodes"]["nodes"]} == {
        "n1": ["s1", "s1b"],
        "n2": ["s2"],
    }


async def test_taints_meet_slices_by_the_criteria_that_they_have(engine: Engine) -> None:
    def rule(name: str, selector: Any) -> Any:
        return object_of(kinds.DEVICE_TAINT_RULE, name) | {"spec": {"deviceSelector": selector}}

    sender = cluster_with(
        [
            slice_("s1", "d", "n1", "g0", "g1"),
            slice_("s2", "d", "n2", "g0"),
            slice_("s3", "e", "n1", "g0"),
            slice_("empty", "d", "n1"),
            rule("driver", {"driver": "d"}),
            rule("pool", {"pool": "n1"}),
            rule("device", {"driver": "d", "pool": "n1", "device": "g1"}),
            rule("all", {}),
            rule("none", None),
        ],
        serves=SERVES,
    )

    answer = await answered(
        engine,
        """{ deviceTaintRules { nodes { name taintedSlices { nodes { name } } } }
        resourceSlices { nodes { name deviceTaintRules { nodes { name } } } } }""",
        sender,
    )

    tainted = {one["name"]: names(one["taintedSlices"]) for one in answer["data"]["deviceTaintRules"]["nodes"]}
    assert {one["name"]: names(one["deviceTaintRules"]) for one in answer["data"]["resourceSlices"]["nodes"]} == {
        slice_name: [rule for rule, own in tainted.items() if slice_name in own]
        for slice_name in ("empty", "s1", "s2", "s3")
    }
    assert tainted == {
        "driver": ["s1", "s2"],
        "pool": ["s1", "s3"],
        "device": ["s1"],
        "all": ["s1", "s2", "s3"],
        "none": [],
    }


async def test_requests_for_the_status_of_pools_lead_to_slices_and_nodes(engine: Engine) -> None:
    def request(name: str, driver: str, pool: str | None, *nodes: str) -> Any:
        spec = {"driver": driver, **({"poolName": pool} if pool else {})}
        pools = [{"driver": driver, "poolName": "p", "nodeName": node} for node in nodes]
        return object_of(kinds.RESOURCE_POOL_STATUS_REQUEST, name) | {"spec": spec, "status": {"pools": pools}}

    sender = cluster_with(
        [
            slice_("s1", "d", "n1", "g0"),
            slice_("s1b", "d", "n1"),
            slice_("s2", "d", "n2", "g0"),
            slice_("s3", "e", "n1", "g0"),
            object_of(kinds.RESOURCE_SLICE, "bare"),
            request("all", "d", None, "n2", "n1", "n2", "gone"),
            request("one", "d", "n1"),
            request("none", "d", "n3"),
            object_of(kinds.RESOURCE_POOL_STATUS_REQUEST, "bare"),
            object_of(kinds.NODE, "n1"),
            object_of(kinds.NODE, "n2"),
        ],
        serves=SERVES,
    )

    data = (
        await answered(
            engine,
            """{ resourcePoolStatusRequests { nodes { name resourceSlices { nodes { name } } nodes { name } } }
            resourceSlices { nodes { name resourcePoolStatusRequests { nodes { name } } } }
            nodes { nodes { name resourcePoolStatusRequests { nodes { name } } } } }""",
            sender,
        )
    )["data"]

    assert {
        one["name"]: (names(one["resourceSlices"]), names(one["nodes"]))
        for one in data["resourcePoolStatusRequests"]["nodes"]
    } == {
        "all": (["s1", "s1b", "s2"], ["n2", "n1"]),
        "one": (["s1", "s1b"], []),
        "none": ([], []),
        "bare": ([], []),
    }
    assert {one["name"]: names(one["resourcePoolStatusRequests"]) for one in data["resourceSlices"]["nodes"]} == {
        "s1": ["all", "one"],
        "s1b": ["all", "one"],
        "s2": ["all"],
        "s3": [],
        "bare": [],
    }
    assert [names(one["resourcePoolStatusRequests"]) for one in data["nodes"]["nodes"]] == [["all"], ["all"]]


async def test_claims_lead_to_classes_and_pods(engine: Engine) -> None:
    template = object_of(kinds.RESOURCE_CLAIM_TEMPLATE, "t") | {"spec": {"spec": {"devices": {"requests": REQUESTS}}}}
    pod = object_of(kinds.POD, "p") | {
        "spec": {
            "resourceClaims": [
                {"name": "own", "resourceClaimName": "waiting"},
                {"name": "made", "resourceClaimTemplateName": "t"},
            ]
        },
        "status": {"resourceClaimStatuses": [{"name": "made", "resourceClaimName": "p-made"}]},
    }
    classes = [object_of(kinds.DEVICE_CLASS, name) for name in ("fpga", "gpu")]
    sender = cluster_with([claim("waiting"), claim("p-made"), claim("free"), template, pod, *classes], serves=SERVES)

    answer = await answered(
        engine,
        """{ resourceClaims { nodes { name pods { nodes { name } } deviceClasses { name } } }
        resourceClaimTemplates { nodes { pods { nodes { name } } deviceClasses { name } } }
        deviceClasses { nodes { resourceClaims { nodes { name } } resourceClaimTemplates { nodes { name } } } }
        pods { nodes { resourceClaimTemplates { name } } } }""",
        sender,
    )

    data, both = answer["data"], [{"name": "gpu"}, {"name": "fpga"}]
    assert {one["name"]: names(one["pods"]) for one in data["resourceClaims"]["nodes"]} == {
        "waiting": ["p"],
        "p-made": ["p"],
        "free": [],
    }
    assert [one["deviceClasses"] for one in data["resourceClaims"]["nodes"]] == [both] * 3
    assert data["resourceClaimTemplates"] == {"nodes": [{"pods": {"nodes": [{"name": "p"}]}, "deviceClasses": both}]}
    assert [names(one["resourceClaims"]) for one in data["deviceClasses"]["nodes"]] == [
        ["free", "p-made", "waiting"]
    ] * 2
    assert [names(one["resourceClaimTemplates"]) for one in data["deviceClasses"]["nodes"]] == [["t"]] * 2
    assert data["pods"] == {"nodes": [{"resourceClaimTemplates": [{"name": "t"}]}]}
