"""Reconciliation of clusters with the grants, with clusters that send invalid answers."""

import asyncio
from dataclasses import dataclass, field, replace
from itertools import combinations
from weakref import ref

import msgspec
import pytest
from structlog.testing import capture_logs

from k8s.accounts.account import ACCOUNT, SUBJECTS, Account, AccountOwner
from k8s.accounts.accounts import ReconcileResult, reconcile_account, reconcile_bindings, remove_account, unbind_account
from k8s.accounts.bindings import BoundRole, ManagedBinding
from k8s.errors import Forbidden, ProtocolBroken, TooManyObjects
from k8s.transport.body import OnPrefix
from k8s.transport.call import Call
from k8s.transport.deadline import Deadline
from resolvers.authorization import Identity
from resolvers.fleet.accountpolicy import AccountPolicy
from resolvers.fleet.client import ClusterClient
from resolvers.grants.reconciling import reconcile_each
from store.clusters.cluster import OpenedCluster
from store.clusters.grant import Subject, SubjectKind
from tests.controlplane.json_object import JsonObject, JsonValue
from tests.processortime import ratio
from tests.resolvers.test_authorization import ALPHA, grant

OWNER = AccountOwner("fleetgraph", "test")
FORGED: JsonObject = {"metadata": {"name": "../../../apps/v1/deployments", "labels": {ACCOUNT: "nobody"}}}
BINDING: JsonObject = {**FORGED, "roleRef": {"kind": "ClusterRole", "name": "view"}}


@dataclass
class Removing:
    """A cluster that lists bindings, 500 on a page, and removes them, and has no accounts."""

    bindings: list[JsonObject]
    name: str = "alpha"
    removed: set[str] = field(default_factory=set)

    async def send(self, call: Call, deadline: Deadline, *, on_prefix: OnPrefix | None = None) -> bytes:
        if call.verb == "delete":
            self.removed.add(call.path.rpartition("/")[2])
            return b"{}"
        if call.verb == "get":
            return msgspec.json.encode({"metadata": {"labels": Account(OWNER, ("user:alice",)).labels}})
        if not call.path.endswith("/rolebindings"):
            return b'{"items":[]}'
        first = int(dict(call.query).get("continue", "0"))
        token = str(first + 500) if first + 500 < len(self.bindings) else ""
        return msgspec.json.encode({"metadata": {"continue": token}, "items": self.bindings[first : first + 500]})

    async def close(self) -> None:
        """Does nothing."""

    async def retire(self) -> None:
        """Does nothing."""


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
        """Does nothing."""

    async def retire(self) -> None:
        """Does nothing."""


class Failing(Removing):
    """A cluster whose client fails with an unexpected error."""

    def __init__(self, name: str) -> None:
        super().__init__([], name)

    async def send(self, call: Call, deadline: Deadline, *, on_prefix: OnPrefix | None = None) -> bytes:
        raise RuntimeError


@pytest.mark.parametrize(("accounts", "bindings"), [([FORGED], []), ([], [BINDING])])
async def test_forged_names_of_one_cluster_do_not_keep_others_from_being_reconciled(
    accounts: list[JsonObject], bindings: list[JsonObject]
) -> None:
    def connect(cluster: OpenedCluster, _identity: Identity) -> ClusterClient:
        forges = cluster.record.name == "alpha"
        return Answering(cluster.record.name, accounts if forges else [], bindings if forges else [])

    reconciled = await reconcile_each(
        [OpenedCluster(record=replace(ALPHA, name=name), open_credential=lambda: b"") for name in ("alpha", "beta")],
        (),
        connect=connect,
        policy=AccountPolicy(OWNER),
    )

    found = {item.cluster: item.error and item.error.reason for item in reconciled}
    assert found == {"alpha": "ProtocolBroken", "beta": None}


