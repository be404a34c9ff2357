"""Errors of the command line and of the server's start. Each message is whole sentences for the user.

CommandError            exit code
├── InputError          2    an option, an argument or a file is invalid
├── SettingsError       2    a setting is invalid
├── RemoteError         1    the server that was asked does not answer, or not as it should
│   └── RemoteRefusal   1    it refuses the request, and would refuse it again
├── OutputClosed        141  the reader of stdout has closed it; there is no message
├── OutputFailed        1    stdout cannot be written
└── ListenError         1    the address cannot be listened on
    ├── NotLoopback     1    the address can be reached from other machines
    └── PortInUse       1    another process listens on the port
"""

from enum import IntEnum


class ExitCode(IntEnum):
    """The exit code of a command; docs/cli.md explains each."""

    OK = 0
    FAILED = 1
    USAGE = 2
    STORE = 3
    INTERNAL = 70
    INTERRUPTED = 130
    OUTPUT_CLOSED = 141


class CommandError(Exception):
    """The end of a command with one message."""

    exit_code = ExitCode.FAILED


class InputError(CommandError):
    """An option, an argument or a file is invalid."""

    exit_code = ExitCode.USAGE


class SettingsError(CommandError):
    """A setting is invalid. The message has one line for each variable, and never its value."""

    exit_code = ExitCode.USAGE


class RemoteError(CommandError):
    """The server that was asked does not answer, or is none of GraphQL; it may answer later."""


class RemoteRefusal(RemoteError):
    """The server that was asked refuses the request, and would refuse it again: another token or address is needed."""


class OutputClosed(CommandError):
    """The reader of stdout has closed it, as `head` does; the code is that of a process that SIGPIPE ended."""

    exit_code = ExitCode.OUTPUT_CLOSED


class OutputFailed(CommandError):
    """Stdout cannot be written, such as to a full disk."""


class ListenError(CommandError):
    """The address is in use, not of this machine, or refused for safety."""


class NotLoopback(ListenError):
    """The address can be reached from other machines."""


class PortInUse(ListenError):
    """Another process listens on the port."""
