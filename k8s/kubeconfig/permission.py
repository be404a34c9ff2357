"""Permissions that a context of a kubeconfig may need, from the operator's settings or from `--allow` for one import.

A permission is a word: an `Allowance`, or `exec=COMMAND` or `env=NAME`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from shlex import quote
from typing import Final

from k8s.credentials.pluginsettings import ENVIRONMENT_SETTING, PLUGINS_SETTING, is_command, is_variable
from k8s.kubeconfig.allowance import ALLOW_SETTING, Allowance

EXEC: Final = "exec="
"""The beginning of the permission to run a command."""
ENV: Final = "env="
"""The beginning of the permission to pass a variable to exec plugins."""
FORMS: Final = (*Allowance, f"{EXEC}COMMAND", f"{ENV}NAME")
"""The words, for messages."""


@dataclass(frozen=True, slots=True)
class ImportPermission:
    """A permission that a context needs.

    Attributes:
        word: The permission.
        deed: The deed that it permits, for a sentence after "it".
        key: The key of the kubeconfig that needs it.
        setting: The setting and value that give it to all imports.
        way_out: The way to do without it, in the imperative; empty if there is none.
    """

    word: str
    deed: str
    key: str
    setting: str
    way_out: str = ""

    @property
    def option(self) -> str:
        """Returns the option that gives it to one import, quoted for a shell."""
        return f"--allow {quote(self.word)}"


def to_read_file(key: str, way_out: str) -> ImportPermission:
    """Returns the permission to read the file that a key names."""
    return _of_setting(Allowance.FILES, "reads files", key, way_out)


def to_skip_verification(key: str, way_out: str) -> ImportPermission:
    """Returns the permission not to verify the server."""
    return _of_setting(Allowance.INSECURE_SKIP_TLS_VERIFY, "does not verify its server", key, way_out)


def to_use_proxy(key: str) -> ImportPermission:
    """Returns the permission to connect through a proxy."""
    return _of_setting(Allowance.PROXY_URL, "connects through a proxy", key, "")


def to_run(command: str, way_out: str) -> ImportPermission:
    """Returns the permission to run a command, which must satisfy `is_command`."""
    return ImportPermission(
        EXEC + command, f"runs the program {quote(command)}", "exec", f"{PLUGINS_SETTING}={quote(command)}", way_out
    )


def to_set(variable: str) -> ImportPermission:
    """Returns the permission to set a variable for a command; it must satisfy `is_variable`."""
    setting = f"{ENVIRONMENT_SETTING}={variable}"
    return ImportPermission(ENV + variable, f"sets {variable} for it", "exec.env", setting)


def permission_words(texts: Iterable[str]) -> frozenset[str]:
    """Returns the permissions that `--allow` gives; words without a value may also be separated by commas.

    Raises:
        ValueError: A text is no permission; the message has the forms.
    """
    words = [word.strip() for text in texts for word in ([text] if "=" in text else text.split(","))]
    for word in words:
        if not _is_word(word):
            raise ValueError(f"{word[:80]!r} cannot be allowed; write one of {', '.join(FORMS)}.")
    return frozenset(words)


def variables_in(words: Iterable[str]) -> tuple[str, ...]:
    """Returns the variables among permissions, sorted."""
    return tuple(sorted(word.removeprefix(ENV) for word in words if word.startswith(ENV)))


def _is_word(word: str) -> bool:
    if word.startswith(EXEC):
        return is_command(word.removeprefix(EXEC))
    if word.startswith(ENV):
        return is_variable(word.removeprefix(ENV))
    return word in set(Allowance)


def _of_setting(allowance: Allowance, deed: str, key: str, way_out: str) -> ImportPermission:
    return ImportPermission(allowance, deed, key, f"{ALLOW_SETTING}={allowance}", way_out)
