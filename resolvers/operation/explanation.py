"""The upstream cost of a query, on request: each request to each cluster, and the conditions evaluated here."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from time import perf_counter

import msgspec

from k8s.errors import ClusterError
from k8s.reading.cells import rows_on
from k8s.reading.reader import ClusterReader
from k8s.transport.body import OnPrefix
from k8s.transport.call import JSON, Call
from k8s.transport.deadline import Deadline
from k8s.transport.sender import Sender
from resolvers.fleet.cluster import FleetCluster
from resolvers.fleet.servedkinds import ServedKinds
from resolvers.fleet.versionedreader import BestVersions, VersionedReader


class UpstreamRequest(msgspec.Struct, frozen=True, rename="camel"):
    """One request to one cluster.

    Attributes:
        path: the path and the query, without the continue token.
        is_metadata_only: whether only metadata was requested.
        bytes: the size of the answer, decompressed; 0 without an answer.
        objects: the number of objects in the answer.
        error: the reason for a missing answer.
    """

    cluster: str
    verb: str
    path: str
    is_metadata_only: bool
    bytes: int
    objects: int
    milliseconds: float
    error: str | None


class ListNote(msgspec.Struct, frozen=True, rename="camel"):
    """The parts of the `where` of one list.

    Attributes:
        pushed: the conditions that the API servers evaluated, as selectors.
        residual: the paths that were evaluated here.
    """

    kind: str
    pushed: Sequence[str]
    residual: Sequence[str]


@dataclass(slots=True)
class Explanation:
    """The cost of an operation, collected while it runs.

    Attributes:
        estimated_requests: the estimate before the first request.
        estimated_objects: the estimated cost in objects, as the limit counts it.
    """

    estimated_requests: int = 0
    estimated_objects: int = 0
    requests: list[UpstreamRequest] = field(default_factory=list)
    lists: list[ListNote] = field(default_factory=list)

    def watched(self, cluster: FleetCluster) -> FleetCluster:
        """Returns the same cluster with its requests recorded here."""
        sender = _RecordedSender(cluster.sender, self)
        versions = BestVersions(ServedKinds(sender, cluster.served_cache))
        reader = VersionedReader(ClusterReader(sender, cluster.masking, cluster.sizes), versions)
        prometheus = cluster.prometheus
        if prometheus is not None:
            prometheus = replace(prometheus, sender=_RecordedSender(prometheus.sender, self))
        return replace(cluster, sender=sender, reader=reader, prometheus=prometheus)

    def to_builtins(self) -> object:
        """Returns `extensions.explain` of a response."""
        return msgspec.to_builtins(
            {
                "requests": sorted(self.requests, key=lambda request: request.cluster),
                "lists": self.lists,
                "cost": {
                    "estimatedRequests": self.estimated_requests,
                    "requests": len(self.requests),
                    "estimatedObjects": self.estimated_objects,
                    "objects": sum(request.objects for request in self.requests),
                    "bytes": sum(request.bytes for request in self.requests),
                },
            }
        )


@dataclass(frozen=True, slots=True)
class _RecordedSender:
    """A sender that records its calls."""

    sender: Sender
    explanation: Explanation

    @property
    def name(self) -> str:
        return self.sender.name

    async def send(self, call: Call, deadline: Deadline, *, on_prefix: OnPrefix | None = None) -> bytes:
        started_s = perf_counter()
        body, error = b"", None
        try:
            body = await self.sender.send(call, deadline, on_prefix=on_prefix)
        except ClusterError as refused:
            error = f"{refused.code.value}: {refused.reason}"
            raise
        finally:
            milliseconds = round((perf_counter() - started_s) * 1000, 3)
            self.explanation.requests.append(_request(self.name, call, body, milliseconds=milliseconds, error=error))
        return body


def _request(cluster: str, call: Call, body: bytes, *, milliseconds: float, error: str | None) -> UpstreamRequest:
    query = "&".join(f"{key}={value if key != 'continue' else '...'}" for key, value in call.query)
    return UpstreamRequest(
        cluster,
        call.verb,
        f"{call.path}?{query}" if query else call.path,
        call.accept != JSON,
        len(body),
        _objects(call, body),
        milliseconds,
        error,
    )


def _objects(call: Call, body: bytes) -> int:
    if call.verb != "list":
        return int(call.verb == "get" and bool(body))
    return rows_on(body)
