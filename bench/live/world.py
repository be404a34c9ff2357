"""Recorded objects of an API server, repeated under other namespaces, and their changes."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count, cycle
from pathlib import Path
from time import monotonic_ns
from typing import Final

import msgspec

from bench.replay import REPLAYED
from k8s.kinds.kind import Kind
from k8s.transport.path import list_path

AT: Final = "bench/at"
"""The annotation of changed objects: when the change was sent, in nanoseconds of the monotonic clock."""
_PARTS: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_VERSION: Final = b'"resourceVersion":"'


class _Items(msgspec.Struct):
    items: list[msgspec.Raw]


@dataclass(slots=True)
class Recorded:
    """One object: its JSON before and behind its resource version, which is `version` now."""

    namespace: str
    before: bytes
    behind: bytes
    version: int = 1
    at_ns: int = 0

    @property
    def json(self) -> bytes:
        """Returns the object as it is now."""
        at = b',"annotations":{"%b":"%d"}' % (AT.encode(), self.at_ns) if self.at_ns else b""
        return b'%b%b%d"%b%b' % (self.before, _VERSION, self.version, at, self.behind)


@dataclass
class Resource:
    """All objects of a kind.

    Attributes:
        kind: The kind.
        objects: They, in the order of API servers.
    """

    kind: Kind
    objects: list[Recorded] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._turns = cycle(range(len(self.objects)))
        self._head = msgspec.json.encode({"kind": self.kind.name, "apiVersion": self.kind.api_version})[:-1] + b","

    def of(self, namespace: str) -> Iterator[Recorded]:
        """Yields the objects of a namespace; all for an empty one."""
        return (one for one in self.objects if not namespace or one.namespace == namespace)

    def event(self, type_: str, recorded: Recorded) -> bytes:
        """Returns the line of a watch event."""
        return b'{"type":"%b","object":%b%b}\n' % (type_.encode(), self._head, recorded.json[1:])

    def changed(self, version: int) -> tuple[str, bytes]:
        """Changes the next object, with a step that meets all namespaces; returns its namespace and the event."""
        recorded = self.objects[next(self._turns) * 997 % len(self.objects)]
        recorded.version, recorded.at_ns = version, monotonic_ns()
        return recorded.namespace, self.event("MODIFIED", recorded)


class World:
    """The resources by path, such as `/api/v1/pods`."""

    def __init__(self, folder: Path, copies: int) -> None:
        """Reads the pages that `bench.replay.record` wrote."""
        self.resources = {list_path(kind, None): _read(folder, kind, copies) for kind in REPLAYED}
        self.versions = count(10**6)


def _read(folder: Path, kind: Kind, copies: int) -> Resource:
    recorded = []
    for page in sorted((folder / kind.plural).iterdir()):
        for raw in msgspec.json.decode(page.read_bytes(), type=_Items).items:
            recorded.append(bytes(raw))
    copies = copies if kind.namespaced else 1
    return Resource(kind, [_repeated(json, copy) for copy in range(copies) for json in recorded])


def _repeated(json: bytes, copy: int) -> Recorded:
    if copy:
        for name in (b'"namespace":"', b'"uid":"'):
            json = json.replace(name, name + b"c%03d-" % copy)
    parts = _PARTS.decode(json)
    metadata = _PARTS.decode(parts["metadata"])
    metadata.pop("annotations", None)  # a changed object has one
    namespace = msgspec.json.decode(metadata.get("namespace", b'""'), type=str)
    parts["metadata"] = msgspec.Raw(msgspec.json.encode(metadata))
    before, _, rest = msgspec.json.encode(parts).partition(_VERSION)
    return Recorded(namespace, before, rest.partition(b'"')[2])
