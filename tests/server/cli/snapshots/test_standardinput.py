"""`clusters import --snapshot -`: a dump from a pipe."""

import gzip
import io
import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.server import dumps
from tests.server.commandline import Cli
from tests.snapshots.dumps import dumping

IMPORT = ("clusters", "import", "--snapshot", "-")
NAMES = "{ pods { nodes { name } } }"


class _Pipe(io.TextIOWrapper):
    """Standard input from bytes."""

    def __init__(self, content: bytes, *, is_terminal: bool = False) -> None:
        super().__init__(io.BytesIO(content))
        self._is_terminal = is_terminal

    def isatty(self) -> bool:
        return self._is_terminal


Pipe = Callable[[bytes], None]


@pytest.fixture
def pipe(monkeypatch: pytest.MonkeyPatch) -> Pipe:
    return lambda content: monkeypatch.setattr(sys, "stdin", _Pipe(content))


@pytest.mark.parametrize("form", ["yaml", "json", "gz", "tar", "tgz", "zip"])
def test_a_dump_from_a_pipe(cli: Cli, pipe: Pipe, tmp_path: Path, form: str) -> None:
    files = {"pod.yaml": dumping.POD}
    contents: dict[str, Callable[[], bytes]] = {
        "yaml": dumping.POD.encode,
        "json": json.dumps(dumping.pod("web-0")).encode,
        "gz": lambda: gzip.compress(dumping.POD.encode()),
        "tar": lambda: dumping.tar(tmp_path / "d.tar", files, mode="w").read_bytes(),
        "tgz": lambda: dumping.tar(tmp_path / "d.tgz", files).read_bytes(),
        "zip": lambda: dumping.zipped(tmp_path / "d.zip", files).read_bytes(),
    }
    pipe(contents[form]())

    ran = cli(*IMPORT, "--name", "now")

    assert (ran.exit_code, ran.out.split(":")[0]) == (0, "added     now")
    assert cli("query", NAMES).json["data"]["pods"]["nodes"] == [{"name": "web-0"}]
    assert cli("clusters", "show", "now", "--json").json["snapshot"]["file"] == "standard input"


def test_places_in_it_are_named(cli: Cli, pipe: Pipe) -> None:
    pipe(f"Warning: x\n{json.dumps(dumps.pod('a'))}{{".encode())

    ran = cli(*IMPORT, "--name", "now")

    assert ran.err.splitlines()[-3:-1] == [
        "skipped: standard input:2: Input data was truncated.",
        "skipped: standard input:1: text around the objects: Warning: x.",
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "Standard input is empty: the command before the pipe wrote nothing."),
        (b"{}", "standard input holds no Kubernetes objects."),
        (b"BZh9", "standard input is compressed with bzip2; unpack it, or use a .tar.gz or .zip."),
        (
            b" " * 2000,
            "Standard input has more than 1024 bytes. The limit is the setting FLEETGRAPH_MAX_SNAPSHOT_BYTES.",
        ),
    ],
)
def test_input_that_is_no_dump_is_refused(
    cli: Cli, pipe: Pipe, monkeypatch: pytest.MonkeyPatch, content: bytes, message: str
) -> None:
    monkeypatch.setenv("FLEETGRAPH_MAX_SNAPSHOT_BYTES", "1024")
    pipe(content)

    ran = cli(*IMPORT, "--name", "now")

    assert (ran.exit_code, ran.err.splitlines()[-1]) == (2, f"error: {message}")
    assert cli("clusters", "list", "--json").json == []


def test_it_needs_a_name_and_reads_nothing_without_one(cli: Cli, pipe: Pipe) -> None:
    pipe(dumping.POD.encode())

    ran = cli(*IMPORT)

    assert ran.exit_code == 2
    assert ran.err == "error: Standard input has no file name: set the name of the cluster with --name.\n"
    assert sys.stdin.read() == dumping.POD


@pytest.mark.parametrize("stdin", [None, _Pipe(b"", is_terminal=True)], ids=["closed", "terminal"])
def test_a_terminal_is_not_waited_for(cli: Cli, monkeypatch: pytest.MonkeyPatch, stdin: _Pipe | None) -> None:
    monkeypatch.setattr(sys, "stdin", stdin)

    ran = cli(*IMPORT, "--name", "now")

    assert ran.exit_code == 2
    assert "kubectl get all -A -o yaml | fleetgraph clusters import --snapshot - --name NAME" in ran.err


def test_nothing_of_it_is_left_in_the_temporary_folder(
    cli: Cli, pipe: Pipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    pipe(json.dumps(dumps.secret("s")).encode())

    ran = cli(*IMPORT, "--name", "now")

    assert (ran.exit_code, list((tmp_path / "temporary").iterdir())) == (0, [])
