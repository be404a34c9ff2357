"""Help texts in plain lines, for a terminal of any width, and errors of the arguments as such lines."""

import shutil
from collections.abc import Sequence
from typing import Any, Final

import typer
from typer.core import TyperArgument, TyperCommand, TyperGroup

_WIDEST: Final = 100
_NARROW: Final = 60
_UNBROKEN: Final = "\u2011"
"""The hyphen at which no line breaks, which stands for all others until the lines are made."""
USAGE_ERROR: Final[type[Exception]] = next(base for base in typer.BadParameter.__mro__ if base.__name__ == "UsageError")
"""The error of arguments that do not fit; typer has no public name for it."""
_NO_ARGUMENTS: Final = "NoArgsIsHelpError"
_VALIDATORS_WORDS: Final = "Value error, "


class _Formatter(typer.Context.formatter_class):  # type: ignore[valid-type, misc]  # typer has no public name
    """A formatter that breaks no word at a hyphen, and puts long options on lines of their own in narrow terminals."""

    def write_text(self, text: str) -> None:
        """Writes a paragraph."""
        super().write_text(text.replace("-", _UNBROKEN))

    def write_dl(self, rows: Sequence[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        """Writes options or commands with their texts."""
        whole = [(name, text.replace("-", _UNBROKEN)) for name, text in rows]
        most = min(col_max, self.width // (3 if self.width > _NARROW else 4))
        super().write_dl(whole, col_max=most, col_spacing=col_spacing)

    def getvalue(self) -> str:
        """Returns everything written."""
        return str(super().getvalue()).replace(_UNBROKEN, "-")


class _Context(typer.Context):
    formatter_class = _Formatter


def with_plain_help(command: Any) -> Any:
    """Returns a command whose help, and that of its subcommands, fits the terminal and names no types of Python.

    Lists of commands have the whole first sentence of each, instead of its beginning.
    """
    width = min(shutil.get_terminal_size().columns, _WIDEST) - 1
    _prepare(command, width)
    return command


def print_usage_error(error: Any) -> int:
    """Prints an error of the arguments and the way to the help on stderr, or the help alone if there are none.

    Args:
        error: An error of type `USAGE_ERROR`.

    Returns:
        The exit code.
    """
    from server.terminal.output import note, note_error  # noqa: PLC0415  takes time, and help needs none of it

    if type(error).__name__ == _NO_ARGUMENTS:
        error.show()
        return int(error.exit_code)
    message = error.format_message().replace(_VALIDATORS_WORDS, "")
    note_error(message)
    note(f"Help: {error.ctx.command_path if error.ctx is not None else 'fleetgraph'} --help")
    return int(error.exit_code)


def _prepare(command: TyperCommand | TyperGroup, width: int) -> None:
    command.context_class = _Context
    command.context_settings["terminal_width"] = width
    command.short_help = " ".join((command.help or "").partition("\n\n")[0].split())
    for parameter in command.params:
        if isinstance(parameter, TyperArgument) and parameter.metavar is not None:
            parameter.display_type_rich = lambda ctx: None  # type: ignore[method-assign]  # its help says what it is
    for subcommand in getattr(command, "commands", {}).values():
        _prepare(subcommand, width)
