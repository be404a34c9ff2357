"""Kinds that can be asked for, whatever a cluster calls them."""

import re
from typing import Final

from k8s.kinds.kind import Kind
from k8s.transport.path import PathInvalid, kind_root

_KIND: Final = re.compile(r"[A-Za-z][A-Za-z0-9]{0,62}", re.ASCII)


def is_readable(kind: Kind) -> bool:
    """Returns whether a kind's names can be part of a path, and of a name in GraphQL."""
    try:
        return bool(_KIND.fullmatch(kind.name) and kind_root(kind))
    except PathInvalid:
        return False
