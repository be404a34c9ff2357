"""The query parameters of lists and watches.

Source: `ListOptions` of k8s.io/apimachinery, its conversion from a query and its validation.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from snapshots.serving.selectors.fields import FieldSelector, parsed_fields
from snapshots.serving.selectors.labels import LabelSelector, parsed_labels
from snapshots.serving.status import Cause, RequestRefused, bad_request, invalid, quoted, unexplained

EXACT: Final = "Exact"
NOT_OLDER_THAN: Final = "NotOlderThan"

_INTEGER: Final = re.compile(r"[+-]?[0-9]{1,40}", re.ASCII)
_UNSIGNED: Final = re.compile(r"[0-9]{1,40}", re.ASCII)
_MATCH: Final = "resourceVersionMatch"
_INITIAL: Final = "sendInitialEvents"


@dataclass(frozen=True, slots=True, kw_only=True)
class ListOptions:
    """The options of a list or watch; omitted numbers are 0."""

    labels: LabelSelector
    fields: FieldSelector
    is_watch: bool
    allows_bookmarks: bool
    resource_version: str
    version_match: str
    timeout_s: int
    limit: int
    token: str
    sends_initial_events: bool | None


def list_options(query: Iterable[tuple[str, str]]) -> ListOptions:
    """Returns the options of a query.

    Raises:
        RequestRefused: An option is invalid, or options contradict each other.
    """
    parameters = _defaulted(dict(reversed(tuple(query))))
    options = ListOptions(  # in the order of API servers, which decides on the first error
        timeout_s=_integer(parameters.get("timeoutSeconds", "0")),
        limit=max(0, _integer(parameters.get("limit", "0"))),
        labels=parsed_labels(parameters.get("labelSelector", "")),
        fields=parsed_fields(parameters.get("fieldSelector", "")),
        is_watch=_is_set(parameters.get("watch")),
        allows_bookmarks=_is_set(parameters.get("allowWatchBookmarks")),
        resource_version=parameters.get("resourceVersion", ""),
        version_match=parameters.get(_MATCH, ""),
        token=parameters.get("continue", ""),
        sends_initial_events=_is_set(parameters[_INITIAL]) if _INITIAL in parameters else None,
    )
    if causes := _watch_causes(options) if options.is_watch else _list_causes(options):
        raise invalid("meta.k8s.io", "ListOptions", causes)
    return options


def _defaulted(parameters: dict[str, str]) -> dict[str, str]:
    """Returns the parameters with defaults: a watch without a version begins with the existing objects."""
    begins_anew = (
        parameters.get("resourceVersion", "") in {"", "0"} and _INITIAL not in parameters and not parameters.get(_MATCH)
    )
    if _is_set(parameters.get("watch")) and begins_anew:
        return {**parameters, _INITIAL: "true", _MATCH: NOT_OLDER_THAN}
    return parameters


def version_number(text: str, prefix: str = "") -> int:
    """Returns a resource version as a number; 0 if it is empty.

    Raises:
        RequestRefused: It is invalid. As in API servers, the status is 400 with a `prefix` (lists), else 500.
    """
    number = int(text) if _UNSIGNED.fullmatch(text) else 0 if not text else None
    if number is None or number >= 2**64:
        cause = "value out of range" if number is not None else "invalid syntax"
        message = f"resourceVersion: Invalid value: {quoted(text)}: strconv.ParseUint: parsing {quoted(text)}: {cause}"
        raise bad_request(f"{prefix}{message}") if prefix else unexplained(message)
    return number


def _is_set(text: str | None) -> bool:
    return text is not None and text.lower() not in {"false", "0"}


def _integer(text: str) -> int:
    if not _INTEGER.fullmatch(text):
        raise _unreadable(text, "invalid syntax")
    if not -(2**63) <= int(text) < 2**63:
        raise _unreadable(text, "value out of range")
    return int(text)


def _unreadable(text: str, cause: str) -> RequestRefused:
    return bad_request(f"strconv.ParseInt: parsing {quoted(text)}: {cause}")


def _list_causes(options: ListOptions) -> list[Cause]:
    causes = []
    if options.version_match:
        if not options.resource_version:
            causes.append(_forbidden(_MATCH, f"{_MATCH} is forbidden unless resourceVersion is provided"))
        if options.token:
            causes.append(_forbidden(_MATCH, f"{_MATCH} is forbidden when continue is provided"))
        if options.version_match not in {EXACT, NOT_OLDER_THAN}:
            causes.append(_not_supported(options.version_match, EXACT, NOT_OLDER_THAN, ""))
        if options.version_match == EXACT and options.resource_version == "0":
            causes.append(_forbidden(_MATCH, f'{_MATCH} "exact" is forbidden for resourceVersion "0"'))
    if options.sends_initial_events is not None:
        causes.append(_forbidden(_INITIAL, f"{_INITIAL} is forbidden for list"))
    return causes


def _watch_causes(options: ListOptions) -> list[Cause]:
    causes = []
    sends_initial_events = options.sends_initial_events is not None
    if sends_initial_events and options.version_match != NOT_OLDER_THAN:
        causes.append(_forbidden(_MATCH, f"{_INITIAL} requires setting {_MATCH} to {NOT_OLDER_THAN}"))
    if options.version_match:
        if not sends_initial_events:
            causes.append(_forbidden(_MATCH, f"{_MATCH} is forbidden for watch unless {_INITIAL} is provided"))
        if options.version_match != NOT_OLDER_THAN:
            causes.append(_not_supported(options.version_match, NOT_OLDER_THAN))
        if options.token:
            causes.append(_forbidden(_MATCH, f"{_MATCH} is forbidden when continue is provided"))
    return causes


def _forbidden(field: str, message: str) -> Cause:
    return Cause(field, "FieldValueForbidden", f"Forbidden: {message}")


def _not_supported(value: str, *supported: str) -> Cause:
    message = f"Unsupported value: {quoted(value)}: supported values: {', '.join(map(quoted, supported))}"
    return Cause(_MATCH, "FieldValueNotSupported", message)
