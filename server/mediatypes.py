"""Which media types requests and answers have (GraphQL over HTTP, "Media Types"; RFC 9110, section 12.5.1)."""

import re
from email.message import Message
from enum import StrEnum
from typing import Final, NamedTuple

from graph.payloadformat import PayloadFormat

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
    ranges = [found for word in accept.split(",") if (found := _parsed(word)) is not None]
    fits = {media_type: _fit(media_type, ranges) for media_type in MediaType}
    best = max(fits, key=lambda media_type: fits[media_type])
    return best if fits[best].quality > 0 else None


def payload_format(accept: str | None) -> PayloadFormat | None:
    """How payloads are written for who accepts `multipart/mixed` by name; None if it does not.

    Sources: https://github.com/graphql/graphql-over-http/blob/main/rfcs/IncrementalDelivery.md, and for the parameters
    Apollo's documentation: `deferSpec=20220824` is the format of 2022, `incrementalSpec=v0.2` that with ids.
    """
    for word in (accept or "").split(","):
        found = _parsed(word)
        if found is not None and found.name == MULTIPART and found.quality > 0:
            is_of_2022 = _text(_header(word), "deferSpec") == "20220824"
            return PayloadFormat.PATHS if is_of_2022 else PayloadFormat.IDS
    return None


def is_html_preferred(accept: str) -> bool:
    """Whether the caller names HTML, as browsers do, and does not name JSON before it."""
    ranges = [found for word in accept.split(",") if (found := _parsed(word)) is not None]
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
    header = _header(content_type)
    return header.get_content_type() == MediaType.JSON and _is_utf8(header)


def _fit(media_type: MediaType, ranges: list[_Range]) -> _Fit:
    """The most specific range decides, whatever its quality: `*/*, application/json;q=0` excludes JSON."""
    found = [
        (specificity, one.quality) for one in ranges if (specificity := one.specificity_for(media_type)) is not None
    ]
    specificity, quality = max(found, default=(0, 0.0))
    is_explicit = specificity == len(("type", "subtype"))
    return _Fit(quality, specificity, is_explicit == (media_type is MediaType.GRAPHQL_RESPONSE))


def _parsed(word: str) -> _Range | None:
    """One element of an Accept header; None for one that is malformed, or wants another charset."""
    name, has_parameters, _ = word.partition(";")
    name = name.strip().lower()
    if not has_parameters:
        return _Range(name, 1.0)
    header = _header(word)
    quality = _text(header, "q") or "1"
    if not _QUALITY.fullmatch(quality) or not _is_utf8(header):
        return None
    return _Range(name, float(quality))


def _is_utf8(header: Message) -> bool:
    charset = _text(header, "charset")
    return charset is None or charset.lower() in ("utf-8", "utf8")


def _text(header: Message, parameter: str) -> str | None:
    value = header.get_param(parameter)
    return value if isinstance(value, str) else None


def _header(value: str) -> Message:
    message = Message()
    message["Content-Type"] = value.strip().replace("\r", " ").replace("\n", " ")
    return message
