"""Exec credential plugins as data: the entry of a kubeconfig, and the policy of the operator.

A kubeconfig of unknown origin may name any program. So only commands that the operator lists are run, and they get
nothing of our environment but `PATH`, `HOME` and the variables that the operator lists.
"""

import asyncio
from dataclasses import dataclass, field
from typing import Final

PLUGINS_SETTING: Final = "FLEETGRAPH_EXEC_PLUGINS"
"""The setting that lists commands."""
ENVIRONMENT_SETTING: Final = "FLEETGRAPH_EXEC_PLUGIN_ENVIRONMENT"
"""The setting that lists names of variables."""
AT_ONCE_SETTING: Final = "FLEETGRAPH_MAX_EXEC_PLUGINS"
"""The setting of the number of concurrent plugins."""
TIMEOUT_SETTING: Final = "FLEETGRAPH_EXEC_PLUGIN_TIMEOUT_S"
"""The setting of the timeout."""

API_VERSIONS: Final = ("client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1")
"""The versions of the protocol (client.authentication.k8s.io of the API reference), which do not differ in anything
used here."""

_TURN_PER_TIMEOUT: Final = 2
"""The longest wait for a turn, as a multiple of the timeout of one plugin."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecPlugin:
    """A program that prints a credential.

    Attributes:
        command: A name to look up in PATH, or an absolute path.
        args: The arguments; one may be a secret.
        env: Variables for the program, name and value.
        api_version: One of `API_VERSIONS`.
        has_cluster_info: Whether the program gets information about the cluster.
    """

    command: str
    args: tuple[str, ...] = field(default=(), repr=False)
    env: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    api_version: str = API_VERSIONS[0]
    has_cluster_info: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecPolicy:
    """The operator's policy of plugins, which allows nothing by default.

    Attributes:
        commands: Allowed commands as kubeconfigs write them: a name, or an absolute path.
        environment: Names of variables that plugins get, from a kubeconfig or else from our own environment.
        timeout_s: Seconds in which a plugin must have printed its credential.
        at_once: The number of concurrent plugins.
        gate: Limits the number of concurrent plugins.
    """

    commands: frozenset[str] = frozenset()
    environment: frozenset[str] = frozenset()
    timeout_s: float = 10.0
    at_once: int = 8
    gate: asyncio.Semaphore = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "gate", asyncio.Semaphore(self.at_once))

    @property
    def turn_timeout_s(self) -> float:
        """Returns the longest wait for a turn, in seconds."""
        return self.timeout_s * _TURN_PER_TIMEOUT

    def allows(self, command: str) -> bool:
        """Returns whether a command may be run; a relative path never, even if it is listed."""
        return command in self.commands and (command.startswith("/") or "/" not in command)
