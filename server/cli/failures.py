"""Exceptions of commands as one line and an exit code, without a traceback.

An expected error carries its own message. An unexpected one is masked: one line with an id; the traceback goes to a log
file that only the user can read.
"""

import os
import sys
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from secrets import token_hex
from typing import Final

from k8s.errors import ClusterError
from k8s.kubeconfig.errors import KubeconfigError
from k8s.kubeconfig.names import ClusterNameInvalid
from server.commanderrors import CommandError, ExitCode
from server.observe.logfile import log_file_path, open_log_file
from server.terminal.terminal import printable, sentence
from store.errors import InvalidValue, NameTaken, NotFound, StoreError

_EXIT_CODES: Final[tuple[tuple[type[Exception], ExitCode], ...]] = (
    (InvalidValue, ExitCode.USAGE),
    (NameTaken, ExitCode.FAILED),
    (NotFound, ExitCode.FAILED),
    (StoreError, ExitCode.STORE),
    (KubeconfigError, ExitCode.USAGE),
    (ClusterNameInvalid, ExitCode.USAGE),
    (ClusterError, ExitCode.FAILED),
)


def guarded(command: Callable[[], int]) -> int:
    """Runs a command and returns its exit code; an exception becomes one line on stderr."""
    try:
        exit_code = command()
        sys.stdout.flush()
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED
    except Exception as error:  # noqa: BLE001  the one place that masks unexpected errors
        return report(error)
    return exit_code


def report(error: Exception) -> int:
    """Writes an error to stderr and returns the exit code."""
    exit_code = _exit_code(error)
    if exit_code is None:
        return _report_unexpected(error)
    for line in str(error).splitlines():
        sys.stderr.write(f"error: {sentence(printable(line))}\n")
    return exit_code


def _exit_code(error: Exception) -> ExitCode | None:
    if isinstance(error, CommandError):
        return error.exit_code
    return next((exit_code for kind, exit_code in _EXIT_CODES if isinstance(error, kind)), None)


def _report_unexpected(error: Exception) -> int:
    error_id = token_hex(6)
    text = "".join(traceback.format_exception(error))
    log = _write_log(f"{datetime.now(UTC).isoformat()} {error_id}\n{text}\n")
    sys.stderr.write(f"error: unexpected {type(error).__name__} (id {error_id}); the details are {log}\n")
    if os.environ.get("FLEETGRAPH_LOG_LEVEL", "").lower() == "debug":
        sys.stderr.write("\n".join(printable(line) for line in text.splitlines()) + "\n")
    return ExitCode.INTERNAL


def _write_log(text: str) -> str:
    """Appends to the user's log file and returns a phrase that says where the text is."""
    path = log_file_path()
    try:
        with open_log_file() as file:
            file.write(text)
    except OSError as error:
        return f"lost, since {path} cannot be written ({error.strerror}); FLEETGRAPH_LOG_LEVEL=debug shows them"
    return f"in {path}"
