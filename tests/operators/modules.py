"""Go modules as archives: downloaded by `go`, checked against a pinned checksum, and opened where they lie."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path
from zipfile import ZipFile

import msgspec

from tests.controlplane.golang import find_go, go_environment
from tests.controlplane.unavailable import ControlPlaneUnavailable
from tests.operators.operator import Operator

_TIMEOUT_S = 600


class _Download(msgspec.Struct, rename="pascal"):
    """The fields of `go mod download -json` that count; with an `error`, the others may still be present."""

    zip: str = ""
    sum: str = ""
    error: str = ""


def module_archive(operator: Operator) -> ZipFile:
    """Returns the archive of an operator's module from Go's module cache; downloads it once.

    A module that needs a newer Go cannot be used here, but its archive is downloaded all the same.

    Raises:
        ControlPlaneUnavailable: There is no Go, the module cannot be downloaded, or its content is another.
    """
    module = f"{operator.module}@{operator.version}"
    argv: list[str | Path] = [find_go(), "mod", "download", "-json", module]
    with tempfile.TemporaryDirectory() as outside:  # of any module
        environment = go_environment() | {"GOFLAGS": "-mod=mod"}
        try:
            done = subprocess.run(
                argv, cwd=outside, env=environment, capture_output=True, check=False, timeout=_TIMEOUT_S
            )
        except subprocess.TimeoutExpired:
            raise ControlPlaneUnavailable(f"{module} was not downloaded within {_TIMEOUT_S} s") from None
    try:
        download = msgspec.json.decode(done.stdout, type=_Download)
    except msgspec.MsgspecError:
        download = _Download(error=done.stderr.decode(errors="replace").strip()[-300:])
    if not download.zip:
        raise ControlPlaneUnavailable(f"{module} cannot be downloaded: {download.error}")
    if download.sum != operator.checksum:
        raise ControlPlaneUnavailable(f"{module} has another content: its checksum is {download.sum or 'unknown'}")
    return ZipFile(download.zip)
