"""What an identity may do in one namespace, in one answer: the rules that its authorizers know.

Roles only ever add to each other, so a rule that allows is enough; that none does means something only where the
server says that it told all of them (SelfSubjectRulesReview, authorization.k8s.io/v1 of the API reference).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import msgspec

from k8s.access import Permission
from k8s.call import Call
from k8s.deadline import Deadline
from k8s.decoder import Decoder
from k8s.errors import Forbidden, NotFound
from k8s.path import RULES_REVIEWS
from k8s.sender import Sender

_ALL: Final = "*"


class Rule(msgspec.Struct, frozen=True, rename="camel"):
    """One rule, as RBAC writes it; without `resource_names` it is for all objects."""

    verbs: tuple[str, ...] | None = None
    api_groups: tuple[str, ...] | None = None
    resources: tuple[str, ...] | None = None
    resource_names: tuple[str, ...] | None = None

    def covers(self, permission: Permission) -> bool:
        """Whether it allows something of an object, the namespace apart.

        Source: `VerbMatches`, `APIGroupMatches`, `ResourceMatches` and `ResourceNameMatches` of Kubernetes' RBAC.
        """
        return self.concerns(permission) and (not self.resource_names or permission.name in self.resource_names)

    def concerns(self, permission: Permission) -> bool:
        """Whether it allows something at least of some objects."""
        return (
            _has(self.verbs, permission.verb)
            and _has(self.api_groups, permission.group)
            and (_has(self.resources, _resource(permission)) or _has_subresource(self.resources, permission))
        )


@dataclass(frozen=True, slots=True)
class Rules:
    """What an identity may do in one namespace.

    Attributes:
        rules: all that are known.
        are_complete: whether nothing else is allowed there.
    """

    rules: tuple[Rule, ...]
    are_complete: bool

    def allow(self, permission: Permission) -> bool | None:
        """Whether they allow something in their namespace; None where they do not decide it."""
        if any(rule.covers(permission) for rule in self.rules):
            return True
        return False if self.are_complete else None

    def names_allowed(self, permission: Permission) -> Iterator[str]:
        """The objects that rules name when they allow something of these only."""
        for rule in self.rules:
            if rule.concerns(permission):
                yield from rule.resource_names or ()


class _Status(msgspec.Struct, rename="camel"):
    resource_rules: list[Rule] | None = None
    incomplete: bool = False


class _Review(msgspec.Struct):
    status: _Status


_REVIEW: Final = Decoder(_Review)


async def read_rules(sender: Sender, deadline: Deadline, *, namespace: str) -> Rules | None:
    """What we may do in a namespace; None where the server's RBAC forbids to ask.

    Raises:
        ClusterError: no answer, or the credential is not accepted.
    """
    body = msgspec.json.encode(
        {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectRulesReview",
            "spec": {"namespace": namespace},
        }
    )
    try:
        answer = await sender.send(Call(RULES_REVIEWS, "create", "selfsubjectrulesreviews", body=body), deadline)
    except (Forbidden, NotFound):
        return None
    cause = "it answers a SelfSubjectRulesReview with something else."
    status = _REVIEW.answer(answer, cluster=sender.name, cause=cause).status
    return Rules(tuple(status.resource_rules or ()), not status.incomplete)


def _has(allowed: tuple[str, ...] | None, wanted: str) -> bool:
    return allowed is not None and (_ALL in allowed or wanted in allowed)


def _has_subresource(allowed: tuple[str, ...] | None, wanted: Permission) -> bool:
    """Whether the subresource is allowed of every resource."""
    return bool(wanted.subresource) and f"*/{wanted.subresource}" in (allowed or ())


def _resource(permission: Permission) -> str:
    return f"{permission.resource}/{permission.subresource}" if permission.subresource else permission.resource
