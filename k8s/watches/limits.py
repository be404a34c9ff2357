"""Limits of watches."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WatchLimits:
    """Limits of the watches of one cluster.

    Attributes:
        answer_s: Seconds until the head of an answer.
        initial_s: Seconds until the end of the initial events; then the objects are listed.
        initial_idle_s: Seconds between two initial events, and until their end after the last.
        page_s: Seconds for one page of such a list.
        silence_s: Seconds without a whole event, although bookmarks were asked for, after which a connection is lost.
        least_s, most_s: The range of seconds from which the server's end of a watch is chosen.
        poll_s: Seconds between two lists of objects that cannot be watched.
        event_bytes: Bytes of one event, and of one object of a list.
        review_s: Seconds between two reviews of the right to a watch.
        review_timeout_s: Seconds for one of them.
        unreviewed_s: Seconds without an answer to a review, after which a watch is requested anew.
        list_s: Seconds for a whole list.
    """

    answer_s: float = 30.0
    initial_s: float = 60.0
    initial_idle_s: float = 10.0
    page_s: float = 30.0
    silence_s: float = 90.0
    least_s: int = 1800
    most_s: int = 3600
    poll_s: float = 15.0
    event_bytes: int = 8 * 1024 * 1024
    review_s: float = 8.0
    review_timeout_s: float = 5.0
    unreviewed_s: float = 30.0
    list_s: float = 600.0
