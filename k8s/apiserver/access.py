"""The identity of a credential at its cluster, and its permissions, by the cluster's own reviews.

Reviews change nothing: they are created, answered and forgotten (authentication.k8s.io/v1, authorization.k8s.io/v1 of
the API reference). Every authenticated user may create them, unless an administrator has removed `system:basic-user`.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass

import msgspec

from k8s.errors import Forbidden, Invalid, ResourceNotFound
from k8s.kinds.kind import Kind
from k8s.reading.decoder import Decoder
from k8s.transport.call import Call
from k8s.transport.deadline import Deadline
from k8s.transport.path import ACCESS_REVIEWS, SUBJECT_REVIEWS
from k8s.transport.sender import Sender
from k8s.turns.steps import start

_SUBJECT_REVIEW_BODY = msgspec.json.encode({"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"})


@dataclass(frozen=True, slots=True)
class ClusterIdentity:
    """The user that the API server takes a credential for.

    Attributes:
        user: The user name in RBAC.
        groups: The groups in RBAC.
    """

    user: str
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Permission:
    """One verb on one resource; `*` means all of them.

    Attributes:
        namespace: The namespace; empty for all, and for resources without.
        name: The name of the object; empty for all.
        subresource: The subresource, such as `log`; empty for the object itself.
    """

    verb: str
    group: str
    resource: str
    namespace: str = ""
    name: str = ""
    subresource: str = ""

    @classmethod
    def to_list(cls, kind: Kind) -> "Permission":
        """Returns the permission to list all objects of a kind."""
        return cls("list", kind.group, kind.plural)


EVERYTHING = Permission("*", "*", "*")
"""The permission of the ClusterRole `cluster-admin`."""


class _UserInfo(msgspec.Struct):
    username: str | None = None
    groups: list[str] | None = None


class _SubjectReviewStatus(msgspec.Struct, rename="camel"):
    user_info: _UserInfo


class _SubjectReview(msgspec.Struct):
    status: _SubjectReviewStatus


class _AccessReviewStatus(msgspec.Struct):
    allowed: bool


class _AccessReview(msgspec.Struct):
    status: _AccessReviewStatus


_SUBJECT_REVIEW = Decoder(_SubjectReview)
_ACCESS_REVIEW = Decoder(_AccessReview)


async def read_identity(sender: Sender, deadline: Deadline) -> ClusterIdentity:
    """Returns our identity.

    Raises:
        ClusterError: There was no answer, the credential is not accepted, or the question is refused: before
            Kubernetes 1.28, by the server's RBAC, or by a gateway in front of it.
    """
    call = Call(SUBJECT_REVIEWS, "create", "selfsubjectreviews", body=_SUBJECT_REVIEW_BODY)
    body = await sender.send(call, deadline)
    cause = "its answer to a SelfSubjectReview is invalid."
    user = (await _SUBJECT_REVIEW.answer(body, cluster=sender.name, cause=cause)).status.user_info
    return ClusterIdentity(user.username or "", tuple(user.groups or ()))


async def read_permissions(
    sender: Sender, deadline: Deadline, *, permissions: Iterable[Permission]
) -> dict[Permission, bool] | None:
    """Returns whether each permission is held; None if the server, or a gateway before it, refuses the question.

    Raises:
        ClusterError: There was no answer, or the credential is not accepted.
    """
    permissions = tuple(permissions)
    try:
        answers = await asyncio.gather(
            *(start(_is_allowed(sender, deadline, permission)) for permission in permissions)
        )
    except (Forbidden, ResourceNotFound, Invalid):
        return None
    return dict(zip(permissions, answers, strict=True))


async def _is_allowed(sender: Sender, deadline: Deadline, permission: Permission) -> bool:
    body = await sender.send(
        Call(ACCESS_REVIEWS, "create", "selfsubjectaccessreviews", body=_review(permission)), deadline
    )
    cause = "its answer to a SelfSubjectAccessReview is invalid."
    return (await _ACCESS_REVIEW.answer(body, cluster=sender.name, cause=cause)).status.allowed


def _review(permission: Permission) -> bytes:
    attributes = {"verb": permission.verb, "group": permission.group, "resource": permission.resource}
    narrowed = {"namespace": permission.namespace, "name": permission.name, "subresource": permission.subresource}
    attributes |= {key: value for key, value in narrowed.items() if value}
    return msgspec.json.encode(
        {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": attributes},
        }
    )
