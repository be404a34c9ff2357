"""The subjects of bindings of roles: users, groups and service accounts.

Source: `SubjectsStrings` in kubernetes/pkg/apis/rbac/helpers.go, v1.37.
"""

from collections.abc import Iterator
from typing import Final

from k8s.kinds import builtin as kinds
from k8s.reading.rowdecoders import Row
from resolvers.kinds.longlists import items_of
from resolvers.links.members import Family
from resolvers.links.naming import NamedPlace, Naming

SUBJECT_READS: Final = ("subjects.kind", "subjects.name", "subjects.namespace")
"""The paths that the functions read."""


def subject_names(binding: Row, kind: str) -> list[str]:
    """Returns the names of the subjects of a kind, in order."""
    return [subject.name or "" for subject in items_of(binding.subjects) if subject.kind == kind]


def account_names(binding: Row) -> list[str]:
    """Returns the service accounts as `namespace/name`, in order."""
    subjects = (subject for subject in items_of(binding.subjects) if subject.kind == kinds.SERVICE_ACCOUNT.name)
    return [f"{subject.namespace or ''}/{subject.name or ''}" for subject in subjects]


def _accounts(binding: Row) -> Iterator[NamedPlace]:
    for subject in items_of(binding.subjects):
        if subject.kind == kinds.SERVICE_ACCOUNT.name:
            yield subject.namespace, subject.name


ACCOUNTS_OF_BINDINGS: Final = Naming(
    kinds.ROLE_BINDING, kinds.SERVICE_ACCOUNT, SUBJECT_READS, _accounts, is_across_namespaces=True
)
ACCOUNTS_OF_CLUSTER_BINDINGS: Final = Naming(
    kinds.CLUSTER_ROLE_BINDING, kinds.SERVICE_ACCOUNT, SUBJECT_READS, _accounts
)


def add_subjects(family: Family) -> None:
    """Adds the texts of subjects to the family of a kind of binding."""

    @family.derived(*SUBJECT_READS, description="The users that it names, as in kubectl's USERS column.")
    def users(binding: Row) -> list[str]:
        """Returns the names of the users."""
        return subject_names(binding, "User")

    @family.derived(*SUBJECT_READS, description="The groups that it names, as in kubectl's GROUPS column.")
    def groups(binding: Row) -> list[str]:
        """Returns the names of the groups."""
        return subject_names(binding, "Group")

    @family.derived(
        *SUBJECT_READS,
        description="The service accounts that it names, as `namespace/name`, as in kubectl's SERVICEACCOUNTS column. "
        "`serviceAccounts` leads to those that exist.",
    )
    def service_account_names(binding: Row) -> list[str]:
        """Returns the names of the service accounts."""
        return account_names(binding)
