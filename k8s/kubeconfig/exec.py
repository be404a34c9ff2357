"""The exec entry of a user in a kubeconfig, which becomes an exec credential plugin as data; nothing is run here."""

import os.path
from collections.abc import Iterator
from typing import Final

from k8s.credentials.plugin import API_VERSIONS, ExecPlugin
from k8s.credentials.pluginsettings import is_command, is_variable
from k8s.kubeconfig.entry import Entry
from k8s.kubeconfig.permission import ImportPermission, to_run, to_set
from k8s.kubeconfig.yaml import YamlValue

MAX_ARGUMENTS: Final = 100
"""The limit of a plugin's arguments or variables; those in use have up to ten."""
MAX_CHARACTERS: Final = 4096
"""The longest argument, name or value."""

EXEC_KEYS: Final = frozenset(
    {"apiVersion", "command", "args", "env", "installHint", "provideClusterInfo", "interactiveMode"}
)
_OLD_VERSION: Final = "client.authentication.k8s.io/v1alpha1"


def exec_entry(user: Entry) -> Entry | None:
    """Returns the exec entry of a user; None if it has none. Raises KubeconfigInvalid."""
    if user.value("exec") is None:
        return None
    return Entry(f"exec of {user.name}", user.mapping("exec"), user.source, user.folder, user.context)


def plugin_of(entry: Entry) -> ExecPlugin:
    """Returns the plugin that an exec entry describes.

    Raises:
        KubeconfigInvalid: A value is missing or invalid, or the plugin would have to ask the user.
    """
    if entry.text("interactiveMode") == "Always":
        raise entry.invalid("interactiveMode is Always, but no user can be asked here")
    return ExecPlugin(
        command=_command(entry),
        args=tuple(_text(entry, "args", item) for item in _items(entry, "args")),
        env=tuple(_variable(entry, item) for item in _items(entry, "env")),
        api_version=_version(entry),
        has_cluster_info=entry.flag("provideClusterInfo"),
    )


def plugin_permissions(plugin: ExecPlugin, way_out: str) -> Iterator[ImportPermission]:
    """Yields the permissions that a plugin needs; `way_out` is the way to do without it."""
    yield to_run(plugin.command, way_out)
    for name, _ in plugin.env:
        yield to_set(name)


def _version(entry: Entry) -> str:
    version = entry.text("apiVersion")
    if version == _OLD_VERSION:
        raise entry.invalid(
            f"apiVersion is {_OLD_VERSION}, which kubectl dropped in 1.24; let the tool that wrote the entry write it "
            "again (such as aws eks update-kubeconfig)"
        )
    if version not in API_VERSIONS:
        raise entry.invalid(f"apiVersion is none of {', '.join(API_VERSIONS)}")
    return version


def _command(entry: Entry) -> str:
    """Returns the command; a relative path belongs to the folder of the kubeconfig, as for kubectl."""
    command = entry.printable("command")
    if command is None:
        raise entry.invalid("command is missing")
    if "/" in command and not command.startswith("/"):
        if entry.folder is None:
            raise entry.invalid("command is a relative path, but the kubeconfig has no folder; write it absolute")
        command = os.path.normpath(entry.folder.absolute() / command)
    if not is_command(command):
        raise entry.invalid("command is neither a name nor a path")
    return command


def _items(entry: Entry, key: str) -> list[YamlValue]:
    items = entry.items(key)
    if len(items) > MAX_ARGUMENTS:
        raise entry.invalid(f"{key} has more than {MAX_ARGUMENTS} items")
    return items


def _text(entry: Entry, key: str, value: YamlValue) -> str:
    text = entry.plain(value)
    if not isinstance(text, str) or len(text) > MAX_CHARACTERS or "\0" in text:
        raise entry.invalid(f"{key} has a value that is not a text of up to {MAX_CHARACTERS} characters")
    return text


def _variable(entry: Entry, item: YamlValue) -> tuple[str, str]:
    """Returns the name and value of a variable; a value that is left out is empty, as for kubectl."""
    fields = entry.plain(item)
    if not isinstance(fields, dict):
        raise entry.invalid("env has an item that is not a mapping of name and value")
    name = _text(entry, "env", fields.get("name"))
    if not is_variable(name):
        raise entry.invalid("env has a name that is not one of a variable, or one of fleetgraph's own")
    value = fields.get("value")
    return (name, "" if value is None else _text(entry, "env", value))
