"""Our service accounts in a cluster: created on demand, with exactly the granted roles, and removed.

All requests use the cluster's own credential. They concern only the objects that `k8s.accounts.account.Account` names:
one namespace, and names that are derived from subjects.
"""

from collections.abc import Collection, Mapping, Sequence, Set
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Final

import msgspec

from k8s import errors
from k8s.accounts.account import ACCOUNT, SUBJECTS, Account, AccountOwner, account_of
from k8s.accounts.bindings import BoundRole, ManagedBinding, bind, find_bindings, unbind
from k8s.accounts.managedlists import MOST_OF_ACCOUNT, ManagedObjects, list_managed
from k8s.accounts.managedobjects import ServiceAccount
from k8s.kinds import builtin as kinds
from k8s.reading.decoder import Decoder
from k8s.reading.pagedecoder import PageDecoder
from k8s.transport.call import Call
from k8s.transport.deadline import Deadline
from k8s.transport.path import ApiPath, PathInvalid, list_path, object_path
from k8s.transport.sender import Sender
from k8s.turns.turns import paced

_ACCOUNT: Final = Decoder(ServiceAccount)
_ACCOUNTS: Final = PageDecoder(ServiceAccount)


@dataclass(frozen=True, slots=True)
class ReconcileResult:
    """The result of reconciling an account.

    Attributes:
        changed: The number of bindings that were created or removed.
        missing: Granted roles that could not be bound: the role or its namespace does not exist, or a foreign object
            has the binding's name.
        is_new: Whether the account was created.
    """

    changed: int
    missing: tuple[BoundRole, ...]
    is_new: bool = False


async def reconcile_account(
    sender: Sender, account: Account, roles: Collection[BoundRole], deadline: Deadline
) -> ReconcileResult:
    """Creates the account if it is missing, and gives it exactly these roles; excess bindings are removed first.

    Raises:
        TooManyObjects: The account has more bindings than the limit; the excess among those that were read is removed.
        ClusterError: The credential lacks the rights, or the cluster does not answer.
    """
    is_new = await _make(sender, account, deadline)
    bindings = await find_bindings(sender, account.labels, deadline, most=MOST_OF_ACCOUNT)
    result = await reconcile_bindings(sender, account, roles, bindings=bindings.items, deadline=deadline)
    bindings.refuse_excess()
    return replace(result, is_new=is_new)


async def reconcile_bindings(
    sender: Sender,
    account: Account,
    roles: Collection[BoundRole],
    *,
    bindings: Sequence[ManagedBinding],
    deadline: Deadline,
) -> ReconcileResult:
    """Changes the bindings of an account to the granted roles; raises as `reconcile_account`."""
    granted, bound, extra = frozenset(roles), set[BoundRole](), list[ManagedBinding]()
    async for binding in paced(bindings):
        if binding.is_just(account, granted):
            bound.add(binding.role)
        else:
            extra.append(binding)
    for binding in extra:
        await unbind(sender, binding, deadline)
    missing_roles = [role for role in roles if role not in bound]
    missing = [role for role in missing_roles if not await _is_bound(sender, account, role, deadline)]
    return ReconcileResult(len(extra) + len(missing_roles) - len(missing), tuple(missing))


async def _is_bound(sender: Sender, account: Account, role: BoundRole, deadline: Deadline) -> bool:
    try:
        return await bind(sender, account, role, deadline)
    except errors.Conflict:
        bindings = await find_bindings(sender, account.labels, deadline, most=MOST_OF_ACCOUNT)
        return any(binding.is_just(account, (role,)) for binding in bindings.items)  # another replica was first


async def unbind_account(sender: Sender, account: Account, deadline: Deadline) -> None:
    """Removes all bindings of an account, but not the account; raises as `remove_account`."""
    (await _unbind(sender, account.labels, deadline)).refuse_excess()


async def remove_account(sender: Sender, owner: AccountOwner, name: str, deadline: Deadline) -> None:
    """Removes an account and its bindings, which ends its tokens at once.

    Raises:
        TooManyObjects: The account had more bindings than the limit; those that were read are removed.
        ClusterError: The account cannot be removed.
    """
    bindings = await _unbind(sender, {**owner.labels, ACCOUNT: name}, deadline)
    path = _path(sender, owner, name)
    with suppress(errors.ResourceNotFound):
        await sender.send(Call(path, "delete", f"service account {name!r}"), deadline)
    bindings.refuse_excess()


