"""What the store raises.

Policy: a message names the cause and the way out, and is safe to show to the operator: it never holds a key, a
credential, a token, a password or a bound value. Errors of vendors (SQLAlchemy, drivers, cryptography) stop at the
border of this package and are chained as the cause.

    StoreError
    ├── StoreUnavailable        the database is unreachable, locked past its timeout, full or damaged; try again later
    ├── DatabaseUrlError        the URL of the database cannot be used
    ├── MigrationError          the schema could not be brought up to date
    │   └── DatabaseTooNew      the schema was written by a newer fleetgraph
    ├── KeyRingError            no key, a wrong length, a missing version, an unreadable or unprotected key file
    ├── CredentialUnreadable    a stored credential does not decrypt
    ├── InvalidValue            a name, label, URL or time that the store refuses; also a ValueError
    ├── NameTaken               the name is in use
    └── NotFound                nothing has that name or id
"""


class StoreError(Exception):
    """Base of all errors of the store; catch it to report any of them."""


class StoreUnavailable(StoreError):
    """The database does not answer now. The same call may succeed later, so callers may retry it."""


class DatabaseUrlError(StoreError):
    """The database URL cannot be used; the message says which part and never repeats a password."""


class MigrationError(StoreError):
    """The schema could not be brought up to date; the database is as it was before."""


class DatabaseTooNew(MigrationError):
    """A newer fleetgraph has migrated this database; running on would risk its data."""


class KeyRingError(StoreError):
    """The encryption keys cannot be used; the message names versions and files, never a key."""


class CredentialUnreadable(StoreError):
    """A stored credential does not decrypt: changed, cut, moved between rows, or sealed with another key."""


class InvalidValue(StoreError, ValueError):
    """A value that the store refuses, with the rule that it breaks."""


class NameTaken(StoreError):
    """The name is in use.

    Attributes:
        name: The name that was asked for.
    """

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.name = name


class NotFound(StoreError):
    """Nothing has that name or id.

    Attributes:
        name: The name or id that was asked for.
    """

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.name = name
