"""Who asks: what an operation knows of its caller, however that proved who it is."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """One authenticated caller. Two callers are the same exactly if all of this is.

    Attributes:
        name: unique over everything that authenticates callers; it is what grants, logs and audit name. Names from an
            identity provider hold a colon, those of API tokens none; `system:` begins neither.
        groups: those it is a member of, named likewise.
        is_administrator: whether each cluster is asked with its own stored credential.
    """

    name: str
    groups: frozenset[str] = frozenset()
    is_administrator: bool = False


OPERATOR: Final = Caller(name="operator", is_administrator=True)
"""Whoever runs the command line: it reads the database and the keys itself."""

ADMINISTRATOR_ROLE: Final = "administrator"
"""What an administrator acts as in every cluster: with the cluster's own credential."""
