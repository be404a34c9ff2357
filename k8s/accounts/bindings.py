"""The role bindings of our accounts: found by their labels, created and removed to match the grants.

The role of a binding cannot be changed (Kubernetes' documentation, "Using RBAC Authorization"), so a wrong binding is
removed and a new one created.
"""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Final

import msgspec

from k8s import errors
from k8s.accounts.account import MANAGER, Account
from k8s.accounts.managedlists import MOST_OF_ALL, ManagedObjects, list_managed
from k8s.accounts.managedobjects import BindingSubjects, RoleBinding
from k8s.kinds import builtin as kinds
from k8s.reading.pagedecoder import PageDecoder
from k8s.transport.call import Call
from k8s.transport.deadline import Deadline
from k8s.transport.path import PathInvalid, list_path, object_path
from k8s.transport.sender import Sender

_GROUP: Final = "rbac.authorization.k8s.io"
_HASH_CHARACTERS: Final = 32


@dataclass(frozen=True, slots=True)
class BoundRole:
    """A role and its scope.

    Attributes:
        kind: `ClusterRole` or `Role`.
        name: The name of the role.
        namespace: The namespace; None for the whole cluster.
    """

    kind: str
    name: str
    namespace: str | None = None

    def __str__(self) -> str:
        place = "" if self.namespace is None else f" in namespace {self.namespace!r}"
        return f"{self.kind} {self.name!r}{place}"


_DECODER: Final = PageDecoder(RoleBinding)
_LONGEST: Final = 253
"""The longest name of a role or of an object that fleetgraph makes."""
_LONGEST_LABEL: Final = 63
"""The longest label, namespace or kind."""
_SHOWN_CHARACTERS: Final = 40
"""Characters that messages show of a text that is too long or not ASCII."""
_SUBJECT: Final = "ServiceAccount"


@dataclass(frozen=True, slots=True)
class ManagedBinding:
    """A binding with our labels, whose content others may have changed.

    Attributes:
        name: The name of the binding.
        namespace: The namespace; None for a ClusterRoleBinding.
        role: The role that it grants.
        account: The name of the account in its labels.
        subjects: Its actual subject as kind, namespace and name, if it is one service account; else empty.
    """

    name: str
    namespace: str | None
    role: BoundRole
    account: str
    subjects: tuple[tuple[str, str, str], ...] = field(default=())

    def is_just(self, account: Account, roles: Collection[BoundRole]) -> bool:
        """Returns whether it grants one of these roles to this account, and to no other subject."""
        return self.role in roles and self.subjects == ((_SUBJECT, account.namespace, account.name),)


async def find_bindings(
    sender: Sender, labels: Mapping[str, str], deadline: Deadline, *, most: int = MOST_OF_ALL
) -> ManagedObjects[ManagedBinding]:
    """Returns the bindings with these labels, of the cluster and of all namespaces: about `most` of each kind.

    Raises:
        ClusterError: The bindings cannot be listed.
    """
    bindings: list[ManagedBinding] = []
    excess: errors.TooManyObjects | None = None
    for kind in (kinds.CLUSTER_ROLE_BINDING, kinds.ROLE_BINDING):
        listed = await list_managed(sender, kind, _DECODER, deadline, convert=_binding, labels=labels, most=most)
        bindings += listed.items
        excess = excess or listed.excess
    return ManagedObjects(bindings, excess)


async def bind(sender: Sender, account: Account, role: BoundRole, deadline: Deadline) -> bool:
    """Binds an account to a role; returns False if the namespace or the role does not exist.

    Raises:
        Conflict: A binding of that name exists: of another replica, or a foreign one.
        ClusterError: The cluster refuses that fleetgraph grants the role, or does not answer.
    """
    kind = kinds.CLUSTER_ROLE_BINDING if role.namespace is None else kinds.ROLE_BINDING
    path = list_path(kind, role.namespace)
    call = Call(path, "create", f"a binding to {role}", body=msgspec.json.encode(_manifest(account, role)))
    try:
        await sender.send(call, deadline)
    except errors.ResourceNotFound:
        return False
    except errors.Forbidden as error:
        cause = (
            f"its RBAC does not allow fleetgraph's credential to grant {role}: it needs the verb bind (docs/grants.md)."
        )
        raise errors.Forbidden(sender.name, cause, status=error.status) from error
    return True


async def unbind(sender: Sender, binding: ManagedBinding, deadline: Deadline) -> None:
    """Removes a binding; a missing one is no error.

    Raises:
        ClusterError: The binding cannot be removed.
    """
    kind = kinds.CLUSTER_ROLE_BINDING if binding.namespace is None else kinds.ROLE_BINDING
    try:
        path = object_path(kind, binding.namespace, binding.name)
    except PathInvalid as error:  # the name comes from the cluster
        raise errors.ProtocolBroken(sender.name, f"it has a binding with an invalid name: {error}") from error
    try:
        await sender.send(Call(path, "delete", f"a binding to {binding.role}"), deadline)
    except errors.ResourceNotFound:
        return


def _binding(bindings: RoleBinding) -> ManagedBinding:
    namespace = _short(bindings.metadata.namespace, _LONGEST_LABEL) or None
    return ManagedBinding(
        name=_short(bindings.metadata.name),
        namespace=namespace,
        role=BoundRole(_short(bindings.role_ref.kind, _LONGEST_LABEL), _short(bindings.role_ref.name), namespace),
        account=_short(bindings.metadata.labels.account if bindings.metadata.labels else None, _LONGEST_LABEL),
        subjects=_accounts(bindings.subjects),
    )


def _accounts(subjects: BindingSubjects | None) -> tuple[tuple[str, str, str], ...]:
    only = None if subjects is None else subjects.only
    if only is None or only.kind != _SUBJECT:
        return ()
    return ((_SUBJECT, _short(only.namespace, _LONGEST_LABEL), _short(only.name)),)


def _short(value: str | None, longest: int = _LONGEST) -> str:
    """Returns a text if it is a possible name, else its beginning in quotation marks, which no name has."""
    text = value or ""
    return text if len(text) <= longest and text.isascii() else ascii(text[:_SHOWN_CHARACTERS])


def _manifest(account: Account, role: BoundRole) -> Mapping[str, object]:
    digested = f"{account.name}/{role.kind}/{role.name}".encode()
    return {
        "apiVersion": f"{_GROUP}/v1",
        "kind": "ClusterRoleBinding" if role.namespace is None else "RoleBinding",
        "metadata": {
            "name": f"{MANAGER}-{hashlib.sha256(digested).hexdigest()[:_HASH_CHARACTERS]}",
            "labels": account.labels,
        },
        "roleRef": {"apiGroup": _GROUP, "kind": role.kind, "name": role.name},
        "subjects": [{"kind": _SUBJECT, "name": account.name, "namespace": account.namespace}],
    }
