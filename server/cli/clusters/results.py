"""Results of the import of one context: a line for people, JSON for programs."""

from dataclasses import dataclass
from typing import Final

from k8s.credentials.exec import PLUGIN_HINT, PluginFailed
from k8s.credentials.pluginsettings import ENVIRONMENT_SETTING
from k8s.errors import ClusterError, Unauthenticated
from k8s.kubeconfig.errors import KubeconfigError, PermissionNeeded
from k8s.kubeconfig.names import ClusterNameInvalid
from resolvers.fleet.probe import Probe
from resolvers.fleet.registration import Registered
from server.commanderrors import InputError
from server.terminal.output import Json, note_error_for_people, print_line
from server.terminal.terminal import sentence
from store.errors import InvalidValue, NameTaken

ImportError_ = ClusterError | KubeconfigError | ClusterNameInvalid | InvalidValue | NameTaken | InputError

_PLUGIN_ENVIRONMENT: Final = (
    f"It got only PATH, HOME and the variables that --allow env=NAME or {ENVIRONMENT_SETTING} allows."
)
"""The usual cause of a plugin that fails here and not under kubectl, which passes on everything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """A context that was registered as a cluster."""

    context: str
    registered: Registered
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NotImported:
    """A context that was not registered; `name` is None if the error came before its name was known.

    `context` is None if the error is about a file with contexts.
    """

    context: str | None
    name: str | None
    error: ImportError_


def print_result(result: Imported | NotImported) -> None:
    """Prints one line: the outcome, the cluster and its probe."""
    if isinstance(result, NotImported):
        print_line(f"failed    {_failure(result)}")
        return
    registered = result.registered
    name = _shown_name(registered.record.name, result.context)
    print_line(f"{_word(registered):9} {name}: {probe_words(registered.probe)}{_moved(registered)}")


def note_failure(result: Imported | NotImported) -> None:
    """Prints the cause of a failure for people, beside the JSON for programs."""
    if isinstance(result, NotImported):
        note_error_for_people(_failure(result))


def probe_words(probe: Probe | None) -> str:
    """Returns the result of a probe on one line."""
    if probe is None:
        return "not checked"
    user = f"as {probe.identity.user}" if probe.identity else "user unknown"
    return f"{probe.version or 'version unknown'}, {probe.latency_ms:.0f} ms, {user}: {probe.access}"


def result_json(result: Imported | NotImported) -> Json:
    """Returns the same for programs."""
    if isinstance(result, NotImported):
        error = {"code": _code(result.error), "message": _cause(result.error)} | _permissions_json(result.error)
        return {"name": result.name, "context": result.context, "result": "failed", "error": error}
    registered = result.registered
    return {
        "name": registered.record.name,
        "context": result.context,
        "result": _word(registered),
        "server": registered.record.server,
        **probe_json(registered.probe),
        "warnings": list(result.warnings),
        "error": None,
    }


def probe_json(probe: Probe | None) -> dict[str, Json]:
    """Returns the result of a probe for programs; all null without one."""
    if probe is None:
        return {"version": None, "latencyMs": None, "user": None, "groups": None, "access": None}
    identity = probe.identity
    return {
        "version": probe.version,
        "latencyMs": round(probe.latency_ms, 1),
        "user": identity.user if identity else None,
        "groups": list(identity.groups) if identity else None,
        "access": probe.access,
    }


def error_json(error: ClusterError | None) -> Json:
    """Returns the error of a cluster for programs; null without one."""
    return None if error is None else {"code": error.code.value, "message": cause_of(error)}


def cause_of(error: ClusterError) -> str:
    """Returns the cause of an error as a sentence, with the error output of its exec plugin."""
    plugin = error.__cause__
    if not isinstance(plugin, PluginFailed):
        return sentence(error.cause)
    return sentence(f"{error.cause.removesuffix(PLUGIN_HINT)}. {plugin.detail or 'It printed no error.'}")


def _word(registered: Registered) -> str:
    return "added" if registered.replaced is None else "replaced"


def _moved(registered: Registered) -> str:
    """Returns a hint at a changed server: it may be a mistake, such as two contexts of one name in two files."""
    if registered.replaced is None or registered.replaced.server == registered.record.server:
        return ""
    return f" (its server was {registered.replaced.server})"


def _failure(result: NotImported) -> str:
    shown = "" if result.context is None else f"{_shown_name(result.name, result.context)}: "
    return f"{shown}{_cause(result.error)}"


def _shown_name(name: str | None, context: str) -> str:
    return context if name is None else name if name == context else f"{name} (context {context})"


def _cause(error: ImportError_) -> str:
    if isinstance(error, Unauthenticated):
        why = f": {error.fault}" if error.fault else ""
        return f"it does not accept the credential of the kubeconfig{why}."
    if not isinstance(error, ClusterError):
        return sentence(str(error))
    plugin = error.__cause__
    hint = f" {_PLUGIN_ENVIRONMENT}" if isinstance(plugin, PluginFailed) and plugin.has_run else ""
    return cause_of(error) + hint


def _code(error: ImportError_) -> str:
    return error.code.value if isinstance(error, ClusterError | KubeconfigError) else "INVALID"


def _permissions_json(error: ImportError_) -> dict[str, Json]:
    """Returns the arguments of `--allow` that the context needs."""
    if not isinstance(error, PermissionNeeded):
        return {}
    return {"allow": error.words}
