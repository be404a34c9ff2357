"""A real API server that serves all of its APIs, including alpha and beta."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shlex import quote

from tests.controlplane.apiserver import ApiServer, ApiServerSettings
from tests.controlplane.binaries import SERVER, find_binaries
from tests.controlplane.certificates import CertificateAuthority
from tests.controlplane.cluster import Cluster
from tests.controlplane.etcd import Etcd
from tests.controlplane.run import Run

NAME = "everything"
_FLAGS = ("--runtime-config=api/all=true", "--feature-gates=AllAlpha=true,AllBeta=true")


@contextmanager
def everything() -> Iterator[Cluster]:
    """Yields the server while the context is open, next to the session's clusters and over a separate etcd.

    Raises:
        ControlPlaneUnavailable: its programs cannot be had.
    """
    binaries = find_binaries(SERVER)
    run = Run(CertificateAuthority.create())
    try:
        etcd = Etcd(binaries["etcd"], run)
        etcd.wait_until_ready()
        program = _with_flags(binaries["kube-apiserver"], run.directory)
        server = ApiServer(program, run, settings=ApiServerSettings(NAME, etcd.url))
        server.wait_until_ready()
        yield server.cluster
    finally:
        run.stop()


def _with_flags(binary: Path, directory: Path) -> Path:
    """Writes a program that starts the API server with more flags than in the session."""
    program = directory / binary.name
    program.write_text(f'#!/bin/sh\nexec {quote(str(binary))} "$@" {" ".join(_FLAGS)}\n', encoding="utf-8")
    program.chmod(0o700)
    return program
