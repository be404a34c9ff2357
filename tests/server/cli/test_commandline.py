"""The command line as a whole: its document, its imports and its exit codes."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import typer

from server.commanderrors import ExitCode
from server.main import app
from tests.server.commandline import Cli

ROOT = Path(__file__).parents[3]
DOCUMENT = ROOT / "docs" / "cli.md"


def _commands() -> Iterator[tuple[str, frozenset[str]]]:
    """Yields every command with its options."""
    for name, command in getattr(typer.main.get_command(app), "commands", {}).items():
        for subname, subcommand in getattr(command, "commands", {"": command}).items():
            options = {option for one in subcommand.params for option in (*one.opts, *one.secondary_opts)}
            yield f"fleetgraph {name} {subname}".strip(), frozenset(o for o in options if o.startswith("-"))


def test_the_document_has_every_command_with_its_options() -> None:
    sections = re.split(r"^## ", DOCUMENT.read_text(), flags=re.MULTILINE)[1:]

    documented = {
        section.partition("\n")[0].strip("`"): frozenset(re.findall(r"`(--?[a-z][a-z-]*)", _options(section)))
        for section in sections
    }
    assert documented == {name: options - {"--help", "-h"} for name, options in _commands()}


def _options(section: str) -> str:
    return "\n".join(line for line in section.splitlines() if line.startswith("- `-"))


@pytest.mark.parametrize("width", [40, 80, 200])
def test_help_fits_the_terminal_and_breaks_no_word(cli: Cli, monkeypatch: pytest.MonkeyPatch, width: int) -> None:
    monkeypatch.setenv("COLUMNS", str(width))

    for name, _options in [("fleetgraph", ()), ("fleetgraph clusters", ()), *_commands()]:
        command = typer.main.get_command(app)
        for word in name.split()[1:]:
            command = getattr(command, "commands", {})[word]
        shown = cli(*name.split()[1:], "--help").out

        texts = [command.help or "", *(getattr(one, "help", None) or "" for one in command.params)]
        words = shown.split()
        assert [word for text in texts for word in text.split() if word not in words] == [], name
        assert [line for line in shown.splitlines() if len(line) > width and "|" not in line] == [], name
        assert re.findall(r"<(?:bool|str|list|int|float|file|path)", shown) == [], name


def test_a_list_of_commands_has_whole_sentences(cli: Cli) -> None:
    shown = " ".join(cli("--help").out.split())

    assert "..." not in shown.partition("Commands:")[2]
    assert (
        "serve Serve the GraphQL endpoint at /graphql until SIGTERM or Ctrl-C, then let running queries finish."
        in shown
    )


def test_the_document_has_every_exit_code() -> None:
    documented = {int(code) for code in re.findall(r"^\| (\d+) \|", DOCUMENT.read_text(), re.MULTILINE)}

    assert documented == set(ExitCode)


def _environment(home: Path, **more: str) -> Mapping[str, str]:
    return {"HOME": str(home), "PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)} | more


def _python(home: Path, code: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-c", code],
        env=_environment(home, **environment),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


LIST_MODULES = """
import sys, atexit, json
from server.cli import failures
from server.main import run
for arguments in {commands}:
    failures.guarded(lambda: run(arguments))
    print(json.dumps(sorted(sys.modules)), file=sys.stderr)
