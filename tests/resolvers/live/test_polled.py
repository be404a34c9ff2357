"""Answers of clusters that serve the evaluations of some seconds."""

import asyncio
from typing import cast

import pytest

from k8s.errors import Unreachable
from k8s.transport.body import OnPrefix
from k8s.transport.call import Call
from k8s.transport.deadline import Deadline
from k8s.transport.path import ApiPath
from resolvers.live import polled
from resolvers.live.dependencies import Dependencies
from resolvers.live.polled import PolledAnswers, PolledSender


class Counting:
    """A cluster that counts its requests."""

    name = "alpha"

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.is_down = False

    async def send(self, call: Call, deadline: Deadline, *, on_prefix: OnPrefix | None = None) -> bytes:
        self.sent.append(call.path)
        if self.is_down:
            raise Unreachable(self.name, "no connection (refused).")
        return b"%d" % len(self.sent)


def call(path: str) -> Call:
    return Call(cast(ApiPath, path), verb="get", target="usage")


async def test_an_answer_is_read_again_after_some_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polled, "_KEPT_S", 0.05)
    cluster, dependencies = Counting(), Dependencies(lambda _one, _before: None)
    sender = PolledSender(cluster, PolledAnswers(dependencies))
    answers = [await sender.send(call(path), Deadline(1)) for path in ("/a", "/a", "/b", "/a")]
    assert answers == [b"1", b"1", b"2", b"1"]
    assert dependencies.is_polled
    await asyncio.sleep(0.1)
    assert await sender.send(call("/a"), Deadline(1)) == b"3"


async def test_a_failure_is_an_answer_too() -> None:
    cluster = Counting()
    cluster.is_down = True
    sender = PolledSender(cluster, PolledAnswers(Dependencies(lambda _one, _before: None)))
    for _ in range(3):
        with pytest.raises(Unreachable, match="refused"):
            await sender.send(call("/a"), Deadline(1))
    assert cluster.sent == ["/a"]


async def test_discovery_is_not_polled() -> None:
    cluster, dependencies = Counting(), Dependencies(lambda _one, _before: None)
    sender = PolledSender(cluster, PolledAnswers(dependencies))
    assert [await sender.send(call("/version"), Deadline(1)) for _ in range(2)] == [b"1", b"2"]
    assert not dependencies.is_polled
