"""Which media types requests and answers have (GraphQL over HTTP, "Media Types"; RFC 9110, section 12.5.1)."""

import re
from collections.abc import Iterator
from enum import StrEnum
from typing import Final, NamedTuple

from graph.incremental.format import PayloadFormat
from server.http.mediaranges import MediaRange, media_ranges, media_type

_QUALITY: Final = re.compile(r"0(\.[0-9]{0,3})?|1(\.0{0,3})?", re.ASCII)


MULTIPART: Final = "multipart/mixed"
"""What answers in payloads are."""


class MediaType(StrEnum):
    """What answers are."""

    GRAPHQL_RESPONSE = "application/graphql-response+json"
    JSON = "application/json"


class _Fit(NamedTuple):
    """How well a type fits, in the order that decides."""

    quality: float
    specificity: int
    is_preferred: bool


class _Range(NamedTuple):
    name: str
    quality: float

    def specificity_for(self, media_type: MediaType) -> int | None:
        """2 for the type itself, 1 for `application/*`, 0 for `*/*`, None if it is not in the range."""
        names = ("*/*", f"{media_type.partition('/')[0]}/*", media_type.value)
        return names.index(self.name) if self.name in names else None


def negotiate(accept: str | None) -> MediaType | None:
    """The media type of the answer; None if the caller accepts none that there is.

    Who names no preference gets `application/json`, which every client reads; who names both equally gets the type
    whose status codes mean something.
    """
    if accept is None or not accept.strip():
        return MediaType.JSON
    ranges = list(_ranges(accept))
    fits = {media_type: _fit(media_type, ranges) for media_type in MediaType}
    best = max(fits, key=lambda media_type: fits[media_type])
    return best if fits[best].quality > 0 else None


def payload_format_of(accept: str | None) -> PayloadFormat | None:
    """How payloads are written for who accepts `multipart/mixed` by name; None if it does not.

    Sources: https://github.com/graphql/graphql-over-http/blob/main/rfcs/IncrementalDelivery.md, and for the parameters
    Apollo's documentation: `deferSpec=20220824` is the format of 2022, `incrementalSpec=v0.2` that with ids.
    """
    for one in media_ranges(accept or ""):
        if one.name == MULTIPART and (_quality(one) or 0) > 0:
            is_of_2022 = one.parameters.get("deferspec") == "20220824"
            return PayloadFormat.PATHS if is_of_2022 else PayloadFormat.IDS
    return None


def is_html_preferred(accept: str) -> bool:
    """Whether the caller names HTML, as browsers do, and does not name JSON before it."""
    ranges = list(_ranges(accept))
    html, json = (
        max((one.quality for one in ranges if one.name == name), default=0.0) for name in ("text/html", MediaType.JSON)
    )
    return html > json


def is_json(content_type: str | None) -> bool:
    """Whether a request's body is said to be JSON in UTF-8."""
    if content_type is None:
        return False
    if content_type == MediaType.JSON:
        return True
    found = media_type(content_type)
    return found is not None and found.name == MediaType.JSON and _is_utf8(found)


def _fit(media_type: MediaType, ranges: list[_Range]) -> _Fit:
    """The most specific range decides, whatever its quality: `*/*, application/json;q=0` excludes JSON."""
    found = [
        (specificity, one.quality) for one in ranges if (specificity := one.specificity_for(media_type)) is not None
    ]
    specificity, quality = max(found, default=(0, 0.0))
    is_explicit = specificity == len(("type", "subtype"))
    return _Fit(quality, specificity, is_explicit == (media_type is MediaType.GRAPHQL_RESPONSE))


def _ranges(accept: str) -> Iterator[_Range]:
    """The ranges of an Accept header, without those whose quality is no quality, or that want another charset."""
    for one in media_ranges(accept):
        quality = _quality(one)
        if quality is not None:
            yield _Range(one.name, quality)


def _quality(one: MediaRange) -> float | None:
    """How much a range is wanted; None if it cannot be served."""
    quality = one.parameters.get("q", "1")
    return float(quality) if _QUALITY.fullmatch(quality) and _is_utf8(one) else None


def _is_utf8(one: MediaRange) -> bool:
    return one.parameters.get("charset", "utf-8").lower() in ("utf-8", "utf8")
