"""The service accounts that fleetgraph makes for itself: by what they are called and recognised.

An account stands for a set of users and groups whose grants add up to its rights. Its name is derived from that set, so
nothing else can be asked for under our credential: not another account, and not another namespace.
"""

import hashlib
import json
import re
import sys
from collections.abc import Sequence, Set
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from k8s.reading.decoder import Decoder, Undecodable
from k8s.transport.path import checked_namespace

MANAGED_BY: Final = "app.kubernetes.io/managed-by"
MANAGER: Final = "fleetgraph"
INSTANCE: Final = "fleetgraph.dev/instance"
ACCOUNT: Final = "fleetgraph.dev/account"
SUBJECTS: Final = "fleetgraph.dev/subjects"

MOST_SUBJECTS: Final = 1001
"""Whom an account stands for at most: a user with the most groups that FLEETGRAPH_MAX_GROUPS may allow."""

_HASH_CHARACTERS: Final = 32
_NAME: Final = re.compile(rf"{MANAGER}-[0-9a-f]{{{_HASH_CHARACTERS}}}", re.ASCII)
_MOST_ANNOTATION_BYTES: Final = 256 * 1024
"""API servers accept no more in all annotations of an object together, in UTF-8 (`TotalAnnotationSizeLimitB` of
k8s.io/apimachinery)."""
_SUBJECTS: Final = Decoder(list[str])


@dataclass(frozen=True, slots=True)
class Household:
    """What belongs to one installation of fleetgraph in a cluster; another one's is never touched.

    Attributes:
        namespace: Where its accounts are.
        instance: Its id, a UUID.
    """

    namespace: str
    instance: str

    def __post_init__(self) -> None:
        checked_namespace(self.namespace)

    @property
    def labels(self) -> dict[str, str]:
        """The labels of all that it has made."""
        return {MANAGED_BY: MANAGER, INSTANCE: self.instance}


@dataclass(frozen=True)
class Account:
    """One of our accounts.

    Attributes:
        household: Whose it is.
        subjects: Whom it stands for, as `user:alice` and `group:developers`; sorted, without repetition.
    """

    household: Household
    subjects: tuple[str, ...]

    def __post_init__(self) -> None:
        if not self.subjects:
            raise ValueError("an account stands for somebody")
        object.__setattr__(self, "subjects", tuple(sorted(set(self.subjects))))

    @cached_property
    def name(self) -> str:
        """The name of the ServiceAccount: the same for the same subjects of the same installation."""
        encoded = json.dumps([self.household.instance, *self.subjects]).encode()
        return f"{MANAGER}-{hashlib.sha256(encoded).hexdigest()[:_HASH_CHARACTERS]}"

    @property
    def namespace(self) -> str:
        """Where it is."""
        return self.household.namespace

    @property
    def username(self) -> str:
        """Whom the API server takes it for."""
        return f"system:serviceaccount:{self.namespace}:{self.name}"

    @property
    def labels(self) -> dict[str, str]:
        """The labels of the account and of its bindings."""
        return {**self.household.labels, ACCOUNT: self.name}

    @property
    def subjects_annotation(self) -> str:
        """Whom it stands for, as its annotation says it."""
        return json.dumps(self.subjects, ensure_ascii=False)


def account_of(
    household: Household, name: str, subjects_annotation: str, *, among: Set[str] | None = None
) -> Account | None:
    """The account that a ServiceAccount is; None if its name is not that of whom it claims to stand for.

    Args:
        household: Whose it would be.
        name: The ServiceAccount's.
        subjects_annotation: What its annotation says, whoever wrote that: it is measured before anything is made of it.
        among: All that an account may stand for: None for one that stands for anybody else. None: for anybody.
    """
    if not _NAME.fullmatch(name):
        return None
    subjects = _decoded_subjects(subjects_annotation)
    if not subjects or (among is not None and not among >= set(subjects)):
        return None
    account = Account(household, tuple(map(sys.intern, subjects)))  # thousands of accounts may stand for the same
    return account if account.name == name else None


def _decoded_subjects(subjects_annotation: str) -> Sequence[str]:
    """Reads an annotation; empty if it is none of ours, or longer than one can be."""
    if len(subjects_annotation) > _MOST_ANNOTATION_BYTES or _fewest_texts(subjects_annotation) > MOST_SUBJECTS:
        return ()
    try:
        encoded = subjects_annotation.encode()
        subjects = _SUBJECTS.decode(encoded) if len(encoded) <= _MOST_ANNOTATION_BYTES else []
    except (UnicodeEncodeError, Undecodable):
        return ()
    return subjects if len(subjects) <= MOST_SUBJECTS else ()


def _fewest_texts(encoded: str) -> int:
    """Counts texts of JSON without reading it: at least half of them, and never more than there are.

    Each has a quotation mark before it, which no backslash precedes, and one behind it, which may follow a backslash.
    """
    return (encoded.count('"') - encoded.count('\\"')) // 2
