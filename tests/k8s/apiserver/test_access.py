"""Our identity, our permissions, and the release of a cluster."""

import json
from collections.abc import Callable

import pytest

from k8s.apiserver.access import EVERYTHING, ClusterIdentity, Permission, read_identity, read_permissions
from k8s.apiserver.version import read_version
from k8s.errors import ClusterError, Forbidden, Invalid, ProtocolBroken, ResourceNotFound, Unauthenticated
from k8s.kinds import builtin as kinds
from k8s.transport.body import OnPrefix
from k8s.transport.call import Call
from k8s.transport.deadline import Deadline

PODS = Permission.to_list(kinds.POD)
NODES = Permission.to_list(kinds.NODE)


class FakeSender:
    """A sender that answers each call by a function, and records the calls."""

    name = "alpha"

    def __init__(self, answer: Callable[[Call], bytes | ClusterError]) -> None:
        self.calls: list[Call] = []
        self._answer = answer

    async def send(self, call: Call, deadline: Deadline, *, on_prefix: OnPrefix | None = None) -> bytes:
        self.calls.append(call)
        answer = self._answer(call)
        if isinstance(answer, ClusterError):
            raise answer
        return answer


def _sender(answer: bytes | ClusterError) -> FakeSender:
    return FakeSender(lambda _: answer)


async def test_the_identity_is_what_the_cluster_says() -> None:
    sender = _sender(b'{"status":{"userInfo":{"username":"ann","groups":["dev"],"extra":{}}}}')

    identity = await read_identity(sender, Deadline(10))

    (call,) = sender.calls
    assert identity == ClusterIdentity("ann", ("dev",))
    assert (call.path, call.method) == ("/apis/authentication.k8s.io/v1/selfsubjectreviews", "POST")


async def test_a_credential_that_is_not_accepted_is_an_error() -> None:
    with pytest.raises(Unauthenticated):
        await read_identity(_sender(Unauthenticated("alpha", "no", status=401)), Deadline(10))


@pytest.mark.parametrize(
    "body", [b"", b"{}", b"[]", b'{"status":{"userInfo":1}}', b'{"status":{"userInfo":{"username":"\xff"}}}']
)
async def test_an_identity_that_is_none_is_a_broken_protocol(body: bytes) -> None:
    with pytest.raises(ProtocolBroken, match="cluster 'alpha'"):
        await read_identity(_sender(body), Deadline(10))


async def test_permissions_are_asked_one_by_one() -> None:
    def answer(call: Call) -> bytes:
        attributes = json.loads(call.body or b"")["spec"]["resourceAttributes"]
        return json.dumps({"status": {"allowed": attributes["resource"] == "pods"}}).encode()

    sender = FakeSender(answer)

    permissions = await read_permissions(sender, Deadline(10), permissions=[EVERYTHING, PODS, NODES])

    assert permissions == {EVERYTHING: False, PODS: True, NODES: False}
    assert {call.path for call in sender.calls} == {"/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"}


@pytest.mark.parametrize(
    "error",
    [
        Forbidden("alpha", "no", status=403),
        ResourceNotFound("alpha", "no", status=404),
        Invalid("alpha", "no", status=405),
    ],
)
async def test_permissions_that_may_not_be_asked_are_unknown(error: ClusterError) -> None:
    assert await read_permissions(_sender(error), Deadline(10), permissions=[PODS]) is None


async def test_the_version_is_what_the_cluster_calls_it() -> None:
    version = await read_version(_sender(b'{"major":"1","minor":"31+","gitVersion":"v1.31.4+k3s1"}'), Deadline(10))

    assert version == "v1.31.4+k3s1"


@pytest.mark.parametrize("body", [b"", b"{}", b'"v1"', b"<html>", b'{"gitVersion":null}', b'{"gitVersion":"\xff"}'])
async def test_a_version_that_is_none_is_a_broken_protocol(body: bytes) -> None:
    with pytest.raises(ProtocolBroken, match="is this the address of a Kubernetes API server"):
        await read_version(_sender(body), Deadline(10))
