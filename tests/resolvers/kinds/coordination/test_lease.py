"""Leases: their age, and their holders."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from graph.engine import Engine
from k8s.kinds import builtin as kinds
from resolvers.kinds.coordination.lease import LEASES
from tests.resolvers.kinds.derivedfields import derived
from tests.resolvers.links.owning import answered, cluster_with, object_of

NOW = datetime(2026, 1, 1, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("spec", "held_s", "is_stale"),
    [
        (None, None, None),
        ({}, None, None),
        (
            {"holderIdentity": "", "acquireTime": "2026-01-01T11:00:00Z", "renewTime": "2026-01-01T11:00:00Z"},
            None,
            None,
        ),
        ({"holderIdentity": "a", "acquireTime": "2026-01-01T11:00:00.000000Z"}, 3600, None),
        ({"holderIdentity": "a", "leaseDurationSeconds": 15}, None, None),
        ({"holderIdentity": "a", "leaseDurationSeconds": 15, "renewTime": "2026-01-01T11:59:45Z"}, None, False),
        ({"holderIdentity": "a", "leaseDurationSeconds": 15, "renewTime": "2026-01-01T11:59:44Z"}, None, True),
        ({"holderIdentity": "a", "leaseDurationSeconds": 15, "renewTime": "2026-01-01T12:30:00+01:00"}, None, True),
        ({"holderIdentity": "a", "acquireTime": "soon", "leaseDurationSeconds": 1, "renewTime": "0001"}, None, None),
        ({"holderIdentity": "a", "acquireTime": "2026-01-01T11:00:00"}, None, None),
    ],
)
def test_a_lease_at_the_time_of_its_snapshot(spec: Any, held_s: int | None, is_stale: bool | None) -> None:
    parts = {} if spec is None else {"spec": spec}

    assert derived(LEASES, "heldForSeconds", NOW, **parts) == held_s
    assert derived(LEASES, "isStale", NOW, **parts) is is_stale


async def test_leases_lead_to_their_holders_and_back(engine: Engine) -> None:
    held = {"spec": {"holderIdentity": "controller-0_4711", "leaseDurationSeconds": 15}}
    sender = cluster_with(
        [
            object_of(kinds.LEASE, "worker", namespace="kube-node-lease") | {"spec": {"holderIdentity": "worker"}},
            object_of(kinds.LEASE, "worker") | held,
            object_of(kinds.NODE, "worker"),
            object_of(kinds.POD, "controller-0"),
            object_of(kinds.POD, "controller-0", namespace="till"),
            object_of(kinds.LEASE_CANDIDATE, "one") | {"spec": {"leaseName": "worker"}},
        ],
        serves=[kinds.LEASE, kinds.LEASE_CANDIDATE, kinds.NODE, kinds.POD],
    )

    answer = await answered(
        engine,
        """{ leases { nodes { namespace node { name } pod { namespace } leaseCandidates { nodes { name } } } }
        nodes { nodes { lease { namespace } } } pods { nodes { namespace leases { nodes { name } } } }
        leaseCandidates { nodes { lease { namespace } } } }""",
        sender,
    )

    none: Any = {"nodes": []}
    assert answer["data"] == {
        "leases": {
            "nodes": [
                {
                    "namespace": "kube-node-lease",
                    "node": {"name": "worker"},
                    "pod": None,
                    "leaseCandidates": none,
                },
                {
                    "namespace": "shop",
                    "node": None,
                    "pod": {"namespace": "shop"},
                    "leaseCandidates": {"nodes": [{"name": "one"}]},
                },
            ]
        },
        "nodes": {"nodes": [{"lease": {"namespace": "kube-node-lease"}}]},
        "pods": {
            "nodes": [
                {"namespace": "shop", "leases": {"nodes": [{"name": "worker"}]}},
                {"namespace": "till", "leases": none},
            ]
        },
        "leaseCandidates": {"nodes": [{"lease": {"namespace": "shop"}}]},
    }
