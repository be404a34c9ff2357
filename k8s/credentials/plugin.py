"""Exec credential plugins as data: what a kubeconfig says of one, and which an operator allows.

The kubeconfig names a program to run; who wrote it may be anybody. So only commands that the operator lists are run,
and they get nothing of our environment but `PATH`, `HOME` and what the operator lists.
"""

import asyncio
from dataclasses import dataclass, field
from typing import Final

PLUGINS_SETTING: Final = "FLEETGRAPH_EXEC_PLUGINS"
"""The setting that lists commands."""
ENVIRONMENT_SETTING: Final = "FLEETGRAPH_EXEC_PLUGIN_ENVIRONMENT"
"""The setting that lists names of variables."""

API_VERSIONS: Final = ("client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1")
"""The versions of the protocol (client.authentication.k8s.io of the API reference); nothing used here differs."""

_AT_ONCE: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecPlugin:
    """A program that prints a credential.

    Attributes:
        command: A name to be looked up in PATH, or an absolute path.
        args: Its arguments; one may be a secret.
        env: Variables that it gets, name and value.
        api_version: One of `API_VERSIONS`.
        has_cluster_info: Whether it is told of the cluster.
    """

    command: str
    args: tuple[str, ...] = field(default=(), repr=False)
    env: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    api_version: str = API_VERSIONS[0]
    has_cluster_info: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecPolicy:
    """What an operator allows; nothing by default.

    Attributes:
        commands: Commands as kubeconfigs write them: a name, or an absolute path.
        environment: Names of variables that plugins get, from a kubeconfig or else from our own environment.
        timeout_s: Seconds in which a plugin must have printed its credential.
        gate: How many run at once.
    """

    commands: frozenset[str] = frozenset()
    environment: frozenset[str] = frozenset()
    timeout_s: float = 10.0
    gate: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_AT_ONCE), compare=False, repr=False)

    def allows(self, command: str) -> bool:
        """Whether a command may be run; a relative path never, whatever is listed."""
        return command in self.commands and (command.startswith("/") or "/" not in command)
