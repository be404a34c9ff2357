"""What a snapshot says of who asks: everybody is `snapshot`, who may read everything and write nothing."""

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


class _Spec(msgspec.Struct, rename="camel"):
    resource_attributes: _Attributes | None = None
    non_resource_attributes: _Attributes | None = None
    namespace: str = ""


class _Review(msgspec.Struct):
    kind: str = ""
    spec: msgspec.Raw = msgspec.Raw(b"{}")


_REVIEW = msgspec.json.Decoder(_Review)
_SPEC = msgspec.json.Decoder(_Spec)


def _subject(_spec: _Spec) -> object:
    return {"userInfo": {"username": USER, "groups": list(GROUPS)}}


def _access(spec: _Spec) -> object:
    asked = spec.resource_attributes or spec.non_resource_attributes
    if asked is None or (spec.resource_attributes and spec.non_resource_attributes):
        said = "Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified"
        raise invalid(_AUTHORIZATION, "", [Cause("spec", "FieldValueInvalid", said)])
    if asked.verb in READS:
        return {"allowed": True}
    return {"allowed": False, "reason": "a snapshot is read-only"}


def _rules(spec: _Spec) -> object:
    if not spec.namespace:
        raise bad_request("no namespace on request")
    return {
        "resourceRules": [{"verbs": sorted(READS), "apiGroups": ["*"], "resources": ["*"]}],
        "nonResourceRules": [{"verbs": ["get"], "nonResourceURLs": ["*"]}],
        "incomplete": False,
    }


_REVIEWS: Final[Mapping[tuple[str, ...], tuple[str, Callable[[_Spec], object]]]] = MappingProxyType(
    {
        ("apis", _AUTHENTICATION, "v1", "selfsubjectreviews"): ("SelfSubjectReview", _subject),
        ("apis", _AUTHORIZATION, "v1", "selfsubjectaccessreviews"): ("SelfSubjectAccessReview", _access),
        ("apis", _AUTHORIZATION, "v1", "selfsubjectrulesreviews"): ("SelfSubjectRulesReview", _rules),
    }
)


def is_review(segments: tuple[str, ...]) -> bool:
    """Whether a path is one of the reviews'."""
    return segments in _REVIEWS


def reviewed(segments: tuple[str, ...], body: bytes) -> object:
    """The answer to a review.

    Raises:
        Refused: the body is no such review, or asks for nothing.
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
