"""The events of one watch request, as they arrive: one line of JSON for each.

Source: `watch.Event` of k8s.io/apimachinery; API servers separate events by line feeds, which their JSON has nowhere
else.
"""

from collections.abc import AsyncGenerator, Iterator
from enum import StrEnum
from hashlib import blake2b
from typing import Final

import msgspec

from k8s import errors
from k8s.transport.call import Call
from k8s.transport.status import status_error
from k8s.turns.turns import Pace
from k8s.watches.watchsource import Chunks

_END_OF_INITIAL: Final = "k8s.io/initial-events-end"
_LONGEST_TEXT: Final = 1024
"""Characters of a name, a uid or a resource version; real ones have a few hundred at most."""


class EventType(StrEnum):
    """The types of events; errors are raised instead."""

    ADDED = "ADDED"
    MODIFIED = "MODIFIED"
    DELETED = "DELETED"
    BOOKMARK = "BOOKMARK"


class ObjectMetadata(msgspec.Struct, rename="camel", gc=False):
    """The metadata by which objects are told apart, and put in their order."""

    name: str = ""
    namespace: str = ""
    uid: str = ""
    resource_version: str = ""
    annotations: dict[str, msgspec.Raw] | None = None


class WatchEvent(msgspec.Struct, gc=False):
    """One event.

    Attributes:
        type: What happened to the object.
        metadata: The object's metadata; of a bookmark, the version alone.
        object: The object's JSON without managed fields.
    """

    type: EventType
    metadata: ObjectMetadata
    object: bytes

    @property
    def ends_initial(self) -> bool:
        """Returns whether it is the bookmark behind the last of the initial events."""
        annotations = self.metadata.annotations
        return self.type is EventType.BOOKMARK and annotations is not None and _END_OF_INITIAL in annotations


class _Line(msgspec.Struct, gc=False):
    type: str
    object: dict[str, msgspec.Raw]


class _Kind(msgspec.Struct, gc=False):
    kind: str = ""


class _Code(msgspec.Struct, gc=False):
    code: int = 500


_LINES: Final = msgspec.json.Decoder(_Line)
_OBJECTS: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_METADATA: Final = msgspec.json.Decoder(ObjectMetadata)
_ENCODE: Final = msgspec.json.Encoder().encode
_KINDS: Final = msgspec.json.Decoder(_Kind)
_CODES: Final = msgspec.json.Decoder(_Code)
_INVALID: Final = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
_TYPES: Final = {str(member): member for member in EventType}


class NotWatched(errors.ProtocolBroken):
    """A list in place of a watch: simple aggregated servers ignore that a watch was asked for."""


class Silence(errors.TimedOut):
    """A watch from which nothing arrives any more, although its connection is open."""

    reason = "Silence"


async def watch_events(
    stream: Chunks, cluster: str, call: Call, *, most_bytes: int
) -> AsyncGenerator[list[WatchEvent], None]:
    """Yields the events that arrive together, until the server ends the watch.

    An event that is cut off by the end of the connection is left out: the watch that continues will have it.

    Args:
        stream: The body of the answer to `call`.
        cluster: The cluster's name, for messages.
        call: The request.
        most_bytes: The limit of one event.

    Raises:
        Gone: The version from which to watch is too old.
        NotWatched: The answer is a list.
        Silence: Nothing arrived for too long.
        ClusterError: Any other error that the server sends, or a line that is no event.
    """
    lines = _EventLines(cluster, call, most_bytes)
    pace = Pace()
    while chunk := await _chunk(stream, cluster, call):
        events: list[WatchEvent] = []
        for line in lines.of(chunk):
            events.append(_event(line, cluster, call))
            await pace.breathe()
        if events:
            yield events
    if _is_list(bytes(lines.rest)):
        raise _not_watched(cluster, call)


async def _chunk(stream: Chunks, cluster: str, call: Call) -> bytes:
    try:
        return await stream.chunk()
    except TimeoutError:
        raise Silence(cluster, f"nothing arrives any more from {call.verb} {call.target}.") from None


