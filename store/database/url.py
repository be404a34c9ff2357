"""The URL of the database, as operators write it."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Self
from urllib.parse import SplitResult, unquote, urlsplit

from store.errors import DatabaseUrlError

_POSTGRESQL_SCHEMES: Final = frozenset({"postgresql", "postgres", "postgresql+asyncpg"})
_SQLITE_SCHEMES: Final = frozenset({"sqlite", "sqlite+aiosqlite"})
_FORMS: Final = (
    "Use sqlite:///relative/path, sqlite:////absolute/path or postgresql://user:password@host:5432/database."
)


@dataclass(frozen=True, slots=True)
class DatabaseUrl:
    """The location of the database: a SQLite file, or a PostgreSQL server.

    Exactly one of `file` and `dsn` is set. Neither `str` nor `repr` shows a password.
    """

    file: Path | None = None
    dsn: str | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if (self.file is None) == (self.dsn is None):
            raise DatabaseUrlError("A database is either a file or a server.")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parses a URL; the PostgreSQL driver parses the options after `?`, such as `sslmode=verify-full`.

        Raises:
            DatabaseUrlError: The scheme is unknown, a part is malformed, or SQLite has no file.
        """
        scheme, separator, rest = text.partition("://")
        if separator and scheme in _SQLITE_SCHEMES:
            return cls.for_file(_sqlite_path(rest))
        if separator and scheme in _POSTGRESQL_SCHEMES:
            return cls(dsn=_checked_dsn(f"postgresql://{rest}"))
        raise DatabaseUrlError(f"The database URL has an unknown scheme. {_FORMS}")

    @classmethod
    def for_file(cls, path: Path) -> Self:
        """Returns the SQLite database in a file; a leading `~` is the home directory."""
        return cls(file=path.expanduser().absolute())

    def __str__(self) -> str:
        if self.file is not None:
            return str(self.file)
        url = urlsplit(self.dsn or "")
        return f"postgresql://{url.netloc.rpartition('@')[2]}{url.path}"


def _sqlite_path(rest: str) -> Path:
    if not rest.startswith("/"):
        raise DatabaseUrlError(f"The SQLite URL needs three slashes before its path. {_FORMS}")
    path, _, options = rest.removeprefix("/").partition("?")
    if options:
        raise DatabaseUrlError("The SQLite URL has options after '?', which are not supported. Remove them.")
    if path in ("", ":memory:") or path.endswith("/"):
        raise DatabaseUrlError(f"The SQLite URL names no file, and a database in memory would be lost. {_FORMS}")
    return Path(unquote(path))


def _checked_dsn(dsn: str) -> str:
    try:
        url = urlsplit(dsn)
        _require_ports(url)
    except ValueError:
        raise DatabaseUrlError(f"The PostgreSQL URL is malformed: write special characters as %XX. {_FORMS}") from None
    return dsn


def _require_ports(url: SplitResult) -> None:
    """Checks the port of each host: libpq's URLs may have several, separated by commas."""
    for host in url.netloc.rpartition("@")[2].split(","):
        _ = urlsplit(f"//{host}").port
