"""Every command in the README and the manual, run on real control planes, from an empty home directory."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.controlplane.fleet import ControlPlanes
from tests.controlplane.kubeconfig import write_kubeconfig
from tests.controlplane.ports import Ports
from tests.docs.blocks import DOCUMENTS, ROOT, Block, blocks, blocks_in
from tests.docs.shell import commands, is_tried_elsewhere, run, script

SHELL = ("sh", "bash", "shell", "console")
OWN_TESTS = {"clients.md": "tests/clients", "federation.md": "tests/federation"}
"""Documents whose commands are run by other tests."""

_COMMAND = re.compile(r"^\s*\$?\s*(fleetgraph|make|kubectl|curl|npm|npx|git|podman|docker|pip) ", re.MULTILINE)


def _runnable(file: Path) -> list[str]:
    found = [command for block in blocks(file) if block.language in SHELL for command in commands(block.text)]
    return [command for command in found if not is_tried_elsewhere(command)]


@pytest.mark.controlplane
@pytest.mark.parametrize(
    "file",
    [file for file in DOCUMENTS if file.name not in OWN_TESTS and _runnable(file)],
    ids=lambda file: file.name,
)
def test_the_commands_of_a_document_work_in_their_order(
    file: Path, control_planes: ControlPlanes, tmp_path: Path
) -> None:
    for entry in ROOT.iterdir():
        (tmp_path / entry.name).symlink_to(entry)
    home = tmp_path / "home"
    kubeconfig = write_kubeconfig(home / ".kube" / "config", control_planes.clusters)
    environment = {
        "HOME": str(home),
        "KUBECONFIG": str(kubeconfig),
        "PATH": os.pathsep.join(
            [str(Path(sys.executable).parent), str(control_planes.kubectl.parent), os.environ["PATH"]]
        ),
        "LANG": "C.UTF-8",
    }

    ran = run(script(_runnable(file), Ports().take()), tmp_path, environment)

    assert ran.returncode == 0, f"{ran.stdout[-2000:]}\n{ran.stderr[-4000:]}"


@pytest.mark.parametrize("name", sorted(OWN_TESTS))
def test_a_document_with_tests_of_its_own_has_them(name: str) -> None:
    tests = (ROOT / OWN_TESTS[name]).glob("test_*.py")

    assert any(name in test.read_text() for test in tests)


def test_targets_exist() -> None:
    shown = {
        match[1] for file in DOCUMENTS for block in blocks(file) for match in re.finditer(r"\bmake (\w+)", block.text)
    }

    for target in sorted(shown):
        planned = subprocess.run(["make", "--dry-run", target], cwd=ROOT, capture_output=True, text=True, check=False)
        assert planned.returncode == 0, f"make {target}: {planned.stderr}"


@pytest.mark.parametrize("block", blocks_in("", "text"), ids=str)
def test_no_command_hides_in_a_block_that_is_not_run(block: Block) -> None:
    hidden = [
        line
        for line in block.text.splitlines()
        if _COMMAND.match(line) and not is_tried_elsewhere(line.strip().removeprefix("$ "))
    ]

    assert hidden == []
