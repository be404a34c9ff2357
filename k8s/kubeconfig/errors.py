"""Why a kubeconfig, or a context of one, is refused.

    KubeconfigError
    ├── KubeconfigInvalid   not a kubeconfig, or an entry that contradicts itself
    ├── UnsupportedField    a key that is not read, or only where the operator allows it
    ├── KubeconfigTooLarge  longer, deeper or with more entries than is read
    └── ContextNotFound     no context of that name, or none named where there are several

Messages name the file, the context, the entry and the key; values are never quoted, because any may be a secret.
"""

import re
from enum import StrEnum
from typing import ClassVar, Final

from k8s.kubeconfig.allowance import ALLOW_SETTING, Allowance

_KEY_SHAPE: Final = re.compile(r"[A-Za-z][A-Za-z0-9./_-]{0,39}")
_SHOWN_CHARACTERS: Final = 128


class KubeconfigCode(StrEnum):
    """What kind of error it is, for programs."""

    KUBECONFIG_INVALID = "KUBECONFIG_INVALID"
    KUBECONFIG_UNSUPPORTED_FIELD = "KUBECONFIG_UNSUPPORTED_FIELD"
    LIMIT_EXCEEDED = "LIMIT_EXCEEDED"
    CONTEXT_NOT_FOUND = "CONTEXT_NOT_FOUND"


class KubeconfigError(Exception):
    """A kubeconfig or one of its contexts is refused.

    Attributes:
        code: The kind of error.
        context: The context it is about; None if it is about the file.
    """

    code: ClassVar[KubeconfigCode]

    def __init__(self, reason: str, *, source: str, context: str | None = None) -> None:
        place = source if context is None else f"{source}: context {shown_name(context)}"
        super().__init__(f"{place}: {reason}")
        self.context = context


class KubeconfigInvalid(KubeconfigError):
    """The file is not a kubeconfig, or an entry of it cannot work."""

    code = KubeconfigCode.KUBECONFIG_INVALID


class UnsupportedField(KubeconfigError):
    """A key stands in the file that is not read.

    Attributes:
        key: The key, as the file writes it.
        allowance: What the operator would have to allow; None if nothing makes it read.
    """

    code = KubeconfigCode.KUBECONFIG_UNSUPPORTED_FIELD

    def __init__(
        self,
        key: str,
        way_out: str,
        *,
        entry: str,
        source: str,
        context: str | None = None,
        allowance: Allowance | None = None,
    ) -> None:
        switch = f", or allow it with {ALLOW_SETTING}={allowance}" if allowance else ""
        super().__init__(
            f"{entry} has {shown_key(key)}, which is not read: {way_out}{switch}", source=source, context=context
        )
        self.key = key
        self.allowance = allowance


class KubeconfigTooLarge(KubeconfigError):
    """The file is longer, deeper or has more entries than is read."""

    code = KubeconfigCode.LIMIT_EXCEEDED


class ContextNotFound(KubeconfigError):
    """The file has no such context, or the caller has to name one."""

    code = KubeconfigCode.CONTEXT_NOT_FOUND


def shown_key(key: str) -> str:
    """Return a key for a message, unless it looks like a value that slipped to the left of a colon."""
    return key if _KEY_SHAPE.fullmatch(key) else "a key of an unusual form"


def shown_name(name: str) -> str:
    """Return a name for a message: in quotes, cut, and without characters that a terminal would obey."""
    return repr(name if len(name) <= _SHOWN_CHARACTERS else f"{name[:_SHOWN_CHARACTERS]}...")
