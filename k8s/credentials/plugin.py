"""Exec credential plugins as data: the entry of a kubeconfig, and the policy of the operator.

A kubeconfig of unknown origin may name any program. So only commands are run that the operator lists, or that the user
allowed when the cluster was imported; the latter only with the arguments and variables of that kubeconfig. They get
nothing of our environment but `PATH`, `HOME` and the variables that the operator lists or the user allowed.
"""

import asyncio
from dataclasses import dataclass, field
from typing import Final

from k8s.credentials.pluginsettings import is_command

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
        is_allowed: Whether the user who imported the cluster allowed it (`clusters import --allow exec=COMMAND`).
        allowed_environment: Names of variables that the user allowed (`--allow env=NAME`).
    """

    command: str
    args: tuple[str, ...] = field(default=(), repr=False)
    env: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    api_version: str = API_VERSIONS[0]
    has_cluster_info: bool = False
    is_allowed: bool = False
    allowed_environment: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecPolicy:
    """The operator's policy of plugins, which allows nothing by default.

    Attributes:
        commands: Allowed commands as kubeconfigs write them: a name, or an absolute path.
        environment: Names of variables that plugins get, from a kubeconfig or else from our own environment.
        accepts_imports: Plugins and variables that were allowed when their cluster was imported are allowed as well.
        timeout_s: Seconds in which a plugin must have printed its credential.
        at_once: The number of concurrent plugins.
        gate: Limits the number of concurrent plugins.
    """

    commands: frozenset[str] = frozenset()
    environment: frozenset[str] = frozenset()
    accepts_imports: bool = False
    timeout_s: float = 10.0
    at_once: int = 8
    gate: asyncio.Semaphore = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "gate", asyncio.Semaphore(self.at_once))

    @property
    def turn_timeout_s(self) -> float:
        """Returns the longest wait for a turn, in seconds."""
        return self.timeout_s * _TURN_PER_TIMEOUT

    def allows(self, plugin: ExecPlugin) -> bool:
        """Returns whether a plugin may be run; a relative path never, even if it is listed."""
        is_permitted = plugin.command in self.commands or (self.accepts_imports and plugin.is_allowed)
        return is_permitted and is_command(plugin.command)

    def variables(self, plugin: ExecPlugin) -> frozenset[str]:
        """Returns the names of the variables that a plugin may get."""
        return self.environment.union(plugin.allowed_environment) if self.accepts_imports else self.environment
