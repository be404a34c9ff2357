"""Selection of kubeconfig files and of their contexts.

Files are found in the same way as by kubectl, but never merged: each context is read from its own file.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from k8s.kubeconfig.kubeconfig import Kubeconfig, parse_kubeconfig
from k8s.kubeconfig.policy import KubeconfigPolicy
from k8s.kubeconfig.yaml import MAX_BYTES
from server.commanderrors import InputError

_SHOWN_CONTEXTS: Final = 20


@dataclass(frozen=True, slots=True)
class Choice:
    """One context of one file."""

    kubeconfig: Kubeconfig
    context: str


def find_files(named: Path | None, environment: Mapping[str, str] = os.environ) -> tuple[Path, ...]:
    """Returns the named file, else the existing files of $KUBECONFIG, else ~/.kube/config.

    Raises:
        InputError: There is none.
    """
    if named is not None:
        return (named,)
    listed = [Path(name) for name in environment.get("KUBECONFIG", "").split(os.pathsep) if name]
    files = tuple(path for path in listed or [Path.home() / ".kube" / "config"] if path.exists())
    if not files:
        place = "no file of $KUBECONFIG exists" if listed else "there is no ~/.kube/config"
        raise InputError(f"No kubeconfig: {place}; name one with --kubeconfig.")
    return files


def read_kubeconfig(path: Path, policy: KubeconfigPolicy) -> Kubeconfig:
    """Reads one file.

    Raises:
        InputError: The file cannot be read.
        KubeconfigError: It is not a kubeconfig.
    """
    try:
        with path.open("rb") as file:
            text = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.") from error
    return parse_kubeconfig(text, source=str(path), policy=policy, folder=path.parent)


def choose(kubeconfigs: Sequence[Kubeconfig], *, contexts: Sequence[str], all_contexts: bool) -> tuple[Choice, ...]:
    """Returns the selected contexts: all, the named ones, or the one that kubectl would use.

    A named context that is in no file is also returned: reading it raises the error. If several files have a context
    of the same name, the first file wins, as with kubectl.

    Raises:
        InputError: No context is selected.
    """
    if all_contexts:
        return _every(kubeconfigs)
    if contexts:
        return tuple(_named(kubeconfigs, name) for name in dict.fromkeys(contexts))
    current = next(((config, config.current_context) for config in kubeconfigs if config.current_context), None)
    if current is not None:
        return (_named(kubeconfigs, current[1]),)
    every = _every(kubeconfigs)
    if len(every) == 1:
        return every
    names = ", ".join(repr(choice.context[:80]) for choice in every[:_SHOWN_CONTEXTS])
    raise InputError(f"No current context is set. Name one with --context, or import all with --all: {names}.")


def _every(kubeconfigs: Sequence[Kubeconfig]) -> tuple[Choice, ...]:
    first: dict[str, Choice] = {}
    for kubeconfig in kubeconfigs:
        for name in kubeconfig.contexts:
            first.setdefault(name, Choice(kubeconfig, name))
    if not first:
        raise InputError(f"{kubeconfigs[0].source} has no contexts.")
    return tuple(first.values())


def _named(kubeconfigs: Sequence[Kubeconfig], name: str) -> Choice:
    return Choice(next((config for config in kubeconfigs if name in config.contexts), kubeconfigs[0]), name)