class _EventLines:
    """The lines of a stream; the last one may be incomplete."""

    def __init__(self, cluster: str, call: Call, most_bytes: int) -> None:
        self._cluster = cluster
        self._call = call
        self._most_bytes = most_bytes
        self.rest = bytearray()

    def of(self, chunk: bytes) -> Iterator[bytes]:
        """Yields the lines that end in the next bytes; raises `AnswerTooLarge` for one over the limit."""
        start = 0
        while (end := chunk.find(b"\n", start)) >= 0:
            line = chunk[start:end]
            if self.rest:
                self._add(line)
                line = bytes(self.rest)
                self.rest.clear()
            start = end + 1
            if line.strip():
                yield line
        if start < len(chunk):
            self._add(chunk[start:])

    def _add(self, piece: bytes) -> None:
        self.rest += piece
        if len(self.rest) > self._most_bytes:
            cause = (
                f"an event of its answer to {self._call.verb} {self._call.target} is larger than "
                f"{self._most_bytes / 2**20:g} MiB."
            )
            raise errors.AnswerTooLarge(self._cluster, cause)


def added_event(json: bytes, cluster: str, call: Call) -> WatchEvent:
    """Returns the event that adds an object of a list; raises `ProtocolBroken` if it is no object.

    Objects of aggregated APIs such as metrics.k8s.io have no versions: their content is one.
    """
    try:
        parts = _OBJECTS.decode(json)
    except _INVALID as error:
        raise _nonsense(cluster, call) from error
    return _checked(EventType.ADDED, parts, cluster, call, is_versioned=False)


def is_older(version: str, other: str) -> bool:
    """Returns whether a resource version of a resource is before another one; False if that is not known.

    Source: KEP-5504: they are decimals without leading zeros, of any length.
    """
    if not (version.isdecimal() and other.isdecimal()):
        return False
    return (len(version), version) < (len(other), other)


def _event(line: bytes, cluster: str, call: Call) -> WatchEvent:
    try:
        parsed = _LINES.decode(line)
        event_type = _TYPES.get(parsed.type)
    except _INVALID as error:
        raise (_not_watched(cluster, call) if _is_list(line) else _nonsense(cluster, call)) from error
    if parsed.type == "ERROR":
        raise _error(_ENCODE(parsed.object), cluster, call)
    if event_type is None:
        raise _nonsense(cluster, call)
    return _checked(event_type, parsed.object, cluster, call)


def _checked(
    event_type: EventType, parts: dict[str, msgspec.Raw], cluster: str, call: Call, *, is_versioned: bool = True
) -> WatchEvent:
    """Returns the event of an object of some parts, each of which is read once: objects have kilobytes."""
    try:
        fields = _OBJECTS.decode(parts["metadata"])
        if fields.pop("managedFields", None) is not None:
            parts["metadata"] = msgspec.Raw(_ENCODE(fields))
        metadata = _METADATA.decode(parts["metadata"])
    except (KeyError, *_INVALID) as error:
        raise _nonsense(cluster, call) from error
    json = _ENCODE(parts)
    if not is_versioned and not metadata.resource_version:
        metadata.resource_version = blake2b(json, digest_size=8).hexdigest()
    texts = (metadata.name, metadata.namespace, metadata.uid, metadata.resource_version)
    is_nameless = not metadata.name and event_type is not EventType.BOOKMARK
    if is_nameless or not metadata.resource_version or max(map(len, texts)) > _LONGEST_TEXT:
        raise _nonsense(cluster, call)
    return WatchEvent(event_type, metadata, json)


def _error(status: bytes, cluster: str, call: Call) -> errors.StatusError:
    try:
        code = _CODES.decode(status).code
    except msgspec.MsgspecError:
        code = 500
    return status_error(
        cluster, status=code if 400 <= code < 600 else 500, body=status, verb=call.verb, target=call.target
    )


def _nonsense(cluster: str, call: Call) -> errors.ProtocolBroken:
    return errors.ProtocolBroken(cluster, f"an event of its answer to {call.verb} {call.target} is none.")


def _is_list(line: bytes) -> bool:
    try:
        return bool(line) and _KINDS.decode(line).kind.endswith("List")
    except _INVALID:
        return False


def _not_watched(cluster: str, call: Call) -> NotWatched:
    return NotWatched(cluster, f"its answer to {call.verb} {call.target} is a list.")