async def test_what_nobody_expected_of_one_cluster_does_not_keep_others_from_being_reconciled() -> None:
    def connect(cluster: OpenedCluster, _identity: Identity) -> ClusterClient:
        name = cluster.record.name
        return Failing(name) if name == "alpha" else Answering(name, [], [])

    with capture_logs():
        reconciled = await reconcile_each(
            [
                OpenedCluster(record=replace(ALPHA, name=name), open_credential=lambda: b"")
                for name in ("alpha", "beta")
            ],
            (),
            connect=connect,
            policy=AccountPolicy(OWNER),
        )

    found = {item.cluster: item.error and item.error.reason for item in reconciled}
    assert found == {"alpha": "Unexpected", "beta": None}


def _account(owner: AccountOwner, *subjects: str) -> JsonObject:
    account = Account(owner, subjects)
    return {"metadata": {"name": account.name, "annotations": {SUBJECTS: account.subjects_annotation}}}


def _binding(account: str, name: str) -> JsonObject:
    subjects: list[JsonValue] = [{"kind": "ServiceAccount", "namespace": "fleetgraph", "name": account}]
    metadata: JsonObject = {"name": name, "labels": {ACCOUNT: account}}
    return {"metadata": metadata, "roleRef": {"kind": "ClusterRole", "name": "view"}, "subjects": subjects}


async def test_of_too_many_bindings_those_that_were_read_are_removed() -> None:
    cluster = Removing([_binding("gone", f"binding-{number}") for number in range(20_600)])

    (reconciled,) = await reconcile_each(
        [OpenedCluster(record=ALPHA, open_credential=lambda: b"")],
        (),
        connect=lambda _cluster, _identity: cluster,
        policy=AccountPolicy(OWNER, timeout_s=600.0),
    )

    assert isinstance(reconciled.error, TooManyObjects)
    assert len(cluster.removed) == 20_500


async def test_an_account_with_too_many_bindings_loses_those_that_were_read() -> None:
    account = Account(OWNER, ("user:alice",))
    cluster = Removing([_binding(account.name, f"binding-{number}") for number in range(6000)])

    with pytest.raises(TooManyObjects, match="than the limit, 5000: the rest was not read"):
        await unbind_account(cluster, account, Deadline(600))

    assert len(cluster.removed) == 5500


async def test_an_account_with_too_many_bindings_is_removed() -> None:
    account = Account(OWNER, ("user:alice",))
    cluster = Removing([_binding(account.name, f"binding-{number}") for number in range(6000)])

    with pytest.raises(TooManyObjects):
        await remove_account(cluster, OWNER, account.name, Deadline(600))

    assert account.name in cluster.removed


async def test_an_account_with_too_many_bindings_loses_what_is_not_granted() -> None:
    account, role = Account(OWNER, ("user:alice",)), BoundRole("ClusterRole", "view", "shop")
    just: JsonObject = {**_binding(account.name, "just"), "metadata": {"name": "just", "namespace": "shop"}}
    cluster = Removing([just, *(_binding(account.name, f"binding-{number}") for number in range(6000))])

    with pytest.raises(TooManyObjects):
        await reconcile_account(cluster, account, [role], Deadline(600))

    assert len(cluster.removed) == 5499
    assert "just" not in cluster.removed


def test_accounts_and_bindings_without_number_take_time_in_proportion() -> None:
    """A cluster knows our instance, and with it the account name of each set of subjects."""
    subjects = [Subject(SubjectKind.USER, f"user-{number}") for number in range(80)]
    grants = [grant(subject) for subject in subjects]
    pairs = [_account(OWNER, str(one), str(other)) for one, other in combinations(subjects, 2)]
    names = [Account(OWNER, (str(one), str(other))).name for one, other in combinations(subjects, 2)]

    async def reconciled(count: int) -> None:
        (result,) = await reconcile_each(
            [OpenedCluster(record=ALPHA, open_credential=lambda: b"")],
            grants,
            connect=lambda cluster, _identity: Answering(
                cluster.record.name, pairs[:count], [_binding(name, name) for name in names[:count]]
            ),
            policy=AccountPolicy(OWNER),
        )
        assert (result.error, result.removed, result.changed) == (None, 0, 0)

    # 8 times as many of both: 64 times as long, if each is compared with each
    assert ratio(lambda: asyncio.run(reconciled(3000)), lambda: asyncio.run(reconciled(375))) < 24


