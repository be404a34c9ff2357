"""A process that replays an API server: `python -m bench.live.apiserver FOLDER COPIES`.

It prints its port, and takes the changes of the next moments as lines: `NUMBER PER_SECOND PLURAL...`. Its own time is
not that of the process that is measured. Watches have initial events and bookmarks, and end never.
"""

import asyncio
import re
import ssl
import sys
from collections import defaultdict
from collections.abc import Iterable
from itertools import cycle
from pathlib import Path
from typing import Final, cast
from urllib.parse import parse_qs, urlsplit

import msgspec
import uvloop

from bench.farserver import CERTIFICATE, KEY
from bench.live.world import Resource, World
from k8s.kinds.kind import Kind
from k8s.transport.path import ApiPath

_NAMESPACED: Final = re.compile(r"/namespaces/([^/]+)/")
_WRITTEN: Final = 1000
"""Initial events that are written at once."""
_REVIEWED: Final = msgspec.json.encode(
    {"kind": "SelfSubjectReview", "status": {"allowed": True, "userInfo": {"username": "bench", "groups": []}}}
)
_VERSION: Final = b'{"major":"1","minor":"36","gitVersion":"v1.36.0","platform":"linux/amd64"}'
_END: Final = b'{"k8s.io/initial-events-end":"true"}'


class ApiServer:
    """The objects, and the watches that hear of their changes."""

    def __init__(self, world: World) -> None:
        self.world = world
        kinds = [resource.kind for resource in world.resources.values()]
        self.documents = {
            "/version": _VERSION,
            "/api": _discovered(kind for kind in kinds if not kind.group),
            "/apis": _discovered(kind for kind in kinds if kind.group),
        }
        self.watches: defaultdict[int, set[Watching]] = defaultdict(set)

    async def change(self, number: int, per_second: float, plurals: list[str]) -> None:
        """Changes objects one by one, evenly in time."""
        loop = asyncio.get_running_loop()
        changing = [one for one in self.world.resources.values() if one.kind.plural in plurals]
        began_s = loop.time()
        for place, resource in zip(range(number), cycle(changing), strict=False):
            if (wait_s := began_s + place / per_second - loop.time()) > 0:
                await asyncio.sleep(wait_s)
            namespace, event = resource.changed(next(self.world.versions))
            for watching in self.watches[id(resource)]:
                watching.hears_of(namespace, event)


class Watching:
    """One running watch."""

    def __init__(self, transport: asyncio.Transport, namespace: str) -> None:
        self._transport = transport
        self._namespace = namespace

    def hears_of(self, namespace: str, event: bytes) -> None:
        """Sends an event of a namespace."""
        if not self._namespace or namespace == self._namespace:
            self.send(event)

    def send(self, events: bytes) -> None:
        """Sends events, as one chunk."""
        self._transport.write(b"%x\r\n%b\r\n" % (len(events), events))


