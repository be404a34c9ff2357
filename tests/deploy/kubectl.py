"""kubectl against one of the test clusters."""

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
_TIMEOUT_S: Final = 60


class Kubectl:
    """kubectl with one context of a kubeconfig."""

    def __init__(self, program: Path, kubeconfig: Path, context: str) -> None:
        self._command = [str(program), f"--kubeconfig={kubeconfig}", f"--context={context}"]

    def __call__(self, *arguments: str, stdin: str | None = None) -> str:
        """Runs kubectl and returns its output.

        Raises:
            AssertionError: It failed; the message is what it says.
        """
        process = self.attempt(*arguments, stdin=stdin)
        assert process.returncode == 0, f"kubectl {' '.join(arguments)}: {process.stderr}"
        return process.stdout

    def attempt(self, *arguments: str, stdin: str | None = None) -> "subprocess.CompletedProcess[str]":
        """Runs kubectl and returns the finished process."""
        command = [*self._command, *arguments]
        return subprocess.run(command, input=stdin, capture_output=True, text=True, check=False, timeout=_TIMEOUT_S)


def overlay(folder: Path, components: Sequence[str]) -> Path:
    """Writes a kustomization of the base with components, as in docs/deploy.md."""
    kubernetes = ROOT / "deploy" / "kubernetes"
    lines = [
        "apiVersion: kustomize.config.k8s.io/v1beta1",
        "kind: Kustomization",
        "namespace: fleetgraph",
        "resources:",
        f"  - {os.path.relpath(kubernetes / 'base', folder.resolve())}",
        *(["components:"] if components else []),
        *(f"  - {os.path.relpath(kubernetes / name, folder.resolve())}" for name in components),
    ]
    (folder / "kustomization.yaml").write_text("\n".join(lines) + "\n")
    return folder
