"""Our service accounts in clusters: where they are, and which roles they are bound to."""

from collections.abc import Iterable
from dataclasses import dataclass

from k8s.account import Household
from k8s.bindings import BoundRole
from store.grant import GrantedRole


@dataclass(frozen=True, slots=True)
class AccountPolicy:
    """Where our service accounts are.

    Attributes:
        household: Ours in every cluster.
        timeout_s: Seconds in which an account's token must be there.
    """

    household: Household
    timeout_s: float = 15.0


def bound_roles(roles: Iterable[GrantedRole]) -> tuple[BoundRole, ...]:
    """Granted roles as the bindings that give them: one for the whole cluster, or one for each namespace."""
    return tuple(
        dict.fromkeys(
            BoundRole(role.kind.value, role.name, namespace)
            for role in roles
            for namespace in role.namespaces or (None,)
        )
    )
