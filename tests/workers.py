"""The distribution of files over the workers of a run: files that share something costly go to the same one."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling
from xdist.workermanage import WorkerController

_CONTROL_PLANES: Final = ("control planes", "other control planes")
"""Two sets of them for two workers, since the files of one alone would take as long as all others together."""
_SIGN: Final = "pytest.mark.controlplane"
_OTHER_SIGN: Final = "operated"
_OTHER_FOLDERS: Final = frozenset({"faults", "grants", "graph", "k8s", "operators", "resolvers"})
TOGETHER: Final[Mapping[str, str]] = {
    **dict.fromkeys(_CONTROL_PLANES, _SIGN),
    "Chromium": "tests.web",
    "a frontend": "tests.clients",
}
"""The things that files share, each with a text of all these files. They come first, since each is long work."""

LONG: Final = (
    "docs/test_commands.py",
    "snapshots/serving/test_kubectl.py",
    "snapshots/serving/test_real.py",
    "clients/test_frontend.py",
    "faults/test_shapes.py",
    "federation/test_composition.py",
    "server/test_soak.py",
    "server/cli/test_demo_command.py",
)
"""Files that take longest: they come first, so that no worker begins one at the end.

Those that read all pods of shared clusters are the very first, before other tests write theirs.
"""

_TESTS: Final = Path(__file__).parent
_WHOLE_FILES: Final = "whole_files"


class Together(LoadFileScheduling):
    """A scheduler that gives a worker a file, or all files that share something."""

    def _split_scope(self, nodeid: str) -> str:
        return piece_of_work(nodeid, self.config.rootpath)


def piece_of_work(nodeid: str, root: Path) -> str:
    """Returns the name of what is given to a worker as a whole: the test's file, or what that shares with others."""
    file = nodeid.partition("::")[0]
    return shared_by(root / file) or file


@cache
def shared_by(file: Path) -> str | None:
    """Returns what a file shares with others."""
    text = file.read_text()
    if _SIGN in text:
        is_other = _OTHER_SIGN in text or bool(_OTHER_FOLDERS & set(file.relative_to(_TESTS).parts[:1]))
        return _CONTROL_PLANES[is_other]
    return next((what for what, sign in TOGETHER.items() if sign in text), None)


def in_order_of_length(items: list[pytest.Item]) -> None:
    """Puts files that share something first, and long ones before others."""
    groups = {what: place for place, what in enumerate(TOGETHER)}
    places = {_TESTS / name: place for place, name in enumerate(LONG)}

    def place(item: pytest.Item) -> tuple[int, int]:
        return groups.get(shared_by(item.path) or "", len(groups)), places.get(item.path, len(places))

    items.sort(key=place)


def scheduler(config: pytest.Config, log: Producer | None) -> Together | None:
    """Returns the scheduler of a run that gives each worker whole files."""
    return Together(config, log) if _gives_whole_files(config) else None


def tell(worker: WorkerController) -> None:
    """Lets a worker know whether the scheduler above distributes its tests."""
    worker.workerinput[_WHOLE_FILES] = _gives_whole_files(worker.config)


def is_worker_of_whole_files(config: pytest.Config) -> bool:
    """Returns whether this is a worker whose tests are distributed by the scheduler above."""
    workerinput: Mapping[str, object] = getattr(config, "workerinput", {})
    return bool(workerinput.get(_WHOLE_FILES))


def is_last_of_control_planes(file: Path, following: Path) -> bool:
    """Returns whether a file needs them, and the one that follows on its worker does not, so none does later."""
    return shared_by(file) in _CONTROL_PLANES and shared_by(following) not in _CONTROL_PLANES


def _gives_whole_files(config: pytest.Config) -> bool:
    return bool(config.getvalue("dist") == "loadfile")
