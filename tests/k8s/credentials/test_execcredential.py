"""Exec credential plugins: allowed commands, their environment, and their answers."""

import asyncio
import json
import os
from dataclasses import replace
from pathlib import Path
from time import perf_counter

import pytest

from k8s import errors
from k8s.credentials.credential import CredentialInvalid, dump_credential, load_credential
from k8s.credentials.exec import PluginFailed, PluginToken
from k8s.credentials.plugin import ExecPlugin, ExecPolicy
from k8s.credentials.sources import CredentialSources
from k8s.endpoint import Endpoint
from k8s.transport.transport import Transport
from tests.k8s.kubeconfig_samples import authority
from tests.k8s.plugins import V1, exec_credential, runs, write_plugin
from tests.k8s.transports import LIMITS, LIST
from tests.k8s.wireserver import WireServer, http, until

ENDPOINT = Endpoint("https://api.example:6443", ca_pem=authority().pem.decode(), tls_server_name="kubernetes")
CANARY = "canary-4c1e"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "plugin"


def _token(path: Path, plugin: ExecPlugin | None = None, **policy: object) -> PluginToken:
    allowed = replace(ExecPolicy(commands=frozenset({str(path)}), timeout_s=30), **policy)  # type: ignore[arg-type]  # of the tests
    return PluginToken(plugin or ExecPlugin(command=str(path)), ENDPOINT, allowed)


async def test_a_plugin_gives_a_token_with_its_end(path: Path) -> None:
    write_plugin(path)

    issued = await _token(path)()

    assert issued.token.reveal() == "plugin-token"
    assert issued.expires_at is not None
    assert runs(path) == 1


@pytest.mark.parametrize("listed", [frozenset(), frozenset({"plugin"}), frozenset({"/usr/bin/plugin"})])
async def test_kc_1_a_program_that_is_not_listed_is_not_run(path: Path, listed: frozenset[str]) -> None:
    write_plugin(path)

    with pytest.raises(CredentialInvalid, match="not in FLEETGRAPH_EXEC_PLUGINS"):
        await _token(path, commands=listed)()

    assert runs(path) == 0


