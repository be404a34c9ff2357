"""Impersonation: the user and the groups that an API server takes a request for.

The names are sent in headers that are built in this module only, from the caller's checked name
(https://kubernetes.io/docs/reference/access-authn-authz/authentication/#user-impersonation). A name that a header
cannot carry unchanged is refused, because API servers do not decode these two headers, and a similar name is another
user's.
"""

import re
from dataclasses import dataclass
from typing import Final

MAX_NAME_BYTES: Final = 1024
MAX_GROUPS: Final = 500
MAX_BYTES: Final = 32 * 1024
"""The limit of all names together. API servers refuse headers of more than 1 MiB, proxies often 32 or 64 KiB."""

_SAFE: Final = re.compile(r"[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?")
_OF_KUBERNETES: Final = "system:"


class ImpersonationRefused(ValueError):
    """A name that cannot be impersonated; the text gives the name and the reason."""


@dataclass(frozen=True, slots=True)
class Impersonation:
    """The user and groups that requests are sent as.

    Attributes:
        user: The user name in the cluster's RBAC.
        groups: The groups in the cluster's RBAC; the API server adds `system:authenticated` itself.

    Raises:
        ImpersonationRefused: A name is empty, cannot be sent in a header unchanged, or is one of Kubernetes' own
            (`system:`), whose rights must not be gained by a name; or there are too many groups.
    """

    user: str
    groups: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        groups = tuple(sorted(set(self.groups)))
        if len(groups) > MAX_GROUPS:
            raise ImpersonationRefused(f"the user has {len(groups)} groups; the limit of impersonation is {MAX_GROUPS}")
        _require_name("user", self.user)
        for group in groups:
            _require_name("group", group)
        if sum(map(len, (self.user, *groups))) > MAX_BYTES:
            raise ImpersonationRefused(f"the names of user and groups have more than {MAX_BYTES} characters together")
        object.__setattr__(self, "groups", groups)

    def headers(self) -> tuple[tuple[str, str], ...]:
        """Returns the headers: one for the user, one for each group."""
        return (("Impersonate-User", self.user), *(("Impersonate-Group", group) for group in self.groups))


def _require_name(label: str, name: str) -> None:
    quoted = ascii(name if len(name) <= 80 else name[:77] + "...")
    if len(name) > MAX_NAME_BYTES:
        raise ImpersonationRefused(f"the {label} name {quoted} has more than {MAX_NAME_BYTES} characters")
    if not _SAFE.fullmatch(name):
        raise ImpersonationRefused(
            f"the {label} name {quoted} cannot be sent in a header: use visible ASCII, with spaces only inside"
        )
    if name.lower().startswith(_OF_KUBERNETES):
        raise ImpersonationRefused(f"the {label} name {quoted} begins with system:, which is reserved for Kubernetes")
