"""Audit events of the command line and the HTTP layer, and `audit list`."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from resolvers.audit import commandline
from resolvers.audit.auditor import Auditor
from server.observe.logfile import log_file_path
from server.observe.logs import configure_logging
from server.serve.memoryaudit import MemoryAudit
from server.settings.observation import LogFormat, LogLevel
from server.settings.settings import Settings
from store.audit.event import AuditAction, AuditEvent, AuditFilter, AuditOutcome
from store.audit.log import AuditLog
from store.errors import StoreUnavailable
from tests.server import dumps, kubeconfigs
from tests.server.commandline import Cli
from tests.server.http_parts import TOKEN, Fakes

READS = {AuditAction.SECRET_READ, AuditAction.SECRET_REVEAL, AuditAction.ADMINISTRATOR_USE, AuditAction.DENIAL}


def _listed(cli: Cli, *options: str) -> list[Mapping[str, object]]:
    events = json.loads(cli("audit", "list", "--json", *options).out)
    assert isinstance(events, list)
    return events


def test_tokens_are_on_record_without_their_text(cli: Cli) -> None:
    created = cli("tokens", "create", "--name", "ci", "--admin")
    cli("tokens", "revoke", "ci")

    revoked, made = _listed(cli)
    assert (made["action"], made["name"], made["outcome"]) == ("TOKEN_CREATE", "ci", "SUCCEEDED")
    assert (revoked["action"], revoked["name"], revoked["outcome"]) == ("TOKEN_REVOKE", "ci", "SUCCEEDED")
    assert str(made["caller"]).startswith("operator")
    assert created.out.strip() not in cli("audit", "list", "--json").out


def test_what_failed_is_on_record_too(cli: Cli) -> None:
    assert cli("tokens", "revoke", "nobody").exit_code == 1

    (event,) = _listed(cli)
    assert (event["outcome"], event["code"]) == ("FAILED", "NotFound")


def _change_everything(cli: Cli, tmp_path: Path) -> None:
    """Runs one command for each kind of change."""
    file = kubeconfigs.write(tmp_path / "config", "one", "two")
    dump = dumps.write(tmp_path / "night.json", dumps.pod("a"))
    cli("clusters", "import", "--no-check", "--all", "--kubeconfig", str(file))
    cli("clusters", "import", "--snapshot", str(dump))
    cli("clusters", "label", "one", "env=dev")
    cli("clusters", "identity", "one", "impersonation")
    granted = cli("grants", "add", "--user", "alice", "--all-clusters", "--cluster-role", "view", "--json")
    cli("grants", "remove", granted.json["id"])
    cli("clusters", "remove", "one", "--yes")
    cli("tokens", "create", "--name", "ci")
    cli("tokens", "revoke", "ci")
    cli("keys", "rotate")
    cli("keys", "prune")


def test_every_change_is_on_record_as_one_of_the_command_line(cli: Cli, tmp_path: Path) -> None:
    _change_everything(cli, tmp_path)

    changes = [event for event in _listed(cli) if event["action"] not in READS]
    assert {event["action"] for event in changes} == {*AuditAction} - READS
    assert {(event["verb"], event["outcome"]) for event in changes} == {(commandline.COMMAND_LINE, "SUCCEEDED")}


def test_every_change_is_in_the_log_when_it_begins_and_when_it_ends(cli: Cli, tmp_path: Path) -> None:
    _change_everything(cli, tmp_path)

    lines = [json.loads(line) for line in log_file_path().read_text().splitlines()]
    logged = {(line["audit"]["id"], line["audit"]["outcome"]) for line in lines if line["event"] == "audit"}
    changes = [event for event in _listed(cli) if event["action"] not in READS]
    assert logged == {(event["id"], outcome) for event in changes for outcome in ("BEGUN", event["outcome"])}


def test_an_outcome_that_cannot_be_stored_is_in_the_log(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    async def refuse_outcomes(log: AuditLog, events: Sequence[AuditEvent]) -> None:
        if any(event.outcome is not AuditOutcome.BEGUN for event in events):
            raise StoreUnavailable("The database is read-only.")
        await written(log, events)

    written = AuditLog.write
    monkeypatch.setattr(AuditLog, "write", refuse_outcomes)

    cli("grants", "add", "--user", "alice", "--all-clusters", "--cluster-role", "view")

    lost = [json.loads(line) for line in log_file_path().read_text().splitlines() if "is not stored" in line]
    assert [(line["audit"]["action"], line["audit"]["outcome"]) for line in lost] == [("GRANT_ADD", "SUCCEEDED")]


def test_au_2_nothing_changes_that_cannot_be_on_record(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    async def refuse(_log: AuditLog, _events: Sequence[AuditEvent]) -> None:
        raise StoreUnavailable("The database is read-only.")

    with monkeypatch.context() as patched:
        patched.setattr(AuditLog, "write", refuse)
        ran = cli("tokens", "create", "--name", "ci", "--admin")

    assert (ran.exit_code, ran.out) == (3, "")
    assert json.loads(cli("tokens", "list", "--json").out) == []


def test_events_are_listed_for_people(cli: Cli) -> None:
    cli("tokens", "create", "--name", "ci", "--admin")

    header, line = cli("audit", "list").out.splitlines()
    assert header.split()[:4] == ["AT", "CALLER", "ACTION", "OUTCOME"]
    assert "TOKEN_CREATE" in line
    assert cli("audit", "list", "--caller", "nobody").err == "There are no such events.\n"


def test_a_user_without_a_name_is_the_operator(monkeypatch: pytest.MonkeyPatch) -> None:
    def nameless() -> str:
        raise OSError("no such user")

    monkeypatch.setattr(commandline, "getuser", nameless)

    assert commandline.operator() == "operator"


async def _events(auditor: Auditor, log: MemoryAudit) -> tuple[AuditEvent, ...]:
    await auditor.flush()
    return await log.page(first=10, before=None, matching=AuditFilter())


async def test_a_refused_request_is_on_record_without_its_token() -> None:
    log = MemoryAudit()
    auditor = Auditor(log)
    fakes = Fakes(auditor=auditor)

    response = await fakes.post(authorization="Bearer canary-canary")
    await fakes.post(authorization="Bearer other-canary")

    (event,) = await _events(auditor, log)
    assert (event.action, event.outcome, event.code) == (AuditAction.DENIAL, AuditOutcome.DENIED, "UNAUTHENTICATED")
    assert (event.actor, event.resource, event.count) == ("", "/graphql", 2)
    assert event.request_id == response.headers["x-request-id"]
    assert "canary" not in repr(event)


async def test_an_answered_request_is_no_denial() -> None:
    log = MemoryAudit()
    auditor = Auditor(log)

    await Fakes(auditor=auditor).post()

    assert await _events(auditor, log) == ()


@pytest.mark.parametrize("log_format", list(LogFormat))
async def test_er_6_an_event_is_one_line_at_every_level(
    log_format: LogFormat, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logging(Settings(log_level=LogLevel.ERROR, log_format=log_format))
    auditor = Auditor(MemoryAudit())

    auditor.begin(AuditAction.SECRET_READ, "eve\r\n\x1b[31m{}", name='"}\n{"event":"forged"')

    (line,) = capsys.readouterr().err.splitlines()
    assert "\x1b" not in line
    assert TOKEN not in line
