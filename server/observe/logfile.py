"""The log file of commands, for details that are not shown on the terminal; readable by its owner only."""

import os
from pathlib import Path
from typing import Final, TextIO

from platformdirs import user_log_path

MAX_LOG_BYTES: Final = 4 * 1024 * 1024
"""The size at which a new file is started; one older file is retained."""


def log_file_path() -> Path:
    """Returns the path of the file."""
    return user_log_path("fleetgraph") / "fleetgraph.log"


def open_log_file() -> TextIO:
    """Opens the file for appending; raises OSError."""
    path = log_file_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and path.stat().st_size > MAX_LOG_BYTES:
        path.replace(path.with_suffix(".log.1"))
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    return os.fdopen(descriptor, "a", encoding="utf-8", errors="backslashreplace")
