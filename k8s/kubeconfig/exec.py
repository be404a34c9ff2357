"""What a kubeconfig says about an exec credential plugin: the entry becomes data, and is not run here."""

from typing import Final

from k8s.credentials.plugin import API_VERSIONS, ENVIRONMENT_SETTING, PLUGINS_SETTING, ExecPlugin, ExecPolicy
from k8s.kubeconfig.entry import Entry
from k8s.kubeconfig.errors import UnsupportedField, shown_key
from k8s.kubeconfig.yaml import YamlValue

MAX_ARGUMENTS: Final = 100
"""How many arguments or variables a plugin may have; those in use have up to ten."""
MAX_CHARACTERS: Final = 4096
"""The length of each."""

_KNOWN: Final = frozenset(
    {"apiVersion", "command", "args", "env", "installHint", "provideClusterInfo", "interactiveMode"}
)


def plugin_of(user: Entry, policy: ExecPolicy, *, instead: str) -> ExecPlugin | None:
    """Return the plugin of a user entry; None if it has none.

    Raises:
        KubeconfigError: The operator does not allow it, or the entry cannot work; `instead` is the other way out.
    """
    body = user.fields.get("exec")
    if body is None:
        return None
    entry = Entry(f"exec of {user.name}", body if isinstance(body, dict) else {}, user.source, user.context)
    command = entry.text("command")
    if command is None or not policy.allows(command):
        raise _not_allowed(user, instead)
    entry.require_only(_KNOWN, ways_out={})
    if entry.text("interactiveMode") == "Always":
        raise entry.invalid("interactiveMode is Always, and there is nobody to ask")
    version = entry.text("apiVersion")
    if version not in API_VERSIONS:
        raise entry.invalid(f"apiVersion is none of {', '.join(API_VERSIONS)}")
    return ExecPlugin(
        command=command,
        args=tuple(_text(entry, "args", each) for each in _list(entry, "args")),
        env=tuple(_variable(entry, each, policy) for each in _list(entry, "env")),
        api_version=version,
        has_cluster_info=entry.flag("provideClusterInfo"),
    )


def _not_allowed(user: Entry, instead: str) -> UnsupportedField:
    way_out = f"no program of a kubeconfig is run unless the operator lists its command in {PLUGINS_SETTING}; {instead}"
    return user.unsupported("exec", way_out)


def _list(entry: Entry, key: str) -> list[YamlValue]:
    value = entry.fields.get(key)
    if value is not None and not isinstance(value, list):
        raise entry.invalid(f"{key} is not a list")
    if value is not None and len(value) > MAX_ARGUMENTS:
        raise entry.invalid(f"{key} has more than {MAX_ARGUMENTS} items")
    return value or []


def _text(entry: Entry, key: str, value: YamlValue) -> str:
    if not isinstance(value, str) or len(value) > MAX_CHARACTERS or "\0" in value:
        raise entry.invalid(f"{key} has something that is no text of up to {MAX_CHARACTERS} characters")
    return value


def _variable(entry: Entry, item: YamlValue, policy: ExecPolicy) -> tuple[str, str]:
    fields = item if isinstance(item, dict) else {}
    name, value = (_text(entry, "env", fields.get(key)) for key in ("name", "value"))
    if name not in policy.environment:
        raise entry.invalid(f"env has {shown_key(name)}, which the operator does not list in {ENVIRONMENT_SETTING}")
    return (name, value)
