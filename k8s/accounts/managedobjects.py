"""The decoded part of objects with our labels: only the few values in use.

Others may write any labels, annotations and subjects into the objects. The decoder skips keys and items without a field
here, without creating objects for them. As Go clients read it, null is the same as an absent field.
"""

import msgspec

from k8s.accounts.account import ACCOUNT, INSTANCE, MANAGED_BY, SUBJECTS


class ManagedLabels(msgspec.Struct, frozen=True, gc=False):
    """Our labels; None for a missing one."""

    managed_by: str | None = msgspec.field(default=None, name=MANAGED_BY)
    instance: str | None = msgspec.field(default=None, name=INSTANCE)
    account: str | None = msgspec.field(default=None, name=ACCOUNT)

    def include(self, labels: dict[str, str]) -> bool:
        """Returns whether they include some labels of ours."""
        own_labels = {MANAGED_BY: self.managed_by, INSTANCE: self.instance, ACCOUNT: self.account}
        return labels.items() <= own_labels.items()


class ManagedAnnotations(msgspec.Struct, frozen=True, gc=False):
    """Our annotation."""

    subjects: str | None = msgspec.field(default=None, name=SUBJECTS)


class AccountMetadata(msgspec.Struct, frozen=True, gc=False):
    """The metadata of a ServiceAccount."""

    name: str | None = None
    labels: ManagedLabels | None = None
    annotations: ManagedAnnotations | None = None


class ServiceAccount(msgspec.Struct, frozen=True, gc=False):
    """A ServiceAccount."""

    metadata: AccountMetadata


class BindingMetadata(msgspec.Struct, frozen=True, gc=False):
    """The metadata of a binding."""

    name: str
    namespace: str | None = None
    labels: ManagedLabels | None = None


class RoleRef(msgspec.Struct, frozen=True, gc=False):
    """The role that a binding gives."""

    kind: str | None = None
    name: str | None = None


class BindingSubject(msgspec.Struct, frozen=True, gc=False):
    """The subject of a binding."""

    kind: str | None = ""
    name: str | None = ""
    namespace: str | None = ""


_NONE = msgspec.Raw(b"")


class BindingSubjects(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """The first subject of a binding, and whether there is another: our bindings have one."""

    first: BindingSubject | None = None
    second: msgspec.Raw = _NONE

    @property
    def only(self) -> BindingSubject | None:
        """Returns the subject, if there is only one."""
        return self.first if self.second is _NONE else None


class RoleBinding(msgspec.Struct, rename="camel", frozen=True, gc=False):
    """A ClusterRoleBinding or RoleBinding."""

    metadata: BindingMetadata
    role_ref: RoleRef
    subjects: BindingSubjects | None = None
