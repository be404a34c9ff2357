"""Taking secrets out of the environment once they were read: child processes and `/proc` must not show them."""

import ctypes
import os

from pydantic import SecretStr

from server.settings.settings import Settings
from server.settings.types import PREFIX


def forget_secrets() -> None:
    """Removes the variables of all settings that are secret; settings that were loaded keep them."""
    for name, field in Settings.model_fields.items():
        if field.annotation in (SecretStr, SecretStr | None):
            _forget(f"{PREFIX}{name.upper()}")


def _forget(name: str) -> None:
    """Overwrites a variable, then removes it: `/proc/PID/environ` shows the memory that the process started with."""
    if name not in os.environ:
        return
    try:
        libc = ctypes.CDLL(None)
        libc.getenv.restype = ctypes.c_void_p
        address = libc.getenv(os.fsencode(name))
        if address:
            ctypes.memset(address, 0, len(ctypes.string_at(address)))
    except (OSError, AttributeError):
        pass  # a C library that cannot be reached: it is removed all the same
    del os.environ[name]
