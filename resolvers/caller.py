"""The caller of an operation, independent of the way it was authenticated."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """One authenticated caller; two callers are equal if all attributes are.

    Attributes:
        name: the unique name in grants, logs and audit, over all ways of authentication. Names from an identity
            provider contain a colon, names of API tokens none; neither begins with `system:`.
        groups: the caller's groups, named likewise.
        is_administrator: true if each cluster is read with its own stored credential.
    """

    name: str
    groups: frozenset[str] = frozenset()
    is_administrator: bool = False


OPERATOR: Final = Caller(name="operator", is_administrator=True)
"""The user of the command line, with direct access to the database and the keys."""

ADMINISTRATOR_ROLE: Final = "administrator"
"""The role of an administrator in every cluster, which is read with its own credential."""
