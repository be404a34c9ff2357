"""The way out of an import that needs permissions: the same command with `--allow`."""

import shlex
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from k8s.kubeconfig.errors import PermissionNeeded
from k8s.kubeconfig.policy import KubeconfigPolicy
from server.commanderrors import InputError
from server.terminal.output import note


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOptions:
    """The options of the command."""

    kubeconfig: Path | None
    contexts: tuple[str, ...]
    all_contexts: bool
    name: str | None
    labels: tuple[str, ...]
    is_checked: bool
    allow: tuple[str, ...] = ()
    is_in_cluster: bool = False

    def command(self, allow: Iterable[str]) -> str:
        """Returns the command with these and more permissions, quoted for a shell."""
        words = ["fleetgraph", "clusters", "import"]
        named = {"--kubeconfig": self.kubeconfig, "--name": self.name}
        words += [word for option, value in named.items() if value is not None for word in (option, str(value))]
        words += [word for context in self.contexts for word in ("--context", context)]
        words += ["--all"] * self.all_contexts
        words += [word for label in self.labels for word in ("--label", label)]
        words += ["--no-check"] * (not self.is_checked)
        words += [word for text in dict.fromkeys((*self.allow, *allow)) for word in ("--allow", text)]
        return shlex.join(words)


def policy_of_import(policy: KubeconfigPolicy, options: ImportOptions) -> KubeconfigPolicy:
    """Returns the policy with the permissions that the user gives; raises InputError."""
    try:
        return policy.allowing_once(options.allow)
    except ValueError as error:
        raise InputError(str(error)) from error


def note_way_out(refusals: Iterable[PermissionNeeded], policy: KubeconfigPolicy, options: ImportOptions) -> None:
    """Prints the one command that allows all that was refused, if the user may allow anything."""
    words = [word for refusal in refusals for word in refusal.words]
    if words and policy.may_allow:
        note("If you trust the kubeconfig, the following command allows this for one import (docs/clusters.md).")
        note(f"  {options.command(words)}")
