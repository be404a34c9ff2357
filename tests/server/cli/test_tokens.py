"""`tokens create`, `list` and `revoke`."""

import re
import shlex
from datetime import UTC, datetime, timedelta

import pytest

from server.cli.arguments import parse_duration
from server.commanderrors import InputError
from tests.server.commandline import Cli


def test_the_token_stands_alone_on_stdout(cli: Cli) -> None:
    ran = cli("tokens", "create", "--name", "ci", "--admin")

    assert ran.exit_code == 0
    assert re.fullmatch(r"fgt_[0-9a-f]{12}_[\w-]{43}\n", ran.out)
    assert "ci" in ran.err
    assert ran.out.strip() not in ran.err


def test_the_first_command_announces_the_key_file_once(cli: Cli) -> None:
    first = cli("tokens", "create", "--name", "a", "--admin")
    second = cli("tokens", "create", "--name", "b", "--admin")

    assert first.err.count("fleetgraph.key") == 1
    assert "fleetgraph.key" not in second.err


def test_a_token_stands_for_a_user_of_its_own_name_and_for_no_administrator(cli: Cli) -> None:
    ran = cli("tokens", "create", "--name", "ci")

    assert ran.exit_code == 0
    assert "Token ci for the user ci, valid for ever." in ran.err
    (token,) = cli("tokens", "list", "--json").json
    assert (token["user"], token["groups"], token["role"]) == ("ci", [], "user")


def test_a_user_without_grants_is_told_the_command_that_gives_one(cli: Cli) -> None:
    without = cli("tokens", "create", "--name", "a", "--user", "o'brien", "--group", "web").err
    command = without.partition("fleetgraph grants add ")[2].strip()
    cli("grants", "add", *shlex.split(command))

    others = [
        cli("tokens", "create", "--name", "b", "--user", "o'brien"),
        cli("tokens", "create", "--name", "c", "--admin"),
    ]
    cli("grants", "add", "--group", "web", "--all-clusters", "--cluster-role", "view")
    others.append(cli("tokens", "create", "--name", "e", "--user", "anna", "--group", "web"))

    assert "o'brien has no grants yet" in without
    assert [ran.err.count("has no grants yet") for ran in others] == [0, 0, 0]


def test_a_token_stands_for_whom_it_says(cli: Cli) -> None:
    ran = cli("tokens", "create", "--name", "laptop", "--user", "alice", "--group", "web", "--group", "dev", "--admin")

    assert "Token laptop for the administrator alice, valid for ever." in ran.err
    (token,) = cli("tokens", "list", "--json").json
    assert (token["user"], token["groups"], token["role"]) == ("alice", ["dev", "web"], "administrator")
    assert "alice" in cli("tokens", "list").out


def test_a_token_that_ends(cli: Cli) -> None:
    before = datetime.now(UTC)
    cli("tokens", "create", "--name", "ci", "--admin", "--expires", "30d")

    (token,) = cli("tokens", "list", "--json").json

    lasts = datetime.fromisoformat(token["expiresAt"]) - before
    assert timedelta(days=30) <= lasts < timedelta(days=30, minutes=1)


def test_lists_never_show_secrets(cli: Cli) -> None:
    secret = cli("tokens", "create", "--name", "ci", "--admin").out.strip().split("_", 2)[2]

    assert len(secret) > 30
    assert secret not in cli("tokens", "list").out + cli("tokens", "list", "--json").out


def test_a_revoked_token_is_listed_as_such(cli: Cli) -> None:
    cli("tokens", "create", "--name", "ci", "--admin")

    ran = cli("tokens", "revoke", "ci")

    assert (ran.exit_code, ran.out) == (0, "revoked   ci\n")
    assert cli("tokens", "list", "--json").json[0]["state"] == "revoked"


@pytest.mark.parametrize(
    ("command", "exit_code"),
    [
        (("revoke", "nope"), 1),
        (("create", "--name", "taken", "--admin"), 1),
        (("create", "--name", "", "--admin"), 2),
        (("create", "--name", "a\nb", "--admin"), 2),
        (("create", "--name", "x", "--admin", "--expires", "soon"), 2),
        (("create", "--name", "x", "--admin", "--expires", "0d"), 2),
        (("create", "--admin"), 2),
        (("create", "--name", "x", "--user", "system:admin"), 2),
        (("create", "--name", "x", "--group", "system:masters"), 2),
        (("create", "--name", "operator"), 2),
    ],
)
def test_refusals_have_an_exit_code_and_no_token(cli: Cli, command: tuple[str, ...], exit_code: int) -> None:
    cli("tokens", "create", "--name", "taken", "--admin")

    ran = cli("tokens", *command)

    assert (ran.exit_code, ran.out) == (exit_code, "")
    assert [token["name"] for token in cli("tokens", "list", "--json").json] == ["taken"]


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("90m", timedelta(minutes=90)),
        ("12h", timedelta(hours=12)),
        ("8w", timedelta(weeks=8)),
        ("5s", timedelta(seconds=5)),
    ],
)
def test_durations(text: str, duration: timedelta) -> None:
    assert parse_duration(text) == duration


@pytest.mark.parametrize("text", ["", "1", "d", "-1d", "1.5h", "1y", "0s", "999999d", "\u0663d", "1d\n"])
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(InputError):
        parse_duration(text)
