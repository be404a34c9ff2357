"""Translation of an answer's status and body into an error that reveals nothing secret."""

import json

import pytest

from k8s.credentials.credential import Secret
from k8s.credentials.fault import Presented
from k8s.errors import ErrorCode
from k8s.transport.status import status_error


def _body(**fields: object) -> bytes:
    return json.dumps({"kind": "Status", "apiVersion": "v1", "status": "Failure"} | fields).encode()


@pytest.mark.parametrize(
    ("status", "code", "retryable", "reason"),
    [
        (400, ErrorCode.INVALID, False, "Invalid"),
        (401, ErrorCode.UNAUTHENTICATED, False, "Unauthorized"),
        (403, ErrorCode.FORBIDDEN, False, "Forbidden"),
        (404, ErrorCode.NOT_FOUND, False, "NotFound"),
        (409, ErrorCode.CONFLICT, True, "Conflict"),
        (410, ErrorCode.GONE, True, "Expired"),
        (418, ErrorCode.INVALID, False, "Invalid"),
        (422, ErrorCode.INVALID, False, "Invalid"),
        (429, ErrorCode.TOO_MANY_REQUESTS, True, "TooManyRequests"),
        (500, ErrorCode.CLUSTER_UNREACHABLE, True, "ServerFailed"),
        (503, ErrorCode.CLUSTER_UNREACHABLE, True, "ServerFailed"),
    ],
)
def test_each_status_has_its_error(status: int, code: ErrorCode, retryable: bool, reason: str) -> None:
    error = status_error("alpha", status=status, body=b"", verb="list", target="pods")

    assert (error.code, error.retryable, error.reason, error.status) == (code, retryable, reason, status)
    assert error.cluster == "alpha"
    assert str(error).startswith("cluster 'alpha': ")


@pytest.mark.parametrize("verb", ["get", "create"])
def test_what_else_is_not_understood_is_no_selector(verb: str) -> None:
    error = status_error("alpha", status=400, body=b"", verb=verb, target="pods")

    assert (error.code, error.reason) == (ErrorCode.INVALID, "Invalid")


def test_the_server_s_own_reason_is_kept() -> None:
    error = status_error("alpha", status=410, body=_body(reason="ResourceExpired"), verb="list", target="pods")

    assert error.reason == "ResourceExpired"


def test_a_refusal_names_verb_and_target() -> None:
    error = status_error("alpha", status=403, body=_body(reason="Forbidden"), verb="list", target="pods")

    assert str(error) == "cluster 'alpha': its RBAC does not allow to list pods."


BY_FIELD = (("limit", "500"), ("fieldSelector", "spec.x=1"))
BY_LABEL = (("limit", "500"), ("labelSelector", "app"))
ABOUT_FIELD = 'Unable to find "/v1, Resource=pods" that match label selector "", field selector "spec.x=1": s3cret'


@pytest.mark.parametrize(
    ("query", "message", "selector"),
    [
        (BY_FIELD, ABOUT_FIELD, "fieldSelector"),
        (BY_FIELD, "field label not supported: spec.x", "fieldSelector"),
        (BY_FIELD, '"spec.x" is not a known field selector: only "metadata.name"', "fieldSelector"),
        (BY_FIELD + BY_LABEL, ABOUT_FIELD, "fieldSelector"),
        (BY_LABEL, "unable to parse requirement: s3cret", "labelSelector"),
        (BY_FIELD + BY_LABEL, "Unable to parse requirement: s3cret", "labelSelector"),
    ],
)
def test_pt_3_a_selector_that_the_server_names_is_refused(
    query: tuple[tuple[str, str], ...], message: str, selector: str
) -> None:
    body = _body(reason="BadRequest", message=message)

    error = status_error("alpha", status=400, body=body, verb="list", target="pods", query=query)

    assert (error.code, error.retryable, error.reason) == (ErrorCode.BAD_USER_INPUT, False, "BadRequest")
    assert f"it refuses the {selector} for pods (HTTP 400); " in str(error)
    assert "s3cret" not in f"{error} {error!r} {vars(error)}"


