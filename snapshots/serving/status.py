"""Refusals, as API servers write them: `Status` objects with reason, message and code.

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


@dataclass(frozen=True, slots=True)
class Cause:
    """What is wrong with one parameter."""

    field: str
    reason: str
    message: str


class Refused(Exception):
    """An answer with an HTTP status of 400 or more; `document` is its Status."""

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
        """The Status as JSON."""
        return msgspec.json.encode(self.document) + b"\n"


def bad_request(message: str) -> Refused:
    """400: a parameter cannot be read."""
    return Refused(400, "BadRequest", message)


def no_such_resource() -> Refused:
    """404: no such path, group, version or kind."""
    return Refused(404, "NotFound", "the server could not find the requested resource", details={})


def no_such_object(kind: Kind, name: str) -> Refused:
    """404: the kind is served, but there is no object of that name."""
    group = {"group": kind.group} if kind.group else {}
    return Refused(404, "NotFound", f'{kind} "{name}" not found', details={"name": name, **group, "kind": kind.plural})


def not_allowed() -> Refused:
    """405: a snapshot is read-only."""
    return Refused(
        405, "MethodNotAllowed", "the server does not allow this method on the requested resource", details={}
    )


def not_acceptable() -> Refused:
    """406: only JSON is spoken here."""
    return Refused(406, "NotAcceptable", "only the following media types are accepted: application/json")


def expired(token: str = "") -> Refused:
    """410: the version of a list is not kept any more; `token`, for one that was continued, goes on in the present."""
    message = _TOO_OLD if token else "The resourceVersion for the provided list is too old."
    return Refused(410, "Expired", message, token=token)


def version_gone(asked: int, oldest: int) -> Refused:
    """410: changes since so long ago are not kept."""
    return Refused(410, "Expired", f"too old resource version: {asked} ({oldest})")


def version_unknown(asked: int, current: int) -> Refused:
    """504: a resource version that is not reached yet."""
    message = "Too large resource version"
    details = {"causes": [{"reason": "ResourceVersionTooLarge", "message": message}], "retryAfterSeconds": 1}
    return Refused(504, "Timeout", f"Timeout: {message}: {asked}, current: {current}", details=details)


def internal(message: str) -> Refused:
    """500: what the content holds is at fault."""
    return Refused(500, "InternalError", message)


def unexplained(message: str) -> Refused:
    """500 without a reason: API servers' answer to what they did not expect in some places."""
    return Refused(500, "", message)


def invalid(group: str, kind: str, causes: Sequence[Cause]) -> Refused:
    """422: parameters or a body that contradict themselves."""
    listed = [f"{cause.field}: {cause.message}" for cause in causes]
    said = listed[0] if len(listed) == 1 else f"[{', '.join(listed)}]"
    shown = [{"reason": cause.reason, "message": cause.message, "field": cause.field} for cause in causes]
    details = {"group": group, **({"kind": kind} if kind else {}), "causes": shown}
    return Refused(422, "Invalid", f'{kind}.{group} "" is invalid: {said}', details=details)