"""
UNWANTED = {
    ("--help",): {"sqlalchemy", "pydantic", "aiohttp", "kubernetes", "graphql", "strawberry", "uvicorn", "structlog"},
    ("tokens", "list"): {"aiohttp", "kubernetes", "graphql", "strawberry", "uvicorn"},
    ("clusters", "list"): {"kubernetes", "graphql", "strawberry", "uvicorn"},
}
"""Commands in an order in which each has what those before it imported, and what none of them may import."""


def test_a_command_imports_no_more_than_it_needs(tmp_path: Path) -> None:
    ran = _python(tmp_path, LIST_MODULES.format(commands=[list(arguments) for arguments in UNWANTED]))

    lines = [line for line in ran.stderr.splitlines() if line.startswith("[")]
    for (arguments, unwanted), line in zip(UNWANTED.items(), lines, strict=True):
        assert set(json.loads(line)) & unwanted == set(), arguments


def test_an_unexpected_error_is_one_line_and_the_details_are_private(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.cli.clusters.inventory.list_clusters", _fail)

    ran = cli("clusters", "list")

    assert (ran.exit_code, ran.out) == (70, "")
    found = re.fullmatch(r"error: unexpected RuntimeError \(id (\w+)\); the details are in (.+)\n", ran.err)
    assert found is not None
    log = Path(found[2])
    assert f"{found[1]}\nTraceback" in log.read_text()
    assert log.stat().st_mode & 0o077 == 0


def _fail(*, as_json: bool) -> None:
    raise RuntimeError("canary")


def _interrupt(*, as_json: bool) -> None:
    raise KeyboardInterrupt


def test_ctrl_c_is_130_without_a_word(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.cli.clusters.inventory.list_clusters", _interrupt)

    ran = cli("clusters", "list")

    assert (ran.exit_code, ran.out, ran.err) == (130, "", "")


def test_a_reader_who_leaves_early_ends_the_command_without_a_word(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "server.main", "clusters", "list", "--json"],
        env=_environment(tmp_path),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    process.stdout.close()

    _, err = process.communicate(timeout=60)

    assert (process.returncode, _but_the_key(err)) == (141, "")


FULL = "error: The output cannot be written: No space left on device.\n"
CLOSED = "error: The output cannot be written: Bad file descriptor.\n"


@pytest.mark.parametrize(
    ("command", "ended"),
    [
        ("clusters list --json >/dev/full", (1, "", FULL)),
        ("--help >/dev/full", (1, "", FULL)),
        ("clusters list --json >&-", (1, "", CLOSED)),
        ("clusters list --json 2>/dev/full", (0, "[]\n", "")),
        ("clusters list --json 2>&-", (0, "[]\n", "")),
        ("clusters nope 2>/dev/full", (2, "", "")),
        ("clusters list <&- >&- 2>&-", (0, "", "")),
    ],
)
def test_streams_that_cannot_be_written(tmp_path: Path, command: str, ended: tuple[int, str, str]) -> None:
    ran = subprocess.run(
        ["/bin/sh", "-c", f'"{sys.executable}" -m server.main {command}'],
        env=_environment(tmp_path),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert (ran.returncode, ran.stdout, _but_the_key(ran.stderr)) == ended


def _but_the_key(err: str) -> str:
    """Returns stderr without the note of the first command in a home."""
    return "".join(line for line in err.splitlines(keepends=True) if not line.startswith("Created "))


@pytest.mark.parametrize(
    "arguments", [(), ("nope",), ("clusters", "nope"), ("serve", "--port", "x"), ("tokens", "revoke")]
)
def test_wrong_usage_is_exit_code_2(cli: Cli, arguments: tuple[str, ...]) -> None:
    ran = cli(*arguments)

    assert ran.exit_code == 2
    assert "Traceback" not in ran.err


def test_settings_that_cannot_be_used_are_a_line_each(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLEETGRAPH_CONNECT_TIMEOUT_S", "0")
    monkeypatch.setenv("FLEETGRAPH_LOG_LEVEL", "loud")

    ran = cli("clusters", "list")

    assert (ran.exit_code, ran.out) == (2, "")
    assert [line.partition(": ")[0] for line in ran.err.splitlines()] == ["error", "error"]


def test_the_version(cli: Cli) -> None:
    ran = cli("--version")

    assert ran.exit_code == 0
    assert ran.out.startswith("fleetgraph ")


@pytest.mark.parametrize(
    ("arguments", "error", "way_out"),
    [
        (("query", "-o", "foo", "{ a }"), "'foo' is not one of 'json'", "fleetgraph query --help"),
        (("clusters", "list", "--bad"), "No such option: --bad.", "fleetgraph clusters list --help"),
        (("clusters", "shoow"), "Did you mean 'show'?", "fleetgraph clusters --help"),
        (("tokens", "create"), "Missing option '--name'.", "fleetgraph tokens create --help"),
    ],
)
def test_arguments_that_do_not_fit_are_an_error_and_a_way_out(
    cli: Cli, arguments: tuple[str, ...], error: str, way_out: str
) -> None:
    ran = cli(*arguments)

    cause, help_line = ran.err.splitlines()
    assert ran.exit_code == ExitCode.USAGE
    assert cause.startswith("error: ")
    assert error in cause
    assert cause.endswith((".", "?"))
    assert help_line == f"Help: {way_out}"
