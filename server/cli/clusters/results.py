"""Results of the import of one context: a line for people, JSON for programs."""

from dataclasses import dataclass

from k8s.errors import ClusterError, Unauthenticated
from k8s.kubeconfig.errors import KubeconfigError
from k8s.kubeconfig.names import ClusterNameInvalid
from resolvers.fleet.probe import Probe
from resolvers.fleet.registration import Registered
from server.commanderrors import InputError
from server.terminal.output import Json, note_error_for_people, print_line
from server.terminal.terminal import sentence
from store.errors import InvalidValue, NameTaken

ImportError_ = ClusterError | KubeconfigError | ClusterNameInvalid | InvalidValue | NameTaken | InputError


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """A context that was registered as a cluster."""

    context: str
    registered: Registered
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NotImported:
    """A context that was not registered; `name` is None if the error came before its name was known."""

    context: str
    name: str | None
    error: ImportError_


def print_result(result: Imported | NotImported) -> None:
    """Prints one line: the outcome, the cluster and its probe."""
    if isinstance(result, NotImported):
        print_line(f"failed    {_shown_name(result.name, result.context)}: {_cause(result.error)}")
        return
    registered = result.registered
    name = _shown_name(registered.record.name, result.context)
    print_line(f"{_word(registered):9} {name}: {probe_words(registered.probe)}{_moved(registered)}")


def note_failure(result: Imported | NotImported) -> None:
    """Prints the cause of a failure for people, beside the JSON for programs."""
    if isinstance(result, NotImported):
        note_error_for_people(f"{_shown_name(result.name, result.context)}: {_cause(result.error)}")


def probe_words(probe: Probe | None) -> str:
    """Returns the result of a probe on one line."""
    if probe is None:
        return "not checked"
    user = f"as {probe.identity.user}" if probe.identity else "user unknown"
    return f"{probe.version}, {probe.latency_ms:.0f} ms, {user}: {probe.access}"


def result_json(result: Imported | NotImported) -> Json:
    """Returns the same for programs."""
    if isinstance(result, NotImported):
        error: Json = {"code": _code(result.error), "message": _cause(result.error)}
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
    return None if error is None else {"code": error.code.value, "message": error.cause}


def _word(registered: Registered) -> str:
    return "added" if registered.replaced is None else "replaced"


def _moved(registered: Registered) -> str:
    """Returns a hint at a changed server: it may be a mistake, such as two contexts of one name in two files."""
    if registered.replaced is None or registered.replaced.server == registered.record.server:
        return ""
    return f" (its server was {registered.replaced.server})"


def _shown_name(name: str | None, context: str) -> str:
    return context if name is None else name if name == context else f"{name} (context {context})"


def _cause(error: ImportError_) -> str:
    if isinstance(error, Unauthenticated):
        return "it does not accept the credential of the kubeconfig."
    return sentence(error.cause if isinstance(error, ClusterError) else str(error))


def _code(error: ImportError_) -> str:
    return error.code.value if isinstance(error, ClusterError | KubeconfigError) else "INVALID"
