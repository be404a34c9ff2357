"""Errors of the store.

Policy: a message names the cause and the way out, and is safe to show to the operator: it never has a key, a
credential, a token, a password or a bound value. Errors of libraries (SQLAlchemy, drivers, cryptography) do not leave
this package; they are chained as the cause.

    StoreError
    ├── StoreUnavailable        the database is unreachable, locked past its timeout, full or damaged; try again later
    ├── DatabaseUrlError        the URL of the database is invalid
    ├── MigrationError          the schema could not be brought up to date
    │   └── DatabaseTooNew      the schema was written by a newer fleetgraph
    ├── KeyRingError            no key, a wrong length, a missing version, an unreadable or unprotected key file
    ├── CredentialUnreadable    a stored credential does not decrypt
    ├── InvalidValue            a name, label, URL or time that the store refuses; also a ValueError
    ├── NameTaken               the name is in use
    └── NotFound                nothing has that name or id
"""

from typing import Self


class StoreError(Exception):
    """Base of all errors of the store; catch it to report any of them."""


class StoreUnavailable(StoreError):
    """The database does not answer now. Callers may retry the same call later."""


class DatabaseUrlError(StoreError):
    """The database URL is invalid; the message names the part and never repeats a password."""


class MigrationError(StoreError):
    """The schema could not be brought up to date; the database is as it was before."""


class DatabaseTooNew(MigrationError):
    """A newer fleetgraph has migrated this database; continuing would risk its data."""


class KeyRingError(StoreError):
    """The encryption keys are unusable; the message names versions and files, never a key."""


class CredentialUnreadable(StoreError):
    """A stored credential does not decrypt: changed, cut, moved between rows, or sealed with another key."""


class InvalidValue(StoreError, ValueError):
    """The store refuses a value; the message has the rule."""


class NameTaken(StoreError):
    """The name is in use.

    Attributes:
        name: The requested name.
    """

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.name = name


class NotFound(StoreError):
    """Nothing has that name or id.

    Attributes:
        name: The requested name or id.
    """

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.name = name

    @classmethod
    def cluster(cls, name: str) -> Self:
        """Returns the error for a name that no cluster has."""
        return cls(name, f"No cluster is named {name[:80]!r}.")