async def _unbind(sender: Sender, labels: Mapping[str, str], deadline: Deadline) -> ManagedObjects[ManagedBinding]:
    bindings = await find_bindings(sender, labels, deadline, most=MOST_OF_ACCOUNT)
    for binding in bindings.items:
        await unbind(sender, binding, deadline)
    return bindings


async def find_accounts(
    sender: Sender, owner: AccountOwner, deadline: Deadline, *, among: Set[str] | None = None
) -> dict[str, Account | None]:
    """Returns the installation's accounts by name; None for one that does not match its labels, or has other subjects.

    Args:
        sender: Sends with the cluster's own credential.
        owner: The owner of the accounts.
        deadline: The deadline of all requests together.
        among: The allowed subjects; None allows all.

    Raises:
        TooManyObjects: There are more accounts than the limit.
        ClusterError: The accounts cannot be listed.
    """

    def convert(service_account: ServiceAccount) -> tuple[str, Account | None]:
        name, annotations = service_account.metadata.name or "", service_account.metadata.annotations
        _path(sender, owner, name)
        return name, account_of(owner, name, (annotations and annotations.subjects) or "", among=among)

    listed = await list_managed(
        sender,
        kinds.SERVICE_ACCOUNT,
        _ACCOUNTS,
        deadline,
        convert=convert,
        labels=owner.labels,
        namespace=owner.namespace,
    )
    listed.refuse_excess()
    return dict(listed.items)


def _path(sender: Sender, owner: AccountOwner, name: str) -> ApiPath:
    try:
        return object_path(kinds.SERVICE_ACCOUNT, owner.namespace, name)
    except PathInvalid as error:  # the name comes from the cluster
        raise errors.ProtocolBroken(sender.name, f"it has a service account with an invalid name: {error}") from error


async def _make(sender: Sender, account: Account, deadline: Deadline) -> bool:
    """Creates the account if it is missing; returns whether it was."""
    path = object_path(kinds.SERVICE_ACCOUNT, account.namespace, account.name)
    call = Call(path, "get", f"service account {account.name!r}")
    try:
        body = await sender.send(call, deadline)
        cause = f"its answer to {call.verb} {call.target} is not what the Kubernetes API sends."
        service_account = await _ACCOUNT.answer(body, cluster=sender.name, cause=cause)
    except errors.ResourceNotFound:
        await _create(sender, account, deadline)
        return True
    labels = service_account.metadata.labels
    if labels is None or not labels.include(account.labels):
        cause = f"service account {account.name!r} in namespace {account.namespace!r} was not created by fleetgraph."
        raise errors.Conflict(sender.name, cause, status=409)
    return False


async def _create(sender: Sender, account: Account, deadline: Deadline) -> None:
    body = msgspec.json.encode(
        {
            "apiVersion": "v1",
            "kind": "ServiceAccount",
            "metadata": {
                "name": account.name,
                "labels": account.labels,
                "annotations": {SUBJECTS: account.subjects_annotation},
            },
            "automountServiceAccountToken": False,
        }
    )
    path = list_path(kinds.SERVICE_ACCOUNT, account.namespace)
    call = Call(path, "create", f"serviceaccounts in namespace {account.namespace!r}", body=body)
    try:
        await sender.send(call, deadline)
    except errors.Conflict:
        return  # another replica was first
    except errors.ResourceNotFound:
        await _create_namespace(sender, account.owner, deadline)
        await sender.send(call, deadline)


async def _create_namespace(sender: Sender, owner: AccountOwner, deadline: Deadline) -> None:
    body = msgspec.json.encode({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": owner.namespace}})
    call = Call(list_path(kinds.NAMESPACE), "create", f"namespace {owner.namespace!r}", body=body)
    try:
        await sender.send(call, deadline)
    except errors.Conflict:
        return
    except errors.Forbidden as error:
        cause = (
            f"its namespace {owner.namespace!r}, for fleetgraph's service accounts, does not exist, and its "
            "RBAC does not allow fleetgraph's credential to create it (docs/grants.md)."
        )
        raise errors.Forbidden(sender.name, cause, status=error.status) from error
