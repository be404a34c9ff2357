"""Rules of names and labels: those of Kubernetes, so that they work in selectors and URLs.

Rules: RFC 1123 section 2.1 as Kubernetes narrows it
(https://kubernetes.io/docs/concepts/overview/working-with-objects/names/), and
https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set.
"""

import re
from collections.abc import Collection, Mapping
from typing import Final

from store.errors import InvalidValue

MAX_NAME_CHARACTERS: Final = 63
MAX_LABEL_PREFIX_CHARACTERS: Final = 253
MAX_CALLER_CHARACTERS: Final = 256
MAX_CALLER_GROUPS: Final = 100

RESERVED_USERS: Final = frozenset({"operator"})
"""Names of callers that no token may have: the operator at the command line."""

DNS_LABEL: Final = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?", re.ASCII)
"""A namespace or the name of a cluster (RFC 1123), of 1 to 63 characters."""

_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_SUBDOMAIN_LABEL: Final = r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?"
_DNS_SUBDOMAIN: Final = re.compile(rf"{_SUBDOMAIN_LABEL}(?:\.{_SUBDOMAIN_LABEL})*")
_LABEL_NAME: Final = re.compile(r"[A-Za-z0-9](?:[-_.A-Za-z0-9]*[A-Za-z0-9])?")


def require_cluster_name(name: str) -> None:
    """Raises InvalidValue unless the name is a DNS label of at most 63 characters."""
    if len(name) > MAX_NAME_CHARACTERS or not DNS_LABEL.fullmatch(name):
        raise InvalidValue(
            f"{name[:80]!r} is not a cluster name: use at most {MAX_NAME_CHARACTERS} of a-z, 0-9 and '-', "
            "beginning and ending with a letter or digit."
        )


def require_token_name(name: str) -> None:
    """Raises InvalidValue for a name that is empty, too long, unprintable, or has spaces around it."""
    if not 0 < len(name) <= MAX_NAME_CHARACTERS or not name.isprintable() or name != name.strip():
        raise InvalidValue(
            f"{name[:80]!r} is not a token name: use 1 to {MAX_NAME_CHARACTERS} printable characters, "
            "with no space before or after them."
        )


def require_token_user(name: str) -> None:
    """Raises InvalidValue for an invalid user of a token; names with a colon are reserved for identity providers."""
    _require_caller_name("user", name)
    if name in RESERVED_USERS:
        raise InvalidValue(f"The user {name!r} is reserved for the command line. Choose another name.")


def require_token_groups(names: Collection[str]) -> None:
    """Raises InvalidValue for invalid groups of a token, by the rules of users, or too many."""
    if len(names) > MAX_CALLER_GROUPS:
        raise InvalidValue(f"The token has {len(names)} groups; the limit is {MAX_CALLER_GROUPS}.")
    for name in names:
        _require_caller_name("group", name)


def require_labels(labels: Mapping[str, str]) -> None:
    """Raises InvalidValue for a label that Kubernetes refuses."""
    for key, value in labels.items():
        _require_label_key(key)
        _require_label_value(key, value)


def is_storable(text: str) -> bool:
    """Returns whether every database can store and compare the text: no NUL (PostgreSQL), no lone surrogate."""
    return "\0" not in text and (text.isascii() or _SURROGATE.search(text) is None)


def require_text(field: str, text: str) -> None:
    """Raises InvalidValue for text that no database stores."""
    if not is_storable(text):
        raise InvalidValue(f"The {field} has a character that cannot be stored (NUL or a lone surrogate).")


def _require_caller_name(noun: str, name: str) -> None:
    fits = 0 < len(name) <= MAX_CALLER_CHARACTERS and name.isprintable() and name == name.strip()
    if not fits or ":" in name:
        raise InvalidValue(
            f"{name[:80]!r} is not a valid name for a {noun} of a token: use 1 to {MAX_CALLER_CHARACTERS} printable "
            "characters, no colon, and no space before or after them. Names with a colon are reserved for "
            "identity providers."
        )


def _require_label_key(key: str) -> None:
    prefix, slash, name = key.rpartition("/")
    prefix_fits = len(prefix) <= MAX_LABEL_PREFIX_CHARACTERS and _DNS_SUBDOMAIN.fullmatch(prefix) is not None
    if (slash and not prefix_fits) or len(name) > MAX_NAME_CHARACTERS or not _LABEL_NAME.fullmatch(name):
        raise InvalidValue(
            f"{key[:80]!r} is not a label key: use [prefix/]name; the prefix is a DNS subdomain, the name at most "
            f"{MAX_NAME_CHARACTERS} of A-Z, a-z, 0-9, '-', '_', '.', beginning and ending with a letter or digit."
        )


def _require_label_value(key: str, value: str) -> None:
    if value and (len(value) > MAX_NAME_CHARACTERS or not _LABEL_NAME.fullmatch(value)):
        raise InvalidValue(
            f"{value[:80]!r} is not a value for label {key!r}: use at most {MAX_NAME_CHARACTERS} of A-Z, a-z, 0-9, "
            "'-', '_', '.', beginning and ending with a letter or digit, or nothing."
        )
