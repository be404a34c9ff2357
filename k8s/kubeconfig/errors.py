"""Refusals of a kubeconfig, or of a context of one.

    KubeconfigError
    ├── KubeconfigInvalid   not a kubeconfig, or an entry that contradicts itself
    ├── UnsupportedField    a key that is never read, or only if the operator allows it
    ├── KubeconfigTooLarge  longer, deeper or with more entries than the limits
    └── ContextNotFound     no context of that name, or several and none named

Messages name the file, the context, the entry and the key. Values are never quoted, because any may be a secret.
"""

import re
from enum import StrEnum
from typing import ClassVar, Final

from k8s.kubeconfig.allowance import ALLOW_SETTING, Allowance

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
        super().__init__(f"{place}: {reason}")
        self.context = context


class KubeconfigInvalid(KubeconfigError):
    """A file that is not a kubeconfig, or an entry that cannot work."""

    code = KubeconfigCode.KUBECONFIG_INVALID


class UnsupportedField(KubeconfigError):
    """A key that is not read.

    Attributes:
        key: The key as written in the file.
        allowance: The allowance that makes it read; None if there is none.
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
            f"{entry} has {quoted_key(key)}, which is not read: {way_out}{switch}", source=source, context=context
        )
        self.key = key
        self.allowance = allowance


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