@pytest.mark.parametrize(
    ("query", "body"),
    [
        ((), _body(reason="BadRequest", message=ABOUT_FIELD)),
        ((("fieldSelector", ""),), _body(reason="BadRequest", message=ABOUT_FIELD)),
        (BY_LABEL, _body(reason="BadRequest", message="field label not supported: spec.x")),
        (BY_FIELD, _body(reason="BadRequest", message="the request is too short")),
        (BY_FIELD, _body(reason="BadRequest")),
    ],
)
def test_another_refusal_of_a_list_keeps_its_reason(query: tuple[tuple[str, str], ...], body: bytes) -> None:
    error = status_error("alpha", status=400, body=body, verb="list", target="pods", query=query)

    assert (error.code, error.retryable, error.reason) == (ErrorCode.INVALID, False, "BadRequest")
    assert str(error) == "cluster 'alpha': it answered HTTP 400 (BadRequest) to list pods."


def test_a_refusal_of_another_server_is_no_selector() -> None:
    error = status_error("alpha", status=400, body=b"<html>", verb="list", target="pods", query=BY_FIELD)

    assert (error.code, error.reason) == (ErrorCode.INVALID, "Invalid")


@pytest.mark.parametrize(
    "body",
    [
        b"<html>s3cret",
        _body(message="s3cret"),
        _body(reason="s3cret token"),
        _body(reason="s3cret" * 10),
        _body(details={"causes": [{"message": "s3cret"}]}),
        b'{"reason": 7}',
        b'{"details": "s3cret"}',
        b"\xff\xfe",
    ],
)
def test_nothing_else_of_the_body_is_shown(body: bytes) -> None:
    error = status_error("alpha", status=500, body=body, verb="list", target="pods")

    assert "s3cret" not in f"{error} {error!r} {error.reason} {vars(error)}"


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        (_body(details={"name": "web", "kind": "pods"}), True),
        (_body(details={"kind": "pods"}), False),
        (_body(details={"name": ""}), False),
        (b"404 page not found\n", False),
    ],
)
def test_an_object_that_is_missing_differs_from_a_kind_that_is_not_served(body: bytes, wanted: bool) -> None:
    error = status_error("alpha", status=404, body=body, verb="get", target="pods web")

    assert error.is_about_object is wanted


@pytest.mark.parametrize(
    ("status", "body", "cause"),
    [
        (401, _body(kind="Status"), "it does not accept the stored credential: {fault}; import the cluster again"),
        (401, b"<html>", "it does not accept the stored credential: {fault}; import the cluster again"),
        (400, b"<html>", "it answered HTTP 400 to get pods. Its credential is not valid: {fault}; import the cluster"),
        (403, b"", "its RBAC does not allow to get pods. Its credential is not valid: {fault}; import the cluster"),
        (403, _body(kind="Status"), "its RBAC does not allow to get pods."),
        (404, _body(kind="Status"), "it has no pods."),
        (500, b"<html>", "it answered HTTP 500 to get pods."),
    ],
)
def test_the_known_fault_of_a_credential_is_said(status: int, body: bytes, cause: str) -> None:
    presented = Presented(token=Secret("canary.eyJleHAiOjE3MDAwMDAwMDB9.canary"))

    error = status_error("alpha", status=status, body=body, verb="get", target="pods", presented=presented)

    fault = "the token expired on 2023-11-14 at 22:13 UTC"
    assert error.cause.startswith(cause.format(fault=fault))
    assert error.fault == (fault if "{fault}" in cause else "")
    assert "canary" not in str(error)


def test_an_issued_token_is_renewed_by_its_source() -> None:
    presented = Presented(token=Secret("a.eyJleHAiOjE3MDAwMDAwMDB9.c"), is_issued=True)

    error = status_error("alpha", status=401, body=b"", verb="get", target="pods", presented=presented)

    assert error.cause == (
        "it does not accept the issued credential: the token expired on 2023-11-14 at 22:13 UTC; "
        "let its source, such as an exec plugin, renew it."
    )
