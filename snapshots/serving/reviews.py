"""Self-reviews of a snapshot: every client is the user `snapshot`, with read access to everything."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

import msgspec

from snapshots.serving.status import Cause, bad_request, invalid

USER: Final = "snapshot"
GROUPS: Final = ("system:authenticated",)
READS: Final = frozenset({"get", "list", "watch"})

_AUTHENTICATION: Final = "authentication.k8s.io"
_AUTHORIZATION: Final = "authorization.k8s.io"


class _Attributes(msgspec.Struct):
    verb: str = ""


class _ReviewSpec(msgspec.Struct, rename="camel"):
    resource_attributes: _Attributes | None = None
    non_resource_attributes: _Attributes | None = None
    namespace: str = ""


class _SelfReview(msgspec.Struct):
    kind: str = ""
    spec: msgspec.Raw = msgspec.Raw(b"{}")


_REVIEW = msgspec.json.Decoder(_SelfReview)
_SPEC = msgspec.json.Decoder(_ReviewSpec)


def _subject(_spec: _ReviewSpec) -> object:
    return {"userInfo": {"username": USER, "groups": list(GROUPS)}}


def _access(spec: _ReviewSpec) -> object:
    attributes = spec.resource_attributes or spec.non_resource_attributes
    if attributes is None or (spec.resource_attributes and spec.non_resource_attributes):
        message = "Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified"
        raise invalid(_AUTHORIZATION, "", [Cause("spec", "FieldValueInvalid", message)])
    if attributes.verb in READS:
        return {"allowed": True}
    return {"allowed": False, "reason": "a snapshot is read-only"}


def _rules(spec: _ReviewSpec) -> object:
    if not spec.namespace:
        raise bad_request("no namespace on request")
    return {
        "resourceRules": [{"verbs": sorted(READS), "apiGroups": ["*"], "resources": ["*"]}],
        "nonResourceRules": [{"verbs": ["get"], "nonResourceURLs": ["*"]}],
        "incomplete": False,
    }


_REVIEWS: Final[Mapping[tuple[str, ...], tuple[str, Callable[[_ReviewSpec], object]]]] = MappingProxyType(
    {
        ("apis", _AUTHENTICATION, "v1", "selfsubjectreviews"): ("SelfSubjectReview", _subject),
        ("apis", _AUTHORIZATION, "v1", "selfsubjectaccessreviews"): ("SelfSubjectAccessReview", _access),
        ("apis", _AUTHORIZATION, "v1", "selfsubjectrulesreviews"): ("SelfSubjectRulesReview", _rules),
    }
)


def is_review(segments: tuple[str, ...]) -> bool:
    """Returns whether a path is that of a review."""
    return segments in _REVIEWS


def reviewed(segments: tuple[str, ...], body: bytes) -> object:
    """Returns the response to a review.

    Raises:
        RequestRefused: The body is not such a review, or is empty.
    """
    kind, answer = _REVIEWS[segments]
    try:
        review = _REVIEW.decode(body)
        spec = _SPEC.decode(review.spec)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise bad_request(f"the object provided is unrecognized (must be of type {kind})") from error
    if review.kind not in {"", kind}:
        raise bad_request(f"the object provided is unrecognized (must be of type {kind})")
    api_version = "/".join(segments[1:3])
    return {"kind": kind, "apiVersion": api_version, "metadata": {}, "spec": review.spec, "status": answer(spec)}
