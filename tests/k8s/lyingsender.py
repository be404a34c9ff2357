"""A sender between fleetgraph and a real one, whose answers lie on demand (see `tests.controlplane.lies`)."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeAlias

from k8s.errors import ClusterError
from k8s.transport.body import PREFIX_BYTES, OnPrefix
from k8s.transport.call import Call
from k8s.transport.deadline import Deadline
from k8s.transport.sender import Sender
from tests.controlplane.lies import Lie, on_json

Instead: TypeAlias = Lie | bytes | ClusterError
"""A change of the true answer, a whole other answer, or an error."""


@dataclass
class LyingSender:
    """A sender whose answers to some paths are changed.

    Attributes:
        sender: The sender of the true answers; it gets all calls but those with a whole other answer.
        lies: Changes by path; one that ends in a slash stands for all paths below it. The longest path counts.
        calls: All calls.
    """

    sender: Sender
    lies: dict[str, Instead] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list, repr=False)

    @property
    def name(self) -> str:
        """Returns the cluster's name."""
        return self.sender.name

    @contextmanager
    def lying(self, path: str, instead: Instead) -> Iterator[None]:
        """Lies about a path, or about those below it if it ends in a slash, for a while."""
        before = dict(self.lies)
        self.lies[path] = instead
        try:
            yield
        finally:
            self.lies = before

    async def send(self, call: Call, deadline: Deadline, *, on_prefix: OnPrefix | None = None) -> bytes:
        """Returns the true answer, or the lie."""
        self.calls.append(call)
        matching = [path for path in self.lies if call.path == path or (path[-1] == "/" and call.path.startswith(path))]
        if not matching:
            return await self.sender.send(call, deadline, on_prefix=on_prefix)
        instead = self.lies[max(matching, key=len)]
        if isinstance(instead, ClusterError):
            raise instead
        body = instead if isinstance(instead, bytes) else on_json(instead)(await self.sender.send(call, deadline))
        if on_prefix is not None:
            on_prefix(body[:PREFIX_BYTES])
        return body
