"""Impersonation: valid and invalid names, and the headers on the wire."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from k8s.credentials.credential import BearerToken, Secret
from k8s.credentials.impersonation import MAX_GROUPS, Impersonation, ImpersonationRefused
from k8s.kinds.builtin import POD
from k8s.transport.call import Call
from k8s.transport.connection import Connection
from k8s.transport.deadline import Deadline
from k8s.transport.path import list_path
from tests.k8s.wireserver import wire_server

LIST = Call(list_path(POD), "list", "pods")


async def test_one_user_and_each_group_stand_on_the_wire() -> None:
    async with wire_server() as wire:
        connection = Connection(
            "alpha",
            wire.endpoint,
            credential=BearerToken(Secret("stored")),
            acting_as=Impersonation("alice", ("Domain Users", "dev")),
        )
        await connection.send(LIST, Deadline(2))
        await connection.close()

    lines = wire.requests[0].decode().split("\r\n")
    assert [line for line in lines if line.lower().startswith("impersonate")] == [
        "Impersonate-User: alice",
        "Impersonate-Group: Domain Users",
        "Impersonate-Group: dev",
    ]
    assert wire.headers()["authorization"] == "Bearer stored"


@pytest.mark.parametrize(
    "name",
    [
        "",
        " alice",
        "alice ",
        "a\r\nImpersonate-Group: system:masters",
        "a\0",
        "a\tb",
        "älice",
        "日本",
        "x" * 1025,
        "system:masters",
        "System:Masters",
        "system:serviceaccount:kube-system:x",
        "\ud800",
    ],
)
def test_im_3_names_that_are_never_sent(name: str) -> None:
    for user, groups in ((name, ()), ("alice", ("dev", name))):
        with pytest.raises(ImpersonationRefused) as refused:
            Impersonation(user, groups)
        assert len(str(refused.value)) < 250


def test_im_3_more_groups_than_are_sent() -> None:
    assert len(Impersonation("alice", tuple(f"g{number}" for number in range(MAX_GROUPS))).groups) == MAX_GROUPS
    with pytest.raises(ImpersonationRefused, match="501 groups"):
        Impersonation("alice", tuple(f"g{number}" for number in range(MAX_GROUPS + 1)))


def test_groups_are_sent_once_whatever_their_order() -> None:
    assert Impersonation("alice", ("b", "a", "b")) == Impersonation("alice", ("a", "b"))


@given(st.text(max_size=40), st.lists(st.text(max_size=20), max_size=5))
def test_what_is_not_refused_is_one_line_each_of_what_headers_carry(user: str, groups: list[str]) -> None:
    try:
        headers = Impersonation(user, tuple(groups)).headers()
    except ImpersonationRefused:
        return

    assert [name for name, _value in headers] == ["Impersonate-User"] + ["Impersonate-Group"] * len(set(groups))
    for _name, value in headers:
        assert value.isascii()
        assert value.isprintable()
        assert value == value.strip()
        assert not value.lower().startswith("system:")
