"""The arguments of `viewerCan`, checked before anything is sent."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from k8s.apiserver.access import Permission
from k8s.kinds.builtin import BUILT_IN
from k8s.kinds.kind import Kind
from k8s.transport.path import PathInvalid, checked_namespace, checked_segment
from resolvers.errors import BadUserInput
from resolvers.links.members import Argument, Arguments

VERBS: Final = (
    "get",
    "list",
    "watch",
    "create",
    "update",
    "patch",
    "delete",
    "deletecollection",
    "approve",
    "attest",
    "bind",
    "escalate",
    "impersonate",
    "sign",
    "use",
    "*",
)
"""Those of Kubernetes' API, and those that only RBAC has; `*` is all of them."""

_WORD: Final = re.compile(r"[a-z][-a-z0-9]{0,62}", re.ASCII)
_GROUP: Final = re.compile(r"[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?", re.ASCII)
_VERB: Final = Argument("verb", str, "As RBAC has it: `get`, `list`, `create`, `update`, `patch`, `delete`, ...")
_SUBRESOURCE: Final = Argument("subresource", str | None, "As `log`, `exec` or `scale`; left out, the object itself.")


@dataclass(frozen=True, slots=True)
class AccessQuery:
    """What is asked about; namespace and name are empty for all, and where the objects say them."""

    permission: Permission
    namespace: str = ""
    name: str = ""


def object_arguments(kind: Kind) -> Arguments:
    """Those of an object's field."""

    def checked(given: Mapping[str, object]) -> AccessQuery:
        return AccessQuery(_permission(kind.group, kind.plural, given))

    return Arguments((_VERB, _SUBRESOURCE), checked)


def cluster_arguments() -> Arguments:
    """Those of a cluster's field."""
    takes = (
        Argument(
            "resource",
            str,
            "As kubectl has it: `pods`, `deployments.apps`, `widgets.example.com`; a built-in group may be left out.",
        ),
        _VERB,
        Argument("namespace", str | None, "In this namespace; left out, in all of them at once."),
        Argument("name", str | None, "To the object of this name; left out, to all."),
        _SUBRESOURCE,
    )
    return Arguments(takes, _checked)


def _checked(given: Mapping[str, object]) -> AccessQuery:
    plural, group, kind = _resource(str(given["resource"]))
    namespace, name = given.get("namespace"), given.get("name")
    try:
        checked = checked_namespace(namespace) if isinstance(namespace, str) else ""
        named = checked_segment(name) if isinstance(name, str) else ""
    except PathInvalid as error:
        raise BadUserInput(f"viewerCan: {error}") from error
    if checked and kind is not None and not kind.namespaced:
        raise BadUserInput(f"viewerCan: {kind.name} objects have no namespace; leave it out.")
    return AccessQuery(_permission(group, plural, given), checked, named)


def _resource(text: str) -> tuple[str, str, Kind | None]:
    """Plural and group, and the built-in kind if it is one; the core group comes first."""
    plural, dot, group = text.partition(".")
    if not _WORD.fullmatch(plural) or (dot and not _GROUP.fullmatch(group)):
        raise BadUserInput(
            f"viewerCan: {text[:80]!r} is no resource; write its plural, or plural.group, "
            "and a subresource in `subresource`."
        )
    known = sorted((kind for kind in BUILT_IN if kind.plural == plural), key=lambda kind: kind.group)
    found = next((kind for kind in known if not dot or kind.group == group), None)
    return plural, group if found is None else found.group, found


def _permission(group: str, plural: str, given: Mapping[str, object]) -> Permission:
    verb, subresource = str(given["verb"]), given.get("subresource")
    if verb not in VERBS:
        raise BadUserInput(f"viewerCan: {verb[:80]!r} is no verb; write one of {', '.join(VERBS)}.")
    if isinstance(subresource, str) and not _WORD.fullmatch(subresource):
        raise BadUserInput(f"viewerCan: {subresource[:80]!r} is no subresource; write one as log, exec or scale.")
    return Permission(verb, group, plural, subresource=subresource if isinstance(subresource, str) else "")