async def test_a_name_is_looked_up_in_path_and_a_relative_path_never_run(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_plugin(path)
    monkeypatch.setenv("PATH", f"{path.parent}:{os.environ['PATH']}")
    monkeypatch.chdir(path.parent)
    listed = frozenset({"plugin", "./plugin"})

    await _token(path, ExecPlugin(command="plugin"), commands=listed)()
    with pytest.raises(CredentialInvalid, match="not in FLEETGRAPH_EXEC_PLUGINS"):
        await _token(path, ExecPlugin(command="./plugin"), commands=listed)()

    assert runs(path) == 1


async def test_arguments_are_never_read_by_a_shell(path: Path) -> None:
    write_plugin(path, f"printf '%s\\n' \"$@\" > '{path}.args'")
    arguments = ("a b", "$(touch x)", "`id`", "; exit 1", "", "*", "--flag=\n")

    await _token(path, ExecPlugin(command=str(path), args=arguments))()

    assert _text(path, "args") == "\n".join(arguments) + "\n"


async def test_nothing_of_our_environment_is_passed_on_but_what_is_listed(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_plugin(path, f"env > '{path}.env'")
    monkeypatch.setenv("FLEETGRAPH_ENCRYPTION_KEYS", CANARY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", CANARY)
    monkeypatch.setenv("AWS_ROLE_ARN", "of-ours")
    monkeypatch.setenv("AWS_PROFILE", "of-ours")
    plugin = ExecPlugin(command=str(path), env=(("AWS_PROFILE", "of-the-kubeconfig"),))

    await _token(path, plugin, environment=frozenset({"AWS_PROFILE", "AWS_ROLE_ARN", "UNSET"}))()

    seen = dict(line.split("=", 1) for line in _text(path, "env").splitlines())
    for of_the_shell in ("PWD", "SHLVL", "_", "OLDPWD"):
        seen.pop(of_the_shell, None)
    assert seen.pop("KUBERNETES_EXEC_INFO") == json.dumps(
        {"apiVersion": V1, "kind": "ExecCredential", "spec": {"interactive": False}}, separators=(",", ":")
    )
    assert seen == {
        "PATH": os.environ["PATH"],
        "HOME": os.environ["HOME"],
        "AWS_PROFILE": "of-the-kubeconfig",
        "AWS_ROLE_ARN": "of-ours",
    }


async def test_a_variable_of_the_kubeconfig_that_is_not_listed_stops_it(path: Path) -> None:
    write_plugin(path)

    with pytest.raises(CredentialInvalid, match="LD_PRELOAD, which FLEETGRAPH_EXEC_PLUGIN_ENV") as refusal:
        await _token(path, ExecPlugin(command=str(path), env=(("LD_PRELOAD", CANARY),)))()

    assert runs(path) == 0
    assert CANARY not in str(refusal.value)


async def test_a_plugin_is_told_of_the_cluster_if_it_wants_to_be(path: Path) -> None:
    write_plugin(path, f"echo \"$KUBERNETES_EXEC_INFO\" > '{path}.info'")

    await _token(path, ExecPlugin(command=str(path), has_cluster_info=True))()

    spec = json.loads(_text(path, "info"))["spec"]
    assert (spec["cluster"]["server"], spec["cluster"]["tls-server-name"]) == (ENDPOINT.server, "kubernetes")
    assert spec["cluster"]["certificate-authority-data"]


@pytest.mark.parametrize(
    ("prints", "message"),
    [
        ("", "printed no ExecCredential"),
        (CANARY, "printed no ExecCredential"),
        ("[]", "printed no ExecCredential"),
        (exec_credential().replace("/v1", "/v2"), "printed no ExecCredential"),
        (exec_credential().replace("ExecCredential", "Secret"), "printed no ExecCredential"),
        (json.dumps({"apiVersion": V1, "kind": "ExecCredential"}), "gives no token"),
        (exec_credential(""), "gives no token"),
        (exec_credential(f"{CANARY}\r\nX: y"), "has a space, a line break"),
        (exec_credential(life_s=-1), "has expired"),
        (exec_credential(expirationTimestamp="soon"), "invalid expirationTimestamp"),
        (exec_credential(expirationTimestamp="2999-01-01T00:00:00"), "invalid expirationTimestamp"),
        (exec_credential(clientCertificateData="x", clientKeyData=CANARY), "client certificate"),
        (exec_credential("x" * (64 * 1024)), "more than 65536 bytes"),
    ],
)
async def test_an_answer_that_is_none_is_refused_and_not_quoted(path: Path, prints: str, message: str) -> None:
    write_plugin(path, prints=prints)

    with pytest.raises(CredentialInvalid, match=message) as refusal:
        await _token(path)()

    assert CANARY not in f"{refusal.value!r} {refusal.value.__cause__!r} {refusal.value.__context__!r}"


@pytest.mark.parametrize("script", [f"echo {CANARY} >&2; exit 3", f"echo {CANARY}; exit 3"])
async def test_a_failure_is_its_exit_code_and_nothing_that_it_says(
    path: Path, script: str, capfd: pytest.CaptureFixture[str]
) -> None:
    write_plugin(path, script)

    with pytest.raises(CredentialInvalid, match=r"failed \(exit code 3\)") as refusal:
        await _token(path)()

    assert CANARY not in f"{refusal.value!r} {capfd.readouterr()}"


async def test_the_error_output_is_a_detail_of_the_failure_and_no_part_of_its_text(path: Path) -> None:
    write_plugin(path, f"echo no profile of $SOME_TOKEN {CANARY} >&2; exit 3")
    plugin = ExecPlugin(command=str(path), env=(("SOME_TOKEN", CANARY), ("PROFILE", "prod")))

    with pytest.raises(PluginFailed) as refusal:
        await _token(path, plugin, environment=frozenset({"SOME_TOKEN", "PROFILE"}))()

    assert str(refusal.value) == "its exec plugin failed (exit code 3); fleetgraph clusters check shows why"
    assert refusal.value.detail == "Its error output: no profile of *** ***"


@pytest.mark.parametrize(
    ("script", "timeout_s", "message"),
    [("echo why >&2; sleep 60", 2, "gave no credential in 2 s"), ("echo why >&2", 30, "printed no ExecCredential")],
)
async def test_every_failure_has_the_error_output(path: Path, script: str, timeout_s: float, message: str) -> None:
    write_plugin(path, script, prints="")

    for _ in range(5):  # a busy machine may be too slow for the text
        with pytest.raises(PluginFailed, match=message) as refusal:
            await _token(path, timeout_s=timeout_s)()
        if refusal.value.detail:
            break

    assert refusal.value.detail == "Its error output: why"


async def test_the_detail_reaches_the_error_of_the_cluster_behind_its_text(path: Path, server: WireServer) -> None:
    write_plugin(path, f"echo {CANARY} >&2; exit 3")
    sources = CredentialSources(exec=ExecPolicy(commands=frozenset({str(path)}), timeout_s=30))
    limits = replace(LIMITS, sources=sources)
    transport = Transport("alpha", server.endpoint, credential=ExecPlugin(command=str(path)), limits=limits)

    for _ in range(2):  # the second time, it is the stored failure
        with pytest.raises(errors.CredentialUnusable) as refusal:
            await transport.exchange(LIST, timeout_s=30)
        assert isinstance(refusal.value.__cause__, PluginFailed)
        assert CANARY in refusal.value.__cause__.detail
        assert CANARY not in f"{refusal.value!r} {refusal.value} {refusal.value.cause} {refusal.value.__cause__!r}"
    await transport.close()

    assert (runs(path), server.connections) == (1, 0)


async def test_a_plugin_that_was_allowed_at_its_import_is_run_as_it_was_imported(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_plugin(path, f"env > '{path}.env'")
    monkeypatch.setenv("AWS_ROLE_ARN", "of-ours")
    monkeypatch.setenv("AWS_SECRET", CANARY)
    plugin = ExecPlugin(
        command=str(path),
        env=(("AWS_PROFILE", "prod"),),
        is_allowed=True,
        allowed_environment=("AWS_PROFILE", "AWS_ROLE_ARN"),
    )

    await _token(path, plugin, commands=frozenset(), accepts_imports=True)()

    seen = _text(path, "env").splitlines()
    assert {"AWS_PROFILE=prod", "AWS_ROLE_ARN=of-ours"} <= set(seen)
    assert CANARY not in _text(path, "env")


@pytest.mark.parametrize(
    ("plugin", "accepts_imports", "message"),
    [
        ({"is_allowed": True}, False, "not in FLEETGRAPH_EXEC_PLUGINS"),
        ({"is_allowed": False}, True, "not in FLEETGRAPH_EXEC_PLUGINS"),
        ({"is_allowed": True, "env": (("LD_PRELOAD", "x"),)}, True, "sets LD_PRELOAD"),
    ],
)
async def test_an_import_allows_no_more_than_it_was_given_and_the_operator_may_forbid_it(
    path: Path, plugin: dict[str, object], accepts_imports: bool, message: str
) -> None:
    write_plugin(path)

    with pytest.raises(CredentialInvalid, match=message):
        await _token(
            path,
            replace(ExecPlugin(command=str(path)), **plugin),  # type: ignore[arg-type]  # of the test
            commands=frozenset(),
            accepts_imports=accepts_imports,
        )()

    assert runs(path) == 0


async def test_a_plugin_that_hangs_is_ended_with_its_children(path: Path) -> None:
    write_plugin(path, f"sleep 60 & echo $! > '{path}.pid'; wait")
    started = perf_counter()

    await _time_out(path)

    assert perf_counter() - started < 50
    pid = int(_text(path, "pid"))
    await until(lambda: not _is_running(pid))


@pytest.mark.parametrize("script", ["yes", f"yes {CANARY} & sleep 60"])
async def test_a_plugin_that_prints_without_end_is_ended(path: Path, script: str) -> None:
    write_plugin(path, script)
    started = perf_counter()

    with pytest.raises(CredentialInvalid, match="more than 65536 bytes"):
        await _token(path)()

    assert perf_counter() - started < 50


async def test_a_child_that_holds_the_output_open_is_ended(path: Path) -> None:
    write_plugin(path, f"sleep 60 & echo $! > '{path}.pid'")

    await _time_out(path)

    pid = int(_text(path, "pid"))
    await until(lambda: not _is_running(pid))


async def test_a_program_that_is_not_there(path: Path) -> None:
    with pytest.raises(PluginFailed, match="is not installed here") as refusal:
        await _token(path)()

    assert refusal.value.detail == f"{path} does not exist, or is no program."


async def test_one_run_serves_all_requests(path: Path, server: WireServer) -> None:
    write_plugin(path)
    sources = CredentialSources(exec=ExecPolicy(commands=frozenset({str(path)}), timeout_s=30))
    limits = replace(LIMITS, sources=sources, connect_timeout_s=30)
    transport = Transport("alpha", server.endpoint, credential=ExecPlugin(command=str(path)), limits=limits)

    await asyncio.gather(*(transport.exchange(LIST, timeout_s=30) for _ in range(20)))
    await transport.close()

    assert runs(path) == 1
    assert {server.headers(index)["authorization"] for index in range(20)} == {"Bearer plugin-token"}


async def test_without_an_allowance_nothing_is_run_or_sent(path: Path, server: WireServer) -> None:
    write_plugin(path)
    server.answers = [http()]
    transport = Transport("alpha", server.endpoint, credential=ExecPlugin(command=str(path)), limits=LIMITS)

    with pytest.raises(errors.CredentialUnusable, match=r"cluster 'alpha': .* FLEETGRAPH_EXEC_PLUGINS"):
        await transport.exchange(LIST, timeout_s=30)
    await transport.close()

    assert (runs(path), server.connections) == (0, 0)


def test_a_plugin_is_stored_and_read_back() -> None:
    plugin = ExecPlugin(
        command="aws",
        args=("eks", "get-token"),
        env=(("A", "b"),),
        has_cluster_info=True,
        is_allowed=True,
        allowed_environment=("A", "C"),
    )

    assert load_credential(dump_credential(plugin)) == plugin


def test_a_plugin_of_an_earlier_release_was_allowed_by_nobody() -> None:
    stored = json.loads(dump_credential(ExecPlugin(command="aws", is_allowed=True, allowed_environment=("A",))))
    del stored["plugin"]["is_allowed"], stored["plugin"]["allowed_environment"]

    assert load_credential(json.dumps(stored).encode()) == ExecPlugin(command="aws")


def test_kc_11_arguments_and_variables_do_not_show() -> None:
    plugin = ExecPlugin(command="aws", args=(f"--secret={CANARY}",), env=(("A", CANARY),))

    assert CANARY not in f"{plugin!r} {plugin}"


async def _time_out(path: Path) -> None:
    """Runs a plugin that never ends; again if the machine was too busy for it to write its file in time."""
    for _ in range(5):
        with pytest.raises(CredentialInvalid, match=r"no credential in 2 s"):
            await _token(path, timeout_s=2)()
        if _has_pid(path):
            return


def _has_pid(path: Path) -> bool:
    return Path(f"{path}.pid").exists() and bool(_text(path, "pid"))


def _text(path: Path, suffix: str) -> str:
    return Path(f"{path}.{suffix}").read_text()


def _is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
