"""Execution of an exec credential plugin: without a shell or our environment, with limits of time and output.

The protocol is that of client-go (client.authentication.k8s.io): the plugin gets an ExecCredential in the variable
KUBERNETES_EXEC_INFO and prints one with a token. Its error output is no part of the error's text, which callers see;
the command line shows it (`k8s.credentials.erroroutput`).
"""

import asyncio
import os
import shutil
import signal
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from typing import Final

import msgspec

from k8s.credentials.credential import BearerToken, CredentialInvalid, Secret
from k8s.credentials.erroroutput import ErrorOutput, secrets_among
from k8s.credentials.plugin import ExecPlugin, ExecPolicy
from k8s.credentials.pluginsettings import AT_ONCE_SETTING, ENVIRONMENT_SETTING, PLUGINS_SETTING, TIMEOUT_SETTING
from k8s.credentials.tokens import IssuedToken
from k8s.endpoint import Endpoint
from k8s.listednames import all_of
from k8s.reading.decoder import Decoder, Undecodable

PLUGIN_HINT: Final = "; fleetgraph clusters check shows why"
"""The end of a failed plugin's message for those who do not see its error output."""
MAX_OUTPUT_BYTES: Final = 64 * 1024
_PASSED_ON: Final = ("PATH", "HOME")
_ENDING_S: Final = 2.0


class _ExecCredentialStatus(msgspec.Struct, rename="camel"):
    token: str | None = None
    expiration_timestamp: str | None = None
    client_certificate_data: str | None = None


class _ExecCredential(msgspec.Struct, rename="camel"):
    api_version: str
    kind: str
    status: _ExecCredentialStatus | None = None


_DECODER: Final = Decoder(_ExecCredential)


class PluginFailed(CredentialInvalid):
    """A plugin that gave no credential.

    Attributes:
        detail: Words for the person at the command line, such as the plugin's error output, without secrets; no part
            of the message.
        has_run: Whether it was started.
    """

    def __init__(self, message: str, detail: str, *, has_run: bool = True) -> None:
        super().__init__(message)
        self.detail = detail
        self.has_run = has_run


