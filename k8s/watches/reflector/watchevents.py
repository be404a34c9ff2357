"""The events of one watch request, as they arrive: one line of JSON for each.

Source: `watch.Event` of k8s.io/apimachinery; API servers separate events by line feeds, which their JSON has nowhere
else.
"""

from collections.abc import AsyncGenerator, Iterator
from time import monotonic

from k8s import errors
from k8s.transport.call import Call
from k8s.turns.turns import Pace
from k8s.watches.reflector.watchevent import WatchEvent, event_of, is_list, not_watched, too_large
from k8s.watches.watchsource import Chunks


class Silence(errors.TimedOut):
    """A watch from which nothing arrives any more, although its connection is open."""

    reason = "Silence"


async def watch_events(
    stream: Chunks, cluster: str, call: Call, *, most_bytes: int, silence_s: float
) -> AsyncGenerator[list[WatchEvent], None]:
    """Yields the events that arrive together, until the server ends the watch.

    An event that is cut off by the end of the connection is left out: the watch that continues will have it.

    Args:
        stream: The body of the answer to `call`.
        cluster: The cluster's name, for messages.
        call: The request.
        most_bytes: The limit of one event.
        silence_s: Seconds without a whole event after which bytes are no sign of life.

    Raises:
        Gone: The version from which to watch is too old.
        NotWatched: The answer is a list.
        Silence: No whole event arrived for too long.
        ClusterError: Any other error that the server sends, or a line that is no event.
    """
    lines = _EventLines(cluster, call, most_bytes)
    pace, until_s = Pace(), monotonic() + silence_s
    while chunk := await _chunk(stream, cluster, call):
        events: list[WatchEvent] = []
        for line in lines.of(chunk):
            if line.strip():
                events.append(event_of(line, cluster, call))
            await pace.breathe()
        if events:
            yield events
            until_s = monotonic() + silence_s
        elif monotonic() > until_s:
            raise _silence(cluster, call)
    if is_list(bytes(lines.rest)):
        raise not_watched(cluster, call)


async def _chunk(stream: Chunks, cluster: str, call: Call) -> bytes:
    try:
        return await stream.chunk()
    except TimeoutError:
        raise _silence(cluster, call) from None


def _silence(cluster: str, call: Call) -> Silence:
    return Silence(cluster, f"no event arrives any more from {call.verb} {call.target}.")


class _EventLines:
    """The lines of a stream; the last one may be incomplete."""

    def __init__(self, cluster: str, call: Call, most_bytes: int) -> None:
        self._cluster = cluster
        self._call = call
        self._most_bytes = most_bytes
        self.rest = bytearray()

    def of(self, chunk: bytes) -> Iterator[bytes]:
        """Yields the lines that end in the next bytes, or are empty; raises `AnswerTooLarge` for one over the limit."""
        start = 0
        while (end := chunk.find(b"\n", start)) >= 0:
            line = chunk[start:end]
            if self.rest:
                self._add(line)
                line = bytes(self.rest)
                self.rest.clear()
            start = end + 1
            yield line
        if start < len(chunk):
            self._add(chunk[start:])

    def _add(self, piece: bytes) -> None:
        self.rest += piece
        if len(self.rest) > self._most_bytes:
            raise too_large(self._cluster, self._call, self._most_bytes)
