"""Translation of an HTTP status and a Kubernetes Status body into an error."""

from collections.abc import Mapping
from typing import Final

import msgspec

from k8s import errors
from k8s.credentials.fault import Presented
from k8s.reading.decoder import Decoder, Undecodable


class StatusDetails(msgspec.Struct):
    """The subject of a refusal."""

    kind: str | None = None
    name: str | None = None


class Status(msgspec.Struct):
    """The fields of a `Status` that are used; `message` can hold anything, so it is never shown."""

    kind: str | None = None
    reason: str | None = None
    details: StatusDetails | None = None
    message: str | None = None


_DECODER = Decoder(Status)
_BY_STATUS: dict[int, type[errors.StatusError]] = {
    401: errors.Unauthenticated,
    403: errors.Forbidden,
    404: errors.ResourceNotFound,
    409: errors.Conflict,
    410: errors.Gone,
    429: errors.TooManyRequests,
}
_CAUSES: dict[int, str] = {
    401: "it does not accept the stored credential; import the cluster again with a valid one",
    403: "its RBAC does not allow to {verb} {target}",
    404: "it has no {target}",
    410: "the list changed too much while it was read",
    429: "it sheds load",
}
_SELECTORS: Final[Mapping[str, tuple[tuple[str, ...], str]]] = {
    "fieldSelector": (
        ("field selector", "fieldselector", "field label"),
        "it refuses the fieldSelector for {target} (HTTP 400); use only fields that the kind supports",
    ),
    "labelSelector": (
        ("label selector", "labelselector", "unable to parse requirement"),
        "it refuses the labelSelector for {target} (HTTP 400); see the syntax of Kubernetes' label selectors",
    ),
}
"""The selectors of a list: words of API servers' messages about each, and the cause."""
_ANSWERED: Final = "it answered HTTP {status} to {verb} {target}"


def status_error(
    cluster: str,
    *,
    status: int,
    body: bytes,
    verb: str,
    target: str,
    query: tuple[tuple[str, str], ...] = (),
    presented: Presented | None = None,
    is_passed_on: bool = False,
) -> errors.StatusError:
    """Returns the error for an answer with an HTTP status of 400 or more to a request for `target`, such as `pods`.

    A list with a selector is refused for that selector only if the server's message is about it. The error names the
    fault of the credential that was `presented`, if its own dates show one, after a 401, and after another refusal that
    is no Status: proxies answer so that check client certificates. A refusal by the server to which a request
    `is_passed_on` is invalid, as it says nothing about the credential.
    """
    try:
        answered = _DECODER.decode(body)
    except Undecodable:
        answered = Status()
    is_of_other = is_passed_on and answered.kind != "Status"
    error_type, cause = _BY_STATUS.get(status), _CAUSES.get(status, _ANSWERED)
    if is_of_other:
        presented = None
    if is_of_other and status in {401, 403}:
        error_type, cause = errors.Invalid, _ANSWERED
    error_type = error_type or (errors.ServerFailed if status >= 500 else errors.Invalid)
    reason = _word(answered.reason)
    if error_type is errors.Invalid and reason is not None:
        cause = f"it answered HTTP {{status}} ({reason}) to {{verb}} {{target}}"
    if status == 400 and verb == "list" and (selector := _refused_selector(query, answered.message or "")):
        error_type, (_, cause) = errors.SelectorRefused, _SELECTORS[selector]
    text = f"{cause.format(verb=verb, target=target, status=status)}."
    fault = presented.fault() if presented and (status == 401 or (status < 500 and answered.kind != "Status")) else ""
    if fault and status == 401:
        text = _refused_credential(fault, is_issued=bool(presented and presented.is_issued))
    elif fault:
        text = with_fault(text, fault)
    error = error_type(cluster, text, status=status, reason=reason)
    error.fault = fault
    error.is_about_object = bool(answered.details and answered.details.name)
    error.is_of_kubernetes = answered.kind == "Status"
    return error


def _refused_selector(query: tuple[tuple[str, str], ...], message: str) -> str | None:
    """Returns the selector of a request that a message is about, or None."""
    present, lowered = {name for name, value in query if value}, message.lower()
    about = (name for name, (words, _) in _SELECTORS.items() if any(word in lowered for word in words))
    return next((name for name in about if name in present), None)


def with_fault(cause: str, fault: str) -> str:
    """Returns a cause, and behind it the fault of the credential that may be behind it."""
    return f"{cause} Its credential is not valid: {fault}; import the cluster again with a valid one."


def _refused_credential(fault: str, *, is_issued: bool) -> str:
    if is_issued:
        return f"it does not accept the issued credential: {fault}; let its source, such as an exec plugin, renew it."
    return f"it does not accept the stored credential: {fault}; import the cluster again with a valid one."


def _word(reason: str | None) -> str | None:
    """Returns a reason of Kubernetes, which is a single CamelCase word; other texts are not repeated."""
    return reason if reason and len(reason) <= 40 and reason.isascii() and reason.isalpha() else None
