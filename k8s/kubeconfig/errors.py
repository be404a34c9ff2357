"""Refusals of a kubeconfig, or of a context of one.

    KubeconfigError
    ├── KubeconfigInvalid    not a kubeconfig, or an entry that contradicts itself
    ├── UnsupportedField     a key that is never read
    ├── PermissionNeeded     a key that is read only if the operator, or the user for one import, allows it
    ├── KubeconfigTooLarge   longer, deeper or with more entries than the limits
    └── ContextNotFound      no context of that name, or several and none named

Messages name the file, the context, the entry and the key, and end in a full stop. Values are never quoted, because any
may be a secret; only names are, of entries, commands and variables.
"""

import re
from collections.abc import Sequence
from enum import StrEnum
from typing import ClassVar, Final

from k8s.kubeconfig.permission import ImportPermission

_KEY_SHAPE: Final = re.compile(r"[A-Za-z][A-Za-z0-9./_-]{0,39}")
_SHOWN_CHARACTERS: Final = 128


class KubeconfigCode(StrEnum):
    """The kind of an error, for programs."""

    KUBECONFIG_INVALID = "KUBECONFIG_INVALID"
    KUBECONFIG_UNSUPPORTED_FIELD = "KUBECONFIG_UNSUPPORTED_FIELD"
    LIMIT_EXCEEDED = "LIMIT_EXCEEDED"
    CONTEXT_NOT_FOUND = "CONTEXT_NOT_FOUND"


class KubeconfigError(Exception):
    """A refusal of a kubeconfig or of one of its contexts.

    Attributes:
        code: The kind of error.
        context: The context; None if the error is about the file.
    """

    code: ClassVar[KubeconfigCode]

    def __init__(self, reason: str, *, source: str, context: str | None = None) -> None:
        place = source if context is None else f"{source}: context {quoted_name(context)}"
        super().__init__(f"{place}: {reason.removesuffix('.')}.")
        self.context = context


class KubeconfigInvalid(KubeconfigError):
    """A file that is not a kubeconfig, or an entry that cannot work."""

    code = KubeconfigCode.KUBECONFIG_INVALID


class UnsupportedField(KubeconfigError):
    """A key that is not read.

    Attributes:
        key: The key as written in the file.
    """

    code = KubeconfigCode.KUBECONFIG_UNSUPPORTED_FIELD

    def __init__(self, key: str, way_out: str, *, entry: str, source: str, context: str | None = None) -> None:
        reason = f"{entry} has {quoted_key(key)}, which is not read: {way_out}"
        super().__init__(reason, source=source, context=context)
        self.key = key


class PermissionNeeded(KubeconfigError):
    """A context that needs permissions which nobody has given; nothing was read or run.

    Attributes:
        permissions: All of them, in the order of the file.
    """

    code = KubeconfigCode.KUBECONFIG_UNSUPPORTED_FIELD

    def __init__(
        self, permissions: Sequence[ImportPermission], *, may_allow: bool, source: str, context: str | None = None
    ) -> None:
        """Composes the message; without `may_allow`, only settings can give the permissions."""
        words = dict.fromkeys(permission.option if may_allow else permission.setting for permission in permissions)
        ways_out = dict.fromkeys(permission.way_out for permission in permissions if permission.way_out)
        others = "".join(f", or {way_out}" for way_out in ways_out)
        giver = "Allow this with" if may_allow else "Only the operator's settings allow this:"
        reason = f"it {_deeds(permissions)}. {giver} {' '.join(words)}{others}"
        super().__init__(reason, source=source, context=context)
        self.permissions = tuple(dict.fromkeys(permissions))

    @property
    def words(self) -> tuple[str, ...]:
        """Returns the arguments of `--allow` that give them."""
        return tuple(dict.fromkeys(permission.word for permission in self.permissions))


def _deeds(permissions: Sequence[ImportPermission]) -> str:
    """Returns a phrase such as `reads files (client-certificate, client-key), runs the program aws (exec)`."""
    keys: dict[str, dict[str, None]] = {}
    for permission in permissions:
        keys.setdefault(permission.deed, {})[permission.key] = None
    return ", ".join(f"{deed} ({', '.join(named)})" for deed, named in keys.items())


class KubeconfigTooLarge(KubeconfigError):
    """A file that is longer, deeper or has more entries than the limits."""

    code = KubeconfigCode.LIMIT_EXCEEDED


class ContextNotFound(KubeconfigError):
    """A context that the file does not have, or that the caller has to name."""

    code = KubeconfigCode.CONTEXT_NOT_FOUND


def quoted_key(key: str) -> str:
    """Returns a key for a message, unless it looks like a value that slipped to the left of a colon."""
    return key if _KEY_SHAPE.fullmatch(key) else "a key of an unusual form"


def quoted_name(name: str) -> str:
    """Returns a name for a message: in quotes, cut, and without control characters of terminals."""
    return repr(name if len(name) <= _SHOWN_CHARACTERS else f"{name[:_SHOWN_CHARACTERS]}...")