class Answering(asyncio.Protocol):
    """A connection with one request after the other."""

    def __init__(self, server: ApiServer) -> None:
        self._server = server
        self._received = b""
        self._watched: list[tuple[int, Watching]] = []
        self._sending: set[asyncio.Task[None]] = set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Stores the transport."""
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, _error: Exception | None) -> None:
        """Ends the watches."""
        for resource, watching in self._watched:
            self._server.watches[resource].discard(watching)
        for task in self._sending:
            task.cancel()

    def data_received(self, data: bytes) -> None:
        """Answers each complete request."""
        self._received += data
        while b"\r\n\r\n" in self._received:
            head, _, rest = self._received.partition(b"\r\n\r\n")
            length = re.search(rb"(?i)content-length: *(\d+)", head)
            body_bytes = int(length[1]) if length else 0
            if len(rest) < body_bytes:
                return
            self._received = rest[body_bytes:]
            self._answer(*head.split(b" ", 2)[:2])

    def _answer(self, method: bytes, target: bytes) -> None:
        url = urlsplit(target.decode())
        query = {name: values[-1] for name, values in parse_qs(url.query).items()}
        namespace = match[1] if (match := _NAMESPACED.search(url.path)) else ""
        resource = self._server.world.resources.get(ApiPath(_NAMESPACED.sub("/", url.path)))
        if method == b"POST":
            self._write(_REVIEWED, status=b"201 Created")
        elif url.path in self._server.documents:
            self._write(self._server.documents[url.path])
        elif resource is None:
            self._write(b'{"kind":"Status","apiVersion":"v1","status":"Failure","code":404}', status=b"404 Not Found")
        elif "watch" in query:
            self._watch(resource, namespace, has_initial="sendInitialEvents" in query)
        else:
            self._list(resource, namespace, int(query.get("limit", "0")), int(query.get("continue", "0")))

    def _watch(self, resource: Resource, namespace: str, *, has_initial: bool) -> None:
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
        self._transport.write(head)
        watching = Watching(self._transport, namespace)
        self._watched.append((id(resource), watching))
        self._server.watches[id(resource)].add(watching)
        if not has_initial:
            return
        task = asyncio.create_task(self._send_initial(resource, namespace, watching))
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    async def _send_initial(self, resource: Resource, namespace: str, watching: Watching) -> None:
        objects = [*resource.of(namespace)]
        for start in range(0, len(objects), _WRITTEN):
            watching.send(b"".join(resource.event("ADDED", one) for one in objects[start : start + _WRITTEN]))
            await asyncio.sleep(0)
        version = next(self._server.world.versions)
        bookmark = b'{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"%d","annotations":%b}}}\n'
        watching.send(bookmark % (version, _END))

    def _list(self, resource: Resource, namespace: str, limit: int, start: int) -> None:
        objects = [*resource.of(namespace)]
        page = objects[start : start + limit] if limit else objects
        left = len(objects) - start - len(page)
        token = b',"continue":"%d","remainingItemCount":%d' % (start + limit, left) if left else b""
        self._write(
            b'{"kind":"%bList","apiVersion":"%b","metadata":{"resourceVersion":"%d"%b},"items":[%b]}'
            % (
                resource.kind.name.encode(),
                resource.kind.api_version.encode(),
                next(self._server.world.versions),
                token,
                b",".join(one.json for one in page),
            )
        )

    def _write(self, body: bytes, *, status: bytes = b"200 OK") -> None:
        head = b"HTTP/1.1 %b\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % (status, len(body))
        self._transport.write(head + body)


def _discovered(kinds: Iterable[Kind]) -> bytes:
    """Returns the document of the kinds that are served."""
    groups: defaultdict[tuple[str, str], list[object]] = defaultdict(list)
    for kind in kinds:
        scope, verbs = "Namespaced" if kind.namespaced else "Cluster", ["get", "list", "watch"]
        resource = {"resource": kind.plural, "responseKind": {"kind": kind.name}, "scope": scope, "verbs": verbs}
        groups[kind.group, kind.version].append(resource)
    items = [
        {"metadata": {"name": group}, "versions": [{"version": version, "resources": resources}]}
        for (group, version), resources in groups.items()
    ]
    return msgspec.json.encode({"kind": "APIGroupDiscoveryList", "items": items})


async def _serve(folder: Path, copies: int, certificates: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates / CERTIFICATE, certificates / KEY)
    server = ApiServer(World(folder, copies))
    loop = asyncio.get_running_loop()
    listening = await loop.create_server(lambda: Answering(server), "127.0.0.1", 0, ssl=context)
    print(listening.sockets[0].getsockname()[1], flush=True)
    commands = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(commands), sys.stdin)
    while line := (await commands.readline()).decode().split():
        await server.change(int(line[0]), float(line[1]), line[2:])
        print("done", flush=True)


if __name__ == "__main__":
    uvloop.run(_serve(Path(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])))