def test_many_bindings_of_one_account_take_time_in_proportion() -> None:
    account = Account(OWNER, ("user:alice",))
    role = BoundRole("ClusterRole", "view")

    async def settled(count: int) -> None:
        just = ("ServiceAccount", account.namespace, account.name)
        bindings = [ManagedBinding(f"b-{number}", None, role, account.name, (just,)) for number in range(count)]
        sender = Answering("alpha", [], [])
        kept = await reconcile_bindings(sender, account, [role], bindings=bindings, deadline=Deadline(10))
        assert kept == ReconcileResult(0, ())

    assert ratio(lambda: asyncio.run(settled(4000)), lambda: asyncio.run(settled(500))) < 24


@dataclass(eq=False)
class Endless:
    """A cluster that lists accounts without end, or has none; it adds each request to a list that several share."""

    name: str
    asked: list[str]
    is_endless: bool = True

    async def send(self, call: Call, deadline: Deadline, *, on_prefix: OnPrefix | None = None) -> bytes:
        self.asked.append(self.name)
        await asyncio.sleep(0)
        if not self.is_endless:
            return b'{"items":[]}'
        token = int(dict(call.query).get("continue", "0")) + 1
        items: list[JsonValue] = [{"metadata": {"name": f"a-{token}-{number}"}} for number in range(500)]
        return msgspec.json.encode({"metadata": {"continue": str(token)}, "items": items})

    async def close(self) -> None:
        """Does nothing."""

    async def retire(self) -> None:
        """Does nothing."""


async def test_clusters_with_very_much_are_read_one_by_one_after_all_others() -> None:
    names, asked = ["alpha", "beta", "gamma"], list[str]()

    reconciled = await reconcile_each(
        [OpenedCluster(record=replace(ALPHA, name=name), open_credential=lambda: b"") for name in names],
        (),
        connect=lambda cluster, _identity: Endless(cluster.record.name, asked, cluster.record.name != "gamma"),
        policy=AccountPolicy(OWNER),
    )

    assert [(item.cluster, item.error and item.error.reason) for item in reconciled] == [
        ("alpha", "TooManyObjects"),
        ("beta", "TooManyObjects"),
        ("gamma", None),
    ]
    pages = 20_000 // 500 + 1
    assert asked[-2 * pages :] == ["alpha"] * pages + ["beta"] * pages
    beside_others = asked[: -2 * pages]
    assert beside_others.count("gamma") == 3
    assert max(map(beside_others.count, ("alpha", "beta"))) < pages / 2


@dataclass(eq=False)
class Refusing(Endless):
    """A cluster that answers with an error."""

    error: Exception = field(default_factory=RuntimeError)

    async def send(self, call: Call, deadline: Deadline, *, on_prefix: OnPrefix | None = None) -> bytes:
        raise self.error


@pytest.mark.parametrize(
    "error",
    [
        None,
        ProtocolBroken("alpha", "it is none."),
        Forbidden("alpha", "no.", status=403),
        RuntimeError("a mistake of ours"),
    ],
    ids=["too-many", "broken", "forbidden", "unexpected"],
)
async def test_an_error_does_not_hold_what_was_read(error: Exception | None) -> None:
    senders: list[ref[Endless]] = []

    def connect(cluster: OpenedCluster, _identity: Identity) -> ClusterClient:
        name = cluster.record.name
        sender = Endless(name, []) if error is None else Refusing(name, [], error=error)
        senders.append(ref(sender))
        return sender

    with capture_logs():
        (reconciled,) = await reconcile_each(
            [OpenedCluster(record=ALPHA, open_credential=lambda: b"")], (), connect=connect, policy=AccountPolicy(OWNER)
        )

    assert reconciled.error is not None
    assert [sender() for sender in senders] == [None] * len(senders)