class PluginToken:
    """Issues the tokens of one plugin for one cluster; see `k8s.credentials.tokens.Issue`."""

    def __init__(self, plugin: ExecPlugin, endpoint: Endpoint, policy: ExecPolicy) -> None:
        self._plugin = plugin
        self._endpoint = endpoint
        self._policy = policy

    async def __call__(self) -> IssuedToken:
        """Runs the plugin.

        Raises:
            PluginFailed: The plugin is not installed, failed, timed out, or printed no valid token.
            CredentialInvalid: The plugin is not allowed.
        """
        arguments, environment = self._arguments(), self._environment()
        async with self._turn():
            with ErrorOutput() as errors:
                try:
                    return self._issued(await self._run(arguments, environment, errors))
                except CredentialInvalid as error:
                    secrets = secrets_among(arguments, environment.items())
                    excerpt = errors.excerpt(secrets)
                    detail = f"Its error output: {excerpt}" if excerpt else ""
                    raise PluginFailed(str(error), detail) from error.__cause__

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        """Waits until fewer plugins run than may run at once."""
        policy = self._policy
        try:
            async with asyncio.timeout(policy.turn_timeout_s):
                await policy.gate.acquire()
        except TimeoutError:
            raise CredentialInvalid(
                f"its exec plugin waited {policy.turn_timeout_s:g} s for its turn: {policy.at_once} run at once "
                f"({AT_ONCE_SETTING}), each for up to {policy.timeout_s:g} s ({TIMEOUT_SETTING})"
            ) from None
        try:
            yield
        finally:
            policy.gate.release()

    def _arguments(self) -> list[str]:
        if not self._policy.allows(self._plugin):
            raise CredentialInvalid(f"its credential comes from a program that is not in {PLUGINS_SETTING}")
        program = shutil.which(self._plugin.command)
        if program is None:
            command = self._plugin.command
            detail = f"{command} {'does not exist, or is no program' if '/' in command else 'is not in PATH'}."
            raise PluginFailed("the exec plugin that gives its credential is not installed here", detail, has_run=False)
        return [program, *self._plugin.args]

    def _environment(self) -> dict[str, str]:
        allowed = self._policy.variables(self._plugin)
        denied = sorted({name for name, _ in self._plugin.env} - allowed)
        if denied:
            cause = f"its exec plugin sets {all_of(denied)}, which {ENVIRONMENT_SETTING} does not list"
            raise CredentialInvalid(cause)
        names = (*_PASSED_ON, *allowed)
        passed_on = {name: os.environ[name] for name in names if name in os.environ}
        return {**passed_on, **dict(self._plugin.env), "KUBERNETES_EXEC_INFO": self._info()}

    def _info(self) -> str:
        spec: dict[str, object] = {"interactive": False}
        if self._plugin.has_cluster_info:
            spec["cluster"] = self._cluster()
        fields = {"apiVersion": self._plugin.api_version, "kind": "ExecCredential", "spec": spec}
        return msgspec.json.encode(fields).decode()

    def _cluster(self) -> dict[str, object]:
        endpoint = self._endpoint
        fields: dict[str, object] = {"server": endpoint.server}
        if endpoint.tls_server_name is not None:
            fields["tls-server-name"] = endpoint.tls_server_name
        if endpoint.ca_pem is not None:
            fields["certificate-authority-data"] = b64encode(endpoint.ca_pem.encode()).decode()
        if endpoint.proxy_url is not None:
            fields["proxy-url"] = endpoint.proxy_url
        return fields

    async def _run(self, arguments: list[str], environment: dict[str, str], errors: ErrorOutput) -> bytes:
        try:
            process = await asyncio.create_subprocess_exec(
                *arguments,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=errors.descriptor,
                env=environment,
                cwd="/",
                start_new_session=True,
            )
        except OSError as error:
            raise CredentialInvalid(f"its exec plugin cannot be run: {error.strerror}") from error
        errors.close_writer()
        try:
            async with asyncio.timeout(self._policy.timeout_s):
                output = await _read(process)
                code = await process.wait()
        except TimeoutError:
            await _end(process)
            raise CredentialInvalid(
                f"its exec plugin gave no credential in {self._policy.timeout_s:g} s ({TIMEOUT_SETTING})"
            ) from None
        except BaseException:
            await _end(process)
            raise
        if code != 0:
            raise CredentialInvalid(f"its exec plugin failed (exit code {code}){PLUGIN_HINT}")
        return output

    def _issued(self, output: bytes) -> IssuedToken:
        try:
            answer = _DECODER.decode(output)
        except Undecodable:
            answer = None  # the parser's own words could quote the output
        if answer is None or answer.kind != "ExecCredential" or answer.api_version != self._plugin.api_version:
            raise CredentialInvalid(f"its exec plugin printed no ExecCredential of {self._plugin.api_version}")
        status = answer.status or _ExecCredentialStatus()
        if status.client_certificate_data is not None:
            raise CredentialInvalid("its exec plugin gives a client certificate; only tokens are supported")
        if not status.token:
            raise CredentialInvalid("its exec plugin gives no token")
        expires_at = _time(status.expiration_timestamp)
        if expires_at is not None and expires_at <= datetime.now(UTC):
            raise CredentialInvalid("its exec plugin gives a token that has expired")
        return IssuedToken(BearerToken(Secret(status.token)).token, expires_at)


async def _read(process: asyncio.subprocess.Process) -> bytes:
    if process.stdout is None:
        raise CredentialInvalid("its exec plugin has no output")
    output = b""
    while chunk := await process.stdout.read(MAX_OUTPUT_BYTES):
        output += chunk
        if len(output) > MAX_OUTPUT_BYTES:
            raise CredentialInvalid(f"its exec plugin printed more than {MAX_OUTPUT_BYTES} bytes")
    return output


async def _end(process: asyncio.subprocess.Process) -> None:
    """Kills the plugin with its children. One that left its process group with the output open is not awaited."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    with suppress(TimeoutError):
        async with asyncio.timeout(_ENDING_S):
            while process.stdout is not None and await process.stdout.read(MAX_OUTPUT_BYTES):
                pass  # the exit is noticed only after the output was read
            await process.wait()


def _time(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        time = None
    if time is None or time.tzinfo is None:
        raise CredentialInvalid("its exec plugin gives a token with an invalid expirationTimestamp")
    return time
