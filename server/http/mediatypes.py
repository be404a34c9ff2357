"""Media types of requests and responses (GraphQL over HTTP, "Media Types"; RFC 9110, section 12.5.1)."""

import re
from collections.abc import Iterator
from enum import StrEnum
from typing import Final, NamedTuple, Self

from graph.incremental.payloads import PayloadFormat
from server.http.mediaranges import MediaRange, media_ranges, media_type

_QUALITY: Final = re.compile(r"0(\.[0-9]{0,3})?|1(\.0{0,3})?", re.ASCII)


MULTIPART: Final = "multipart/mixed"
"""The media type of responses in payloads."""
EVENT_STREAM: Final = "text/event-stream"
"""The media type of server-sent events."""


class MediaType(StrEnum):
    """A media type of whole responses."""

    GRAPHQL_RESPONSE = "application/graphql-response+json"
    JSON = "application/json"


class StreamFormat(StrEnum):
    """A format of responses that have no end of their own, those to subscriptions."""

    EVENTS = "events"
    """Server-sent events (`graphql-sse`, distinct connections)."""
    PARTS = "parts"
    """Apollo's multipart subscriptions."""


class Acceptance(NamedTuple):
    """The responses that a client accepts, by its Accept header.

    Attributes:
        media_type: The media type of whole responses; None if it accepts none that exists.
        payload_format: The format of responses in payloads; None if it does not accept them.
        stream_format: The format of responses to subscriptions; None if it does not accept them.
    """

    media_type: MediaType | None
    payload_format: PayloadFormat | None
    stream_format: StreamFormat | None

    @classmethod
    def of(cls, accept: str | None) -> Self:
        """Returns what the functions of this module find."""
        return cls(negotiate(accept), payload_format_of(accept), stream_format_of(accept))


class _Fit(NamedTuple):
    """The fit of a type, in the order that decides."""

    quality: float
    specificity: int
    is_preferred: bool


class _Range(NamedTuple):
    name: str
    quality: float

    def specificity_for(self, media_type: MediaType) -> int | None:
        """Returns 2 for the type itself, 1 for `application/*`, 0 for `*/*`, None if it is not in the range."""
        names = ("*/*", f"{media_type.partition('/')[0]}/*", media_type.value)
        return names.index(self.name) if self.name in names else None


def negotiate(accept: str | None) -> MediaType | None:
    """Returns the media type of the response; None if the client accepts none that exists.

    Without a preference it is `application/json`, which every client reads; if both are named equally, it is the type
    whose status codes have a meaning.
    """
    if accept is None or not accept.strip():
        return MediaType.JSON
    ranges = list(_ranges(accept))
    fits = {media_type: _fit(media_type, ranges) for media_type in MediaType}
    best = max(fits, key=lambda media_type: fits[media_type])
    return best if fits[best].quality > 0 else None


def payload_format_of(accept: str | None) -> PayloadFormat | None:
    """Returns the format of payloads if the client accepts `multipart/mixed` by name, else None.

    Sources: https://github.com/graphql/graphql-over-http/blob/main/rfcs/IncrementalDelivery.md, and for the parameters
    Apollo's documentation: `deferSpec=20220824` is the format of 2022, `incrementalSpec=v0.2` the one with ids.
    """
    for media_range in media_ranges(accept or ""):
        is_of_payloads = media_range.name == MULTIPART and not _is_of_subscriptions(media_range)
        if is_of_payloads and (_quality(media_range) or 0) > 0:
            is_of_2022 = media_range.parameters.get("deferspec") == "20220824"
            return PayloadFormat.PATHS if is_of_2022 else PayloadFormat.IDS
    return None


def stream_format_of(accept: str | None) -> StreamFormat | None:
    """Returns the format of streams that the client prefers, the first of several; None if it names none."""
    best, quality = None, 0.0
    for media_range in media_ranges(accept or ""):
        named = _stream_format(media_range)
        if named is not None and (own := _quality(media_range) or 0.0) > quality:
            best, quality = named, own
    return best


def _stream_format(media_range: MediaRange) -> StreamFormat | None:
    if media_range.name == EVENT_STREAM:
        return StreamFormat.EVENTS
    return StreamFormat.PARTS if _is_of_subscriptions(media_range) else None


def _is_of_subscriptions(media_range: MediaRange) -> bool:
    return media_range.name == MULTIPART and media_range.parameters.get("subscriptionspec") == "1.0"


def is_html_preferred(accept: str) -> bool:
    """Returns whether the client names HTML, as browsers do, and does not prefer JSON."""
    ranges = list(_ranges(accept))
    html, json = (
        max((one.quality for one in ranges if one.name == name), default=0.0) for name in ("text/html", MediaType.JSON)
    )
    return html > json


def is_json(content_type: str | None) -> bool:
    """Returns whether a request's Content-Type is JSON in UTF-8."""
    if content_type is None:
        return False
    if content_type == MediaType.JSON:
        return True
    parsed = media_type(content_type)
    return parsed is not None and parsed.name == MediaType.JSON and _is_utf8(parsed)


def _fit(media_type: MediaType, ranges: list[_Range]) -> _Fit:
    """Returns the fit of a type.

    The most specific range decides, with any quality: `*/*, application/json;q=0` excludes JSON.
    """
    fits = [
        (specificity, one.quality) for one in ranges if (specificity := one.specificity_for(media_type)) is not None
    ]
    specificity, quality = max(fits, default=(0, 0.0))
    is_explicit = specificity == len(("type", "subtype"))
    return _Fit(quality, specificity, is_explicit == (media_type is MediaType.GRAPHQL_RESPONSE))


def _ranges(accept: str) -> Iterator[_Range]:
    """Yields the ranges of an Accept header, without those of an invalid quality, or of another charset."""
    for media_range in media_ranges(accept):
        quality = _quality(media_range)
        if quality is not None:
            yield _Range(media_range.name, quality)


def _quality(media_range: MediaRange) -> float | None:
    """Returns the quality of a range; None if it cannot be served."""
    quality = media_range.parameters.get("q", "1")
    return float(quality) if _QUALITY.fullmatch(quality) and _is_utf8(media_range) else None


def _is_utf8(media_range: MediaRange) -> bool:
    return media_range.parameters.get("charset", "utf-8").lower() in ("utf-8", "utf8")
