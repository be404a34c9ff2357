"""Members that are made of paths which the operator masks: they are null, with the reason, never wrong.

Values at masked paths are dropped while objects are decoded. A function that reads them would take them for missing.
"""

from typing import Final

from k8s.kinds.kind import Kind
from k8s.masking.masking import Masking
from resolvers.links.absent import Absent, absent_if_touched
from resolvers.links.members import Derived, Link, RemoteField

_METADATA: Final = "metadata."
_ANNOTATIONS: Final = "metadata.annotations"
_SHOWING: Final = frozenset(
    {
        "ConfigMap.entries",
        "ConfigMap.keyCount",
        "ConfigMap.keys",
        "PodContainer.env",
        "Secret.keyCount",
        "Secret.keys",
        "Secret.reveal",
        "Secret.tls",
        "condition",
        "fields",
        "manifest",
    }
)
"""Members with null at the places of masked values, or without any of them; those of all kinds by name alone."""


def reads_maskable(owner: str, member: Derived | RemoteField | Link) -> bool:
    """Returns whether a member of a type is null where the operator masks what it reads."""
    has_open = isinstance(member, Derived) and bool(member.open_reads)
    return not _shows(owner, member) and (has_open or any(map(_is_maskable, member.reads)))


def masked_absence(
    masking: Masking, owner: str, member: Derived | RemoteField | Link, kind: Kind | None
) -> Absent | None:
    """Returns the absence of the values of a member of objects of a kind; None if nothing is masked that it reads.

    Args:
        masking: the masks.
        owner: the name of the type of the member.
        member: the member.
        kind: the kind of the objects, or of those whose parts the rows are; None for other rows.
    """
    if not masking.has_own or kind is None or _shows(owner, member):
        return None
    paths = [path.split(".") for path in member.reads]
    if isinstance(member, Derived) and isinstance(member.open_reads, tuple):
        paths += [path.split(".") if isinstance(path, str) else list(path) for path in member.open_reads]
    return absent_if_touched(masking, [(kind, paths)])


def _shows(owner: str, member: Derived | RemoteField | Link) -> bool:
    return member.name in _SHOWING or f"{owner}.{member.name}" in _SHOWING


def _is_maskable(path: str) -> bool:
    """Returns False for paths that identify objects or describe them, which a setting cannot name."""
    return not path.startswith(_METADATA) or path.startswith(_ANNOTATIONS)
