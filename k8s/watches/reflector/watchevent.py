"""One event of a watch, or one object of a list, with what is needed of its metadata."""

from enum import StrEnum
from hashlib import blake2b
from typing import Final

import msgspec

from k8s import errors
from k8s.reading.decodingcost import LONGEST_S, SMALL_BYTES, decoding_s
from k8s.transport.call import Call
from k8s.transport.status import status_error

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

    def __repr__(self) -> str:
        """Names the object alone: its JSON may have values of a Secret, which are not masked yet."""
        return f"WatchEvent({self.type}, {self.metadata.namespace}/{self.metadata.name})"

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
    """A list in place of a watch, or objects without versions: of a simple aggregated server, whose lists are read."""


def too_large(cluster: str, call: Call, most_bytes: int) -> errors.AnswerTooLarge:
    """Returns the error for an object that is too large to be held."""
    size = f"{most_bytes / 2**20:g}"
    return errors.AnswerTooLarge(cluster, f"an object of its answer to {call.verb} {call.target} is over {size} MiB.")


def added_event(json: bytes | msgspec.Raw, cluster: str, call: Call, *, most_bytes: int) -> WatchEvent:
    """Returns the event that adds an object of a list; raises `ProtocolBroken` if it is no object, or too large.

    Objects of aggregated APIs such as metrics.k8s.io have no versions: their content is one.
    """
    size_bytes = memoryview(json).nbytes  # a list's objects are not copied
    if size_bytes > most_bytes:
        raise too_large(cluster, call, most_bytes)
    if size_bytes > SMALL_BYTES:
        _require_cheap(bytes(json), cluster, call)
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


def require_not_older(version: str, reached: str, cluster: str) -> None:
    """Raises ProtocolBroken if a version is before the one that was reached, so that all objects are read again."""
    if is_older(version, reached):
        raise errors.ProtocolBroken(cluster, "its resource versions went back, as after a restore from a backup.")


def _require_cheap(json: bytes, cluster: str, call: Call) -> None:
    """Refuses an object with so many values that the event loop would stop while it is decoded."""
    if decoding_s(json) > LONGEST_S:
        cause = f"an object of its answer to {call.verb} {call.target} has more values than are decoded at once."
        raise errors.AnswerTooLarge(cluster, cause)


def event_of(line: bytes, cluster: str, call: Call) -> WatchEvent:
    """Returns the event of a line of a watch; raises ClusterError for an error that the server sends, or no event."""
    _require_cheap(line, cluster, call)
    try:
        parsed = _LINES.decode(line)
        event_type = _TYPES.get(parsed.type)
    except _INVALID as error:
        raise (not_watched(cluster, call) if is_list(line) else _nonsense(cluster, call)) from error
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
    is_bookmark = event_type is EventType.BOOKMARK
    if not metadata.resource_version and not is_bookmark:
        raise NotWatched(cluster, f"the objects of its answer to {call.verb} {call.target} have no resource versions.")
    is_nameless = not metadata.name and not is_bookmark
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


def is_list(line: bytes) -> bool:
    """Returns whether a line is a list."""
    try:
        return bool(line) and _KINDS.decode(line).kind.endswith("List")
    except _INVALID:
        return False


def not_watched(cluster: str, call: Call) -> NotWatched:
    """Returns the error for a list in place of a watch."""
    return NotWatched(cluster, f"its answer to {call.verb} {call.target} is a list.")
