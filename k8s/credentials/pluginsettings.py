"""The settings of exec plugins; a module of its own, because all commands import it."""

import re
from typing import Final

PLUGINS_SETTING: Final = "FLEETGRAPH_EXEC_PLUGINS"
"""The setting that lists commands."""
ENVIRONMENT_SETTING: Final = "FLEETGRAPH_EXEC_PLUGIN_ENVIRONMENT"
"""The setting that lists names of variables."""
AT_ONCE_SETTING: Final = "FLEETGRAPH_MAX_EXEC_PLUGINS"
"""The setting of the number of concurrent plugins."""
TIMEOUT_SETTING: Final = "FLEETGRAPH_EXEC_PLUGIN_TIMEOUT_S"
"""The setting of the timeout."""
ALLOW_AT_IMPORT_SETTING: Final = "FLEETGRAPH_ALLOW_AT_IMPORT"
"""The setting that decides about `clusters import --allow`, and about the plugins that it allowed."""

_VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}")
_OWN_PREFIX: Final = "FLEETGRAPH_"
_MAX_COMMAND_CHARACTERS: Final = 1024


def is_command(command: str) -> bool:
    """Returns whether a command may be allowed: a name to look up in PATH, or an absolute path, but no relative one."""
    has_form = 0 < len(command) <= _MAX_COMMAND_CHARACTERS and command.isprintable()
    return has_form and (command.startswith("/") or "/" not in command)


def is_variable(name: str) -> bool:
    """Returns whether a variable may be allowed; those of fleetgraph never, because they hold its keys."""
    return _VARIABLE.fullmatch(name) is not None and not name.upper().startswith(_OWN_PREFIX)
