"""Selection of kubeconfig files, merged as by kubectl, and of their contexts."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from k8s.kubeconfig.errors import KubeconfigError
from k8s.kubeconfig.file import KubeconfigFile, parse_file
from k8s.kubeconfig.kubeconfig import Kubeconfig
from k8s.kubeconfig.limits import KubeconfigLimits
from k8s.kubeconfig.policy import KubeconfigPolicy
from server.commanderrors import InputError

_SHOWN_CONTEXTS: Final = 20


@dataclass(frozen=True, slots=True)
class ReadFiles:
    """The files that were found.

    Attributes:
        kubeconfig: Those that could be read, merged.
        broken: The errors of the others.
    """

    kubeconfig: Kubeconfig
    broken: tuple[KubeconfigError | InputError, ...]


def find_files(named: Path | None, environment: Mapping[str, str] = os.environ) -> tuple[Path, ...]:
    """Returns the named file, else the existing files of $KUBECONFIG, else ~/.kube/config.

    Raises:
        InputError: There is none.
    """
    if named is not None:
        return (named,)
    listed = [Path(name) for name in dict.fromkeys(environment.get("KUBECONFIG", "").split(os.pathsep)) if name]
    files = tuple(path for path in listed or [Path.home() / ".kube" / "config"] if path.exists())
    if not files:
        place = "no file of $KUBECONFIG exists" if listed else "there is no ~/.kube/config"
        raise InputError(f"No kubeconfig: {place}; name one with --kubeconfig.")
    return files


def read_files(paths: Sequence[Path], policy: KubeconfigPolicy, limits: KubeconfigLimits) -> ReadFiles:
    """Reads and merges files.

    Raises:
        InputError: None can be read.
        KubeconfigError: The only one is not a kubeconfig.
    """
    files: list[KubeconfigFile] = []
    broken: list[KubeconfigError | InputError] = []
    for path in paths:
        try:
            files.append(_read_file(path, limits))
        except (KubeconfigError, InputError) as error:
            broken.append(error)
    if not files:
        raise broken[0] if len(broken) == 1 else InputError("\n".join(map(str, broken)))
    return ReadFiles(Kubeconfig(tuple(files), policy), tuple(broken))


def choose(kubeconfig: Kubeconfig, *, contexts: Sequence[str], all_contexts: bool) -> tuple[str, ...]:
    """Returns the selected contexts: all, the named ones, or the one that kubectl would use.

    A named context that does not exist is also returned: reading it raises the error.

    Raises:
        InputError: No context is selected.
    """
    if contexts:
        return tuple(dict.fromkeys(contexts))
    current = kubeconfig.current_context
    if current is not None and not all_contexts:
        return (current,)
    every = kubeconfig.contexts
    if not every:
        raise InputError(f"{kubeconfig.source} has no contexts.")
    if all_contexts or len(every) == 1:
        return every
    names = ", ".join(repr(name[:80]) for name in every[:_SHOWN_CONTEXTS])
    raise InputError(f"No current context is set. Name one with --context, or import all with --all: {names}.")


def _read_file(path: Path, limits: KubeconfigLimits) -> KubeconfigFile:
    try:
        with path.open("rb") as file:
            text = file.read(limits.file_bytes + 1)
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.") from error
    return parse_file(text, source=str(path), folder=path.parent, limits=limits)
