"""The URL of the database."""

from pathlib import Path

import pytest

from store.database.url import DatabaseUrl
from store.errors import DatabaseUrlError


@pytest.mark.parametrize(
    ("text", "file"),
    [
        ("sqlite:////var/lib/fleetgraph/fleetgraph.db", Path("/var/lib/fleetgraph/fleetgraph.db")),
        ("sqlite:///data/fleetgraph.db", Path.cwd() / "data/fleetgraph.db"),
        ("sqlite:///~/fleetgraph.db", Path.home() / "fleetgraph.db"),
        ("sqlite+aiosqlite:////a%20b/c.db", Path("/a b/c.db")),
    ],
)
def test_a_sqlite_url_names_a_file(text: str, file: Path) -> None:
    url = DatabaseUrl.parse(text)

    assert url.file == file
    assert url.dsn is None
    assert str(url) == str(file)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+asyncpg"])
def test_every_usual_scheme_of_postgresql_is_understood(scheme: str) -> None:
    url = DatabaseUrl.parse(f"{scheme}://user:secret@db.example.com:5433/fleet?sslmode=require")

    assert url.dsn == "postgresql://user:secret@db.example.com:5433/fleet?sslmode=require"
    assert url.file is None


def test_several_hosts_and_a_socket_are_understood() -> None:
    assert DatabaseUrl.parse("postgresql://a:5432,b:5433/fleet").dsn == "postgresql://a:5432,b:5433/fleet"
    assert (
        DatabaseUrl.parse("postgresql:///fleet?host=/run/postgresql").dsn == "postgresql:///fleet?host=/run/postgresql"
    )


def test_no_password_is_shown() -> None:
    url = DatabaseUrl.parse("postgres://user:canary@db.example.com:5433/fleet?password=canary")

    assert str(url) == "postgresql://db.example.com:5433/fleet"
    assert "canary" not in repr(url)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "unknown scheme"),
        ("canary", "unknown scheme"),
        ("mysql://user:canary@host/db", "unknown scheme"),
        ("sqlite://canary.db", "needs three slashes"),
        ("sqlite://", "needs three slashes"),
        ("sqlite:///", "names no file"),
        ("sqlite:///:memory:", "names no file"),
        ("sqlite:////var/lib/canary/", "names no file"),
        ("sqlite:////var/canary.db?mode=ro", "has options after"),
        ("postgresql://user:canary@host:port/db", "malformed"),
        ("postgresql://user:canary@host:5432,other:x/db", "malformed"),
        ("postgresql://user:canary@[::1/db", "malformed"),
    ],
)
def test_an_unusable_url_is_refused_and_not_repeated(text: str, message: str) -> None:
    with pytest.raises(DatabaseUrlError, match=message) as refusal:
        DatabaseUrl.parse(text)

    assert "canary" not in str(refusal.value)
    assert refusal.value.__cause__ is None


def test_a_database_is_a_file_or_a_server() -> None:
    with pytest.raises(DatabaseUrlError):
        DatabaseUrl()
