"""A simulated API server: lists, watches with history, rights, and everything that may go wrong with them."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from copy import deepcopy
from typing import Any

import msgspec

from k8s import errors
from k8s.transport.body import OnPrefix
from k8s.transport.call import Call
from k8s.transport.deadline import Deadline
from k8s.transport.status import status_error

Key = tuple[str, str]
Object = dict[str, Any]
_BOOKMARK_S = 55.0


class SimulatedApi:
    """The objects of one cluster, and its streams.

    Attributes:
        objects: The objects by plural, and namespace and name.
        allowed: The plurals that may be listed.
        is_down: Whether no request arrives.
        has_bookmarks: Whether streams have bookmarks.
        serves_initial: Whether streams can begin with all objects.
        watched: The number of streams so far.
    """

    def __init__(self, name: str, *plurals: str, version: int = 100) -> None:
        self.name = name
        self.objects: dict[str, dict[Key, Object]] = {plural: {} for plural in plurals}
        self.allowed = set(plurals)
        self.is_down = False
        self.has_bookmarks = self.serves_initial = True
        self.version = version
        self.watched = 0
        self._oldest = version
        self._uids = 0
        self._history: list[tuple[int, str, str, bytes]] = []
        self._streams: set[_Stream] = set()

    def put(self, plural: str, namespace: str, name: str, **fields: Any) -> None:
        """Creates an object, or replaces its fields."""
        known = self.objects[plural].get((namespace, name))
        self.version += 1
        self._uids += known is None
        metadata = {"name": name, "uid": known["metadata"]["uid"] if known else f"{self.name}-{self._uids}"}
        metadata |= {"resourceVersion": str(self.version)} | ({"namespace": namespace} if namespace else {})
        labels = fields.pop("labels", None)
        new = {"metadata": metadata | ({"labels": labels} if labels else {}), **fields}
        self.objects[plural][namespace, name] = new
        self._tell(plural, "MODIFIED" if known else "ADDED", new)

    def delete(self, plural: str, key: Key) -> None:
        """Deletes an object."""
        old = self.objects[plural].pop(key)
        self.version += 1
        self._tell(plural, "DELETED", {**old, "metadata": old["metadata"] | {"resourceVersion": str(self.version)}})

    def compact(self) -> None:
        """Forgets the history: older versions cannot be continued."""
        self.forget(before=self.version)

    def forget(self, *, before: int) -> None:
        """Forgets the history before a version."""
        self._oldest = before
        self._history = [event for event in self._history if event[0] > before]

    def saved(self) -> tuple[int, dict[str, dict[Key, Object]]]:
        """Returns a backup."""
        return self.version, deepcopy(self.objects)

    def restore(self, backup: tuple[int, dict[str, dict[Key, Object]]]) -> None:
        """Goes back to a backup, as a restored etcd with restarted API servers does."""
        self.version, self.objects = backup[0], deepcopy(backup[1])
        self._uids += 1000
        self.compact()
        self.cut()

    def cut(self) -> None:
        """Breaks all streams."""
        for stream in tuple(self._streams):
            stream.events.put_nowait(None)

    @asynccontextmanager
    async def stream(self, call: Call, *, answer_s: float, silence_s: float) -> AsyncIterator["_Stream"]:
        """Yields a watch."""
        await asyncio.sleep(0.001)
        self._check(call)
        query, plural = dict(call.query), str(call.path).split("/")[-1]
        stream = _Stream(self, plural)
        if query.get("sendInitialEvents"):
            if not self.serves_initial:
                raise status_error(self.name, status=422, body=b"", verb=call.verb, target=call.target)
            for one in self.objects[plural].values():
                stream.events.put_nowait(_line("ADDED", one))
            end = {"resourceVersion": str(self.version), "annotations": {"k8s.io/initial-events-end": "true"}}
            stream.events.put_nowait(_line("BOOKMARK", {"metadata": end}))
        else:
            since = int(query["resourceVersion"])
            if since < self._oldest or since > self.version:
                status = 410 if since < self._oldest else 504
                raise status_error(self.name, status=status, body=b"", verb=call.verb, target=call.target)
            for version, of, _type, line in self._history:
                if of == plural and version > since:
                    stream.events.put_nowait(line)
        self._streams.add(stream)
        self.watched += 1
        try:
            yield stream
        finally:
            self._streams.discard(stream)

    async def send(self, call: Call, deadline: Deadline, *, on_prefix: OnPrefix | None = None) -> bytes:
        """Returns a list, or a review of a right."""
        await asyncio.sleep(0.001)
        if call.body is not None:
            if self.is_down:
                raise errors.Unreachable(self.name, "it is down.")
            resource = json.loads(call.body)["spec"]["resourceAttributes"]["resource"]
            return json.dumps({"status": {"allowed": resource in self.allowed}}).encode()
        self._check(call)
        plural = str(call.path).split("/")[-1]
        items = [*self.objects[plural].values()]
        listed = {"kind": "List", "metadata": {"resourceVersion": str(self.version)}, "items": items}
        return json.dumps(listed).encode()

    async def close(self) -> None:
        """Ends all streams."""
        self.cut()

    def _check(self, call: Call) -> None:
        if self.is_down:
            raise errors.Unreachable(self.name, "it is down.")
        if str(call.path).split("/")[-1] not in self.allowed:
            raise errors.Forbidden(self.name, f"its RBAC does not allow to list {call.target}.", status=403)

    def _tell(self, plural: str, event: str, one: Object) -> None:
        line = _line(event, one)
        self._history.append((self.version, plural, event, line))
        for stream in self._streams:
            if stream.plural == plural:
                stream.events.put_nowait(line)


class _Stream:
    def __init__(self, api: SimulatedApi, plural: str) -> None:
        self.plural = plural
        self.events: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._api = api
        self._is_cut = False

    async def chunk(self) -> bytes:
        """Returns the events that are there."""
        if self._is_cut:
            return b""
        try:
            async with asyncio.timeout(_BOOKMARK_S):
                events = [await self.events.get()]
        except TimeoutError:
            if not self._api.has_bookmarks:
                return await self.chunk()
            return _line("BOOKMARK", {"metadata": {"resourceVersion": str(self._api.version)}})
        while not self.events.empty():
            events.append(self.events.get_nowait())
        if None in events:
            self._is_cut = True
            events = events[: events.index(None)]
        return b"".join(event for event in events if event is not None)


def _line(event: str, one: Object) -> bytes:
    return msgspec.json.encode({"type": event, "object": one}) + b"\n"
