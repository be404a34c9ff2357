"""The rules of an identity in one namespace, in one answer of the API server's authorizers.

Roles only add rights, so one rule that allows is enough. The absence of a rule counts only if the server says that its
answer is complete (SelfSubjectRulesReview, authorization.k8s.io/v1 of the API reference).

A cluster may send any rules. So their number and memory are limited, and reading them yields to other tasks.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from time import perf_counter
from typing import Final

import msgspec

from k8s.apiserver.access import Permission
from k8s.errors import AnswerTooLarge, ClusterError, Forbidden, Invalid, ResourceNotFound, without_frames
from k8s.kinds.builtin import BUILT_IN
from k8s.kinds.kind import Kind
from k8s.reading.decoder import Decoder
from k8s.transport.call import Call
from k8s.transport.deadline import Deadline
from k8s.transport.path import RULES_REVIEWS
from k8s.transport.sender import Sender
from k8s.turns.turns import Pace

MOST_RULES: Final = 5000
MOST_WORDS: Final = 50_000
"""The limit of verbs, groups, resources and names of all rules together; each of them takes about 60 bytes.

The rules of `cluster-admin` are two with less than ten words, those of `admin` 40 with 500. A user of all three
aggregated roles of a cluster with 2,500 custom resources has 10,000 words, in 400 KB."""

_ALL: Final = "*"
_LIST: Final = "list"
_RULE_BYTES: Final = 250
_WORD_BYTES: Final = 60


class Rule(msgspec.Struct, frozen=True, rename="camel", gc=False):
    """One rule of RBAC; without `resource_names` it applies to all objects."""

    verbs: tuple[str, ...] | None = None
    api_groups: tuple[str, ...] | None = None
    resources: tuple[str, ...] | None = None
    resource_names: tuple[str, ...] | None = None

    @property
    def words(self) -> int:
        """Returns the number of verbs, groups, resources and names."""
        return sum(map(len, self._word_lists()))

    @property
    def size_bytes(self) -> int:
        """Returns the approximate size in memory."""
        characters = sum(len(word) for words in self._word_lists() for word in words)
        return _RULE_BYTES + self.words * _WORD_BYTES + characters

    def concerns(self, permission: Permission) -> bool:
        """Returns whether the rule allows a permission for at least some objects, ignoring the namespace.

        Source: `VerbMatches`, `APIGroupMatches` and `ResourceMatches` of Kubernetes' RBAC.
        """
        return (
            _has(self.verbs, permission.verb)
            and _has(self.api_groups, permission.group)
            and (_has(self.resources, _resource(permission)) or _has_subresource(self.resources, permission))
        )

    def listed(self) -> Iterable[Kind]:
        """Returns the namespaced built-in kinds of which the rule allows to list all objects."""
        if self.resource_names or not _has(self.verbs, _LIST):
            return ()
        resources = self.resources or ()
        plurals = _NAMESPACED.keys() if _ALL in resources else _NAMESPACED.keys() & resources
        if not plurals:
            return ()
        groups = frozenset(self.api_groups or ())
        kinds = [kind for plural in plurals for kind in _NAMESPACED[plural]]
        return kinds if _ALL in groups else [kind for kind in kinds if kind.group in groups]

    def _word_lists(self) -> Iterator[tuple[str, ...]]:
        yield from filter(None, (self.verbs, self.api_groups, self.resources, self.resource_names))


@dataclass(frozen=True, slots=True)
class Allowed:
    """The objects of one resource in one namespace for which an identity has a permission.

    Attributes:
        everything: Whether it has the permission for all of them.
        names: The objects that rules name.
        is_complete: Whether nothing else is allowed.
    """

    everything: bool
    names: Set[str]
    is_complete: bool

    def decide(self, name: str) -> bool | None:
        """Returns whether one object is allowed (all objects, if the name is empty); None if the rules leave it open.

        Source: `ResourceNameMatches` of Kubernetes' RBAC.
        """
        if self.everything or name in self.names:
            return True
        return False if self.is_complete else None


@dataclass(frozen=True, slots=True)
class Rules:
    """The rights of an identity in one namespace.

    Attributes:
        rules: All known rules.
        are_complete: Whether nothing else is allowed.
    """

    rules: tuple[Rule, ...]
    are_complete: bool

    async def allowed(self, permission: Permission) -> Allowed:
        """Returns the objects for which the rules allow a permission, ignoring its name and namespace."""
        names: set[str] = set()
        pace = Pace()
        for rule in self.rules:
            if rule.concerns(permission):
                if not rule.resource_names:
                    return Allowed(True, frozenset(), self.are_complete)
                names.update(rule.resource_names)
            if perf_counter() > pace.until_s:
                await pace.breathe()
        return Allowed(False, names, self.are_complete)

    async def listed(self) -> frozenset[Kind]:
        """Returns the namespaced built-in kinds of which the rules allow to list all objects of the namespace."""
        kinds: set[Kind] = set()
        pace = Pace()
        for rule in self.rules:
            kinds.update(rule.listed())
            if perf_counter() > pace.until_s:
                await pace.breathe()
        return frozenset(kinds)


class _RulesReviewStatus(msgspec.Struct, rename="camel"):
    resource_rules: tuple[Rule, ...] | None = None
    incomplete: bool | None = None


class _RulesReview(msgspec.Struct):
    status: _RulesReviewStatus


_REVIEW: Final = Decoder(_RulesReview)


async def read_rules(sender: Sender, deadline: Deadline, *, namespace: str) -> Rules | None:
    """Returns our rights in a namespace; None if the server, or a gateway before it, refuses the question.

    Raises:
        AnswerTooLarge: There are more rules than `MOST_RULES` and `MOST_WORDS` allow, or than a small answer holds.
        ClusterError: There was no answer, or the credential is not accepted.
    """
    body = msgspec.json.encode(
        {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectRulesReview",
            "spec": {"namespace": namespace},
        }
    )
    call = Call(RULES_REVIEWS, "create", "selfsubjectrulesreviews", body=body)
    try:
        return await _answered(sender, call, deadline)
    except (Forbidden, ResourceNotFound, Invalid):
        return None
    except ClusterError as error:
        raise without_frames(error) from error.__cause__


async def _answered(sender: Sender, call: Call, deadline: Deadline) -> Rules:
    cause = "its answer to a SelfSubjectRulesReview is invalid."
    try:
        answer = await sender.send(call, deadline)
        status = (await _REVIEW.answer(answer, cluster=sender.name, cause=cause)).status
        rules = status.resource_rules or ()
        _refuse_many(sender.name, rules)
    except AnswerTooLarge as error:
        cause = f"{error.cause} Bind the identity to fewer or narrower roles."
        raise AnswerTooLarge(sender.name, cause) from error
    return Rules(rules, not status.incomplete)


def _refuse_many(cluster: str, rules: tuple[Rule, ...]) -> None:
    if len(rules) > MOST_RULES:
        cause = f"its answer to a SelfSubjectRulesReview has {len(rules)} rules; the limit is {MOST_RULES}."
        raise AnswerTooLarge(cluster, cause)
    if sum(rule.words for rule in rules) > MOST_WORDS:
        raise AnswerTooLarge(
            cluster,
            "its answer to a SelfSubjectRulesReview lists more verbs, groups, resources and names than the limit, "
            f"{MOST_WORDS}.",
        )


def _has(allowed: tuple[str, ...] | None, word: str) -> bool:
    return allowed is not None and (_ALL in allowed or word in allowed)


def _has_subresource(allowed: tuple[str, ...] | None, permission: Permission) -> bool:
    """Returns whether the subresource is allowed for every resource."""
    return bool(permission.subresource) and f"*/{permission.subresource}" in (allowed or ())


def _resource(permission: Permission) -> str:
    return f"{permission.resource}/{permission.subresource}" if permission.subresource else permission.resource


def _namespaced() -> Mapping[str, tuple[Kind, ...]]:
    kinds_by_plural: defaultdict[str, tuple[Kind, ...]] = defaultdict(tuple)
    for kind in BUILT_IN:
        if kind.namespaced:
            kinds_by_plural[kind.plural] += (kind,)
    return dict(kinds_by_plural)


_NAMESPACED: Final = _namespaced()
"""The namespaced built-in kinds by plural."""
