"""The decoded part of objects with our labels."""

import tracemalloc
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import msgspec
import pytest

from k8s.accounts.account import ACCOUNT, INSTANCE, MANAGED_BY, SUBJECTS, Account, AccountOwner
from k8s.accounts.accounts import find_accounts
from k8s.accounts.bindings import BoundRole, find_bindings
from k8s.accounts.managedobjects import RoleBinding, ServiceAccount
from k8s.transport.body import OnPrefix
from k8s.transport.call import Call
from k8s.transport.deadline import Deadline
from k8s.transport.sender import Sender
from tests.controlplane.json_object import JsonObject, JsonValue

OWNER = AccountOwner("fleetgraph", "test")
PAGES = 5


@dataclass
class Listing:
    """A cluster that lists the same page again and again, or once."""

    items: list[JsonObject]
    pages: int = 1
    name: str = "alpha"

    def __post_init__(self) -> None:
        self.bodies = {
            "" if page == 0 else str(page): msgspec.json.encode(
                {"metadata": {"continue": str(page + 1) if page + 1 < self.pages else ""}, "items": self.items}
            )
            for page in range(self.pages)
        }

    async def send(self, call: Call, deadline: Deadline, *, on_prefix: OnPrefix | None = None) -> bytes:
        return self.bodies[dict(call.query).get("continue", "")]


def test_labels_are_ours_only_where_each_is() -> None:
    account = Account(OWNER, ("user:alice",))

    def labels_of(labels: dict[str, str]) -> bool:
        body = msgspec.json.encode({"metadata": {"labels": {"team": "shop", **labels}}})
        decoded = msgspec.json.decode(body, type=ServiceAccount).metadata.labels
        return decoded is not None and decoded.include(account.labels)

    assert labels_of(account.labels)
    for key in (MANAGED_BY, INSTANCE, ACCOUNT):
        assert not labels_of({**account.labels, key: "other"})
        assert not labels_of({name: value for name, value in account.labels.items() if name != key})


@pytest.mark.parametrize(
    ("subjects", "only"),
    [
        (None, None),
        ([], None),
        ([{"kind": "User", "name": "a"}], ("User", "a", "")),
        ([{"kind": "User", "name": "a"}, {"kind": "User", "name": "b"}], None),
        ([{"kind": "User", "name": "a"}, None], None),
        ([{"kind": "User", "name": "a"}, 1, "b"], None),
    ],
)
def test_of_several_subjects_none_is_the_only_one(
    subjects: list[JsonValue] | None, only: tuple[str, str, str] | None
) -> None:
    body = msgspec.json.encode({"metadata": {"name": "a"}, "roleRef": {}, "subjects": subjects})

    found = msgspec.json.decode(body, type=RoleBinding).subjects

    subject = None if found is None else found.only
    assert (subject and (subject.kind, subject.name, subject.namespace)) == only


async def test_a_binding_keeps_no_text_that_nothing_of_ours_has() -> None:
    long, wide = "a" * 254, "é" * 20
    subjects: list[JsonValue] = [{"kind": "ServiceAccount", "namespace": wide, "name": long}]
    metadata: JsonObject = {"name": wide, "namespace": long, "labels": {ACCOUNT: long}}
    sender = Listing([{"metadata": metadata, "roleRef": {"kind": long, "name": wide}, "subjects": subjects}])

    found, *_ = (await find_bindings(sender, OWNER.labels, Deadline(10))).items

    short, escaped = repr("a" * 40), ascii(wide)
    assert (found.name, found.namespace, found.account) == (escaped, short, short)
    assert found.role == BoundRole(short, escaped, short)
    assert found.subjects == (("ServiceAccount", escaped, short),)


@pytest.mark.parametrize("kind", ["User", "Group", "serviceaccount", "a" * 300])
async def test_a_binding_keeps_no_subject_that_is_no_service_account(kind: str) -> None:
    subjects: list[JsonValue] = [{"kind": kind, "namespace": "fleetgraph", "name": "a"}]
    sender = Listing([{"metadata": {"name": "a"}, "roleRef": {}, "subjects": subjects}])

    found, *_ = (await find_bindings(sender, OWNER.labels, Deadline(10))).items

    assert found.subjects == ()


def _account(number: int) -> JsonObject:
    return {"metadata": {"name": f"a-{number}", "labels": _labels(), "annotations": {**_labels(), SUBJECTS: "[]"}}}


def _binding(number: int) -> JsonObject:
    subjects: list[JsonValue] = [{"kind": "User", "name": f"user-{index}"} for index in range(200)]
    metadata: JsonObject = {"name": f"a-{number}", "labels": _labels()}
    return {"metadata": metadata, "roleRef": {"kind": "ClusterRole", "name": "view"}, "subjects": subjects}


def _labels() -> JsonObject:
    return {f"{number:03x}": "" for number in range(220)}


async def _find_accounts(sender: Sender) -> object:
    return await find_accounts(sender, OWNER, Deadline(60))


async def _find_bindings(sender: Sender) -> object:
    return await find_bindings(sender, OWNER.labels, Deadline(60))


@pytest.mark.parametrize(("make", "find"), [(_account, _find_accounts), (_binding, _find_bindings)])
async def test_what_others_wrote_into_objects_takes_no_memory(
    make: Callable[[int], JsonObject], find: Callable[[Sender], Awaitable[object]]
) -> None:
    sender = Listing([make(number) for number in range(200)], PAGES)
    read_bytes = sum(map(len, sender.bodies.values()))
    await find(Listing([make(0)]))  # creates the decoders

    tracemalloc.start()
    try:
        await find(sender)
        peak_bytes = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert peak_bytes < read_bytes / 2
