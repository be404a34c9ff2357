"""Errors in the words of API servers: `Status` objects with reason, message and code, and quoted strings.

Source: `errors` of k8s.io/apimachinery; the tests compare them with a real API server's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from k8s.kinds.kind import Kind

_TOO_OLD: Final = (
    "The provided continue parameter is too old to display a consistent list result. You can start a new list without "
    "the continue parameter, or use the continue token in this response to retrieve the remainder of the results. "
    "Continuing with the provided token results in an inconsistent list - objects that were created, modified, or "
    "deleted between the time the first chunk was returned and now may show up in the list."
)

_ESCAPES: Final = {
    "\a": "\\a", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v", '"': '\\"', "\\": "\\\\",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cause:
    """The fault of one parameter."""

    field: str
    reason: str
    message: str


class RequestRefused(Exception):
    """A response with an HTTP status of 400 or more; `document` is its Status."""

    def __init__(self, code: int, reason: str, message: str, *, details: object = None, token: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.document: dict[str, object] = {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {"continue": token} if token else {},
            "status": "Failure",
            "message": message,
            **({"reason": reason} if reason else {}),
            **({"details": details} if details is not None else {}),
            "code": code,
        }

    @property
    def body(self) -> bytes:
        """Returns the Status as JSON."""
        return msgspec.json.encode(self.document) + b"\n"


def bad_request(message: str) -> RequestRefused:
    """Returns 400: a parameter is invalid."""
    return RequestRefused(400, "BadRequest", message)


def no_such_resource() -> RequestRefused:
    """Returns 404: no such path, group, version or kind."""
    return RequestRefused(404, "NotFound", "the server could not find the requested resource", details={})


def no_such_object(kind: Kind, name: str) -> RequestRefused:
    """Returns 404: the kind is served, but has no object of that name."""
    group = {"group": kind.group} if kind.group else {}
    return RequestRefused(
        404, "NotFound", f'{kind} "{name}" not found', details={"name": name, **group, "kind": kind.plural}
    )


def not_allowed() -> RequestRefused:
    """Returns 405: a snapshot is read-only."""
    return RequestRefused(
        405, "MethodNotAllowed", "the server does not allow this method on the requested resource", details={}
    )


def not_acceptable() -> RequestRefused:
    """Returns 406: only JSON is supported."""
    return RequestRefused(406, "NotAcceptable", "only the following media types are accepted: application/json")


def expired(token: str = "") -> RequestRefused:
    """Returns 410: the version of a list is not retained any more; `token` continues in the current version."""
    message = _TOO_OLD if token else "The resourceVersion for the provided list is too old."
    return RequestRefused(410, "Expired", message, token=token)


def version_gone(requested: int, oldest: int) -> RequestRefused:
    """Returns 410: changes since that version are not retained any more."""
    return RequestRefused(410, "Expired", f"too old resource version: {requested} ({oldest})")


def version_unknown(requested: int, current: int) -> RequestRefused:
    """Returns 504: a resource version that is not reached yet."""
    message = "Too large resource version"
    details = {"causes": [{"reason": "ResourceVersionTooLarge", "message": message}], "retryAfterSeconds": 1}
    return RequestRefused(504, "Timeout", f"Timeout: {message}: {requested}, current: {current}", details=details)


def internal(message: str) -> RequestRefused:
    """Returns 500: the content is invalid."""
    return RequestRefused(500, "InternalError", message)


def unexplained(message: str) -> RequestRefused:
    """Returns 500 without a reason, as API servers do for some unexpected values."""
    return RequestRefused(500, "", message)


def invalid(group: str, kind: str, causes: Sequence[Cause]) -> RequestRefused:
    """Returns 422: contradictory parameters, or an invalid body."""
    lines = [f"{cause.field}: {cause.message}" for cause in causes]
    summary = lines[0] if len(lines) == 1 else f"[{', '.join(lines)}]"
    cause_details = [{"reason": cause.reason, "message": cause.message, "field": cause.field} for cause in causes]
    details = {"group": group, **({"kind": kind} if kind else {}), "causes": cause_details}
    return RequestRefused(422, "Invalid", f'{kind}.{group} "" is invalid: {summary}', details=details)


def quoted(text: str) -> str:
    """Returns the text in quotation marks, with unprintable characters escaped, as Go's `strconv.Quote` does."""
    return '"' + "".join(_ESCAPES.get(character) or _escaped(character) for character in text) + '"'


def _escaped(character: str) -> str:
    if character.isprintable():
        return character
    code = ord(character)
    if code < 0x80:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
