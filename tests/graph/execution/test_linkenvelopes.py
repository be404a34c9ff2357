"""Envelopes of links that read two kinds: they are of the kind that the link returns."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pytest

from k8s.kinds.builtin import DEPLOYMENT, POD, REPLICA_SET
from k8s.kinds.kind import Kind
from k8s.transport.body import OnPrefix
from k8s.transport.call import Call
from k8s.transport.deadline import Deadline
from tests.controlplane.json_object import JsonObject
from tests.graph.fleets import Asking
from tests.graph.senders import ObjectsSender

VERSIONS = {POD: b'"7"', REPLICA_SET: b'"8"'}


def _objects(kind: Kind) -> Sequence[JsonObject]:
    metadata: JsonObject = {"namespace": "shop", "name": "a", "uid": str(kind)}
    return [{"metadata": metadata, "spec": {}}] if kind in {DEPLOYMENT, POD, REPLICA_SET} else []


@dataclass
class _OneAfterTheOther(ObjectsSender):
    """An API server whose list of one kind comes after that of the other; each list has its own version."""

    last: Kind = POD
    is_first_there: asyncio.Event = field(default_factory=asyncio.Event)

    async def send(self, call: Call, deadline: Deadline, *, on_prefix: OnPrefix | None = None) -> bytes:
        body = await super().send(call, deadline, on_prefix=on_prefix)
        for kind, version in VERSIONS.items():
            if call.path.endswith(f"/{kind.plural}"):
                if kind == self.last:
                    await self.is_first_there.wait()
                    for _ in range(100):  # the first answer is decoded meanwhile
                        await asyncio.sleep(0)
                self.is_first_there.set()
                return body.replace(b'"resourceVersion":"1"', b'"resourceVersion":' + version)
        return body


@pytest.mark.parametrize("last", VERSIONS)
async def test_the_envelope_is_of_the_link_s_own_kind_whichever_answers_last(
    ask: Callable[..., Asking], last: Kind
) -> None:
    sender = _OneAfterTheOther("one", _objects, last=last)

    answer = await ask(sender)("{ deployments { nodes { pods { clusters { status resourceVersion } } } } }")

    assert answer.errors == []
    assert answer.to_builtins()["data"] == {
        "deployments": {"nodes": [{"pods": {"clusters": [{"status": "OK", "resourceVersion": "7"}]}}]}
    }
