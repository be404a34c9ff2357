"""A sender with the pages of one list, and with failures of them on demand."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import msgspec

from k8s.errors import ClusterError
from k8s.transport.body import PREFIX_BYTES, OnPrefix
from k8s.transport.call import Call
from k8s.transport.deadline import Deadline
from tests.controlplane.json_object import JsonObject

Answer = bytes | ClusterError


def pod(name: str, namespace: str = "shop") -> JsonObject:
    """Returns a minimal pod."""
    return {"metadata": {"name": name, "namespace": namespace}}


def page(
    names: Sequence[str | tuple[str, str]], token: str = "", *, remaining: int | None = None, kind: str = "PodList"
) -> bytes:
    """Returns a page of pods (names, or namespaces with names) as an API server sends it: metadata first."""
    items = [pod(name) if isinstance(name, str) else pod(name[1], name[0]) for name in names]
    metadata: JsonObject = {"resourceVersion": "7"}
    metadata |= {"continue": token} if token else {}
    metadata |= {"remainingItemCount": remaining} if remaining is not None else {}
    return msgspec.json.encode({"kind": kind, "apiVersion": "v1", "metadata": metadata, "items": items})


@dataclass
class ListSender:
    """A sender that answers each call by its continue token, with the next of its answers, the last one repeatedly.

    `before_end` is awaited between the first bytes of an answer and its end.
    """

    answers: dict[str, list[Answer]]
    name: str = "alpha"
    calls: list[Call] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    under_way: int = 0
    most_under_way: int = 0
    before_end: Callable[[str], "asyncio.Future[None] | None"] = lambda _token: None

    async def send(self, call: Call, deadline: Deadline, *, on_prefix: OnPrefix | None = None) -> bytes:
        token = dict(call.query).get("continue", "")
        self.calls.append(call)
        self.tokens.append(token)
        left = self.answers[token]
        answer = left.pop(0) if len(left) > 1 else left[0]
        self.under_way += 1
        self.most_under_way = max(self.under_way, self.most_under_way)
        try:
            await asyncio.sleep(0)
            if isinstance(answer, ClusterError):
                raise answer
            if on_prefix is not None:
                on_prefix(answer[:PREFIX_BYTES])
            waits = self.before_end(token)
            if waits is not None:
                await waits
        finally:
            self.under_way -= 1
        return answer
