"""Bringing clusters to what is granted, where one of them answers what no cluster can mean."""

from dataclasses import dataclass, replace

import msgspec
import pytest

from k8s.account import ACCOUNT, Household
from k8s.body import OnPrefix
from k8s.call import Call
from k8s.deadline import Deadline
from resolvers.accounts import AccountPolicy
from resolvers.connected import Connected
from resolvers.identity import Identity
from resolvers.reconciling import reconcile_each
from store.cluster import OpenedCluster
from tests.controlplane.json_object import JsonObject
from tests.resolvers.test_identity import ALPHA

HOUSEHOLD = Household("fleetgraph", "test")
FORGED: JsonObject = {"metadata": {"name": "../../../apps/v1/deployments", "labels": {ACCOUNT: "nobody"}}}
BINDING: JsonObject = {**FORGED, "roleRef": {"kind": "ClusterRole", "name": "view"}}


@dataclass(eq=False)
class Answering:
    """A cluster that lists some accounts and bindings."""

    name: str
    accounts: list[JsonObject]
    bindings: list[JsonObject]

    async def send(self, call: Call, deadline: Deadline, *, on_prefix: OnPrefix | None = None) -> bytes:
        assert call.verb == "list"
        items = self.accounts if call.path.endswith("/serviceaccounts") else self.bindings
        return msgspec.json.encode({"items": items})

    async def close(self) -> None:
        """Nothing."""

    async def retire(self) -> None:
        """Nothing."""


@pytest.mark.parametrize(("accounts", "bindings"), [([FORGED], []), ([], [BINDING])])
async def test_forged_names_of_one_cluster_do_not_keep_others_from_being_reconciled(
    accounts: list[JsonObject], bindings: list[JsonObject]
) -> None:
    def connect(cluster: OpenedCluster, _identity: Identity) -> Connected:
        forges = cluster.record.name == "alpha"
        return Answering(cluster.record.name, accounts if forges else [], bindings if forges else [])

    reconciled = await reconcile_each(
        [OpenedCluster(record=replace(ALPHA, name=name), credential=b"") for name in ("alpha", "beta")],
        (),
        connect=connect,
        policy=AccountPolicy(HOUSEHOLD),
    )

    found = {each.cluster: each.error and each.error.reason for each in reconciled}
    assert found == {"alpha": "ProtocolBroken", "beta": None}
