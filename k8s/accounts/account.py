"""The service accounts that fleetgraph makes for itself: their names, labels and subjects.

An account represents a set of users and groups, and has the union of their grants. Its name is derived from that set.
So our credential is used for these names and this namespace only, and for no other account.
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
"""The limit of an account's subjects: a user with the most groups that FLEETGRAPH_MAX_GROUPS may allow."""

_HASH_CHARACTERS: Final = 32
_NAME: Final = re.compile(rf"{MANAGER}-[0-9a-f]{{{_HASH_CHARACTERS}}}", re.ASCII)
_MOST_ANNOTATION_BYTES: Final = 256 * 1024
"""API servers accept no more bytes in all annotations of an object together, in UTF-8 (`TotalAnnotationSizeLimitB` of
k8s.io/apimachinery)."""
_SUBJECTS: Final = Decoder(list[str])


@dataclass(frozen=True, slots=True)
class AccountOwner:
    """An installation of fleetgraph, as the owner of its objects in a cluster; those of others are never touched.

    Attributes:
        namespace: The namespace of its accounts.
        instance: Its id, a UUID.
    """

    namespace: str
    instance: str

    def __post_init__(self) -> None:
        checked_namespace(self.namespace)

    @property
    def labels(self) -> dict[str, str]:
        """Returns the labels of all objects that it makes."""
        return {MANAGED_BY: MANAGER, INSTANCE: self.instance}


@dataclass(frozen=True)
class Account:
    """One of our accounts.

    Attributes:
        owner: The installation that owns it.
        subjects: The users and groups that it represents, such as `user:alice` and `group:developers`; sorted, unique.
    """

    owner: AccountOwner
    subjects: tuple[str, ...]

    def __post_init__(self) -> None:
        if not self.subjects:
            raise ValueError("an account needs a subject")
        object.__setattr__(self, "subjects", tuple(sorted(set(self.subjects))))

    @cached_property
    def name(self) -> str:
        """Returns the name of the ServiceAccount, which is a function of the installation and the subjects."""
        encoded = json.dumps([self.owner.instance, *self.subjects]).encode()
        return f"{MANAGER}-{hashlib.sha256(encoded).hexdigest()[:_HASH_CHARACTERS]}"

    @property
    def namespace(self) -> str:
        """Returns the namespace of the ServiceAccount."""
        return self.owner.namespace

    @property
    def username(self) -> str:
        """Returns the user name that the API server gives the ServiceAccount."""
        return f"system:serviceaccount:{self.namespace}:{self.name}"

    @property
    def labels(self) -> dict[str, str]:
        """Returns the labels of the account and of its bindings."""
        return {**self.owner.labels, ACCOUNT: self.name}

    @property
    def subjects_annotation(self) -> str:
        """Returns the value of the annotation that lists the subjects."""
        return json.dumps(self.subjects, ensure_ascii=False)


def account_of(
    owner: AccountOwner, name: str, subjects_annotation: str, *, among: Set[str] | None = None
) -> Account | None:
    """Returns the account that a ServiceAccount is; None if its name does not match its subjects.

    Args:
        owner: The expected owner.
        name: The name of the ServiceAccount.
        subjects_annotation: Its annotation, whose author is unknown: its size is checked before it is decoded.
        among: The allowed subjects: None is returned for an account with others. None allows all.
    """
    if not _NAME.fullmatch(name):
        return None
    subjects = _decoded_subjects(subjects_annotation)
    if not subjects or (among is not None and not among >= set(subjects)):
        return None
    account = Account(owner, tuple(map(sys.intern, subjects)))  # thousands of accounts may share them
    return account if account.name == name else None


def _decoded_subjects(subjects_annotation: str) -> Sequence[str]:
    """Decodes an annotation; returns an empty list if it is invalid or too long."""
    if len(subjects_annotation) > _MOST_ANNOTATION_BYTES or _fewest_texts(subjects_annotation) > MOST_SUBJECTS:
        return ()
    try:
        encoded = subjects_annotation.encode()
        subjects = _SUBJECTS.decode(encoded) if len(encoded) <= _MOST_ANNOTATION_BYTES else []
    except (UnicodeEncodeError, Undecodable):
        return ()
    return subjects if len(subjects) <= MOST_SUBJECTS else ()


def _fewest_texts(encoded: str) -> int:
    """Counts the strings of a JSON text without parsing it: at least half of them, and never more than there are.

    Each has a quotation mark before it, which no backslash precedes, and one behind it, which may follow a backslash.
    """
    return (encoded.count('"') - encoded.count('\\"')) // 2
