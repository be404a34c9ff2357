"""What the command line and the start of the server raise; every message is whole sentences for the user.

CommandError            exit code
├── InputError          2    an option or file holds something that cannot be used
├── SettingsError       2    the environment holds something that cannot be used
└── ListenError         1    the address cannot be listened on
    ├── NotLoopback     1    it can be reached from other machines
    └── PortInUse       1    somebody else listens there
"""

from enum import IntEnum


class ExitCode(IntEnum):
    """How a command ends; docs/cli.md explains them."""

    OK = 0
    FAILED = 1
    USAGE = 2
    STORE = 3
    INTERNAL = 70
    INTERRUPTED = 130


class CommandError(Exception):
    """Ends a command with one message."""

    exit_code = ExitCode.FAILED


class InputError(CommandError):
    """An option, an argument or a file holds something that cannot be used."""

    exit_code = ExitCode.USAGE


class SettingsError(CommandError):
    """The environment cannot be used; one line a variable, and never its value."""

    exit_code = ExitCode.USAGE


class ListenError(CommandError):
    """The address is in use, not ours, or not to be listened on without more words."""


class NotLoopback(ListenError):
    """The address can be reached from other machines."""


class PortInUse(ListenError):
    """Somebody else listens on the port."""
