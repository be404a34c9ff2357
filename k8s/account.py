"""The service accounts that fleetgraph makes for itself: by what they are called and recognised.

An account stands for a set of users and groups whose grants add up to its rights. Its name is derived from that set, so
nothing else can be asked for under our credential: not another account, and not another namespace.
"""

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from k8s.path import checked_namespace

MANAGED_BY: Final = "app.kubernetes.io/managed-by"
MANAGER: Final = "fleetgraph"
INSTANCE: Final = "fleetgraph.dev/instance"
ACCOUNT: Final = "fleetgraph.dev/account"
SUBJECTS: Final = "fleetgraph.dev/subjects"

_HASH_CHARACTERS: Final = 32
_MOST_TOLD_CHARACTERS: Final = 256 * 1024
"""API servers accept no more in all annotations of an object together."""


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
        told = json.dumps([self.household.instance, *self.subjects]).encode()
        return f"{MANAGER}-{hashlib.sha256(told).hexdigest()[:_HASH_CHARACTERS]}"

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
    def told_subjects(self) -> str:
        """Whom it stands for, as its annotation says it."""
        return json.dumps(self.subjects, ensure_ascii=False)


def account_of(household: Household, name: str, told_subjects: str) -> Account | None:
    """The account that a ServiceAccount is; None if its name is not that of whom it claims to stand for."""
    if len(told_subjects) > _MOST_TOLD_CHARACTERS:
        return None
    try:
        subjects: object = json.loads(told_subjects)
    except (ValueError, RecursionError):
        return None
    if not isinstance(subjects, list) or not subjects or not all(isinstance(each, str) for each in subjects):
        return None
    account = Account(household, tuple(subjects))
    return account if account.name == name else None
