"""Kubeconfigs as data: contexts become an endpoint and a credential, and nothing in the files is executed.

The official client's loader runs programs and reads files that a kubeconfig names. This one reads a list of known keys,
and what they name only with permission. A fault of a file refuses that file; a fault of a context, or of its cluster or
user, refuses that context only.

Several files are merged as kubectl does (client-go, `clientcmd.ClientConfigLoadingRules`): of contexts, clusters and
users with the same name the first file's wins as a whole, and so does the first current context. A relative path
belongs to the folder of the file that has it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from k8s.credentials.credential import Credential
from k8s.credentials.plugin import ExecPlugin
from k8s.dnslabel import DNS_LABEL
from k8s.endpoint import Endpoint
from k8s.kubeconfig.cluster import CLUSTER_KEYS, cluster_permissions, endpoint_of
from k8s.kubeconfig.entry import Entry
from k8s.kubeconfig.errors import ContextNotFound, quoted_name
from k8s.kubeconfig.exec import EXEC_KEYS, exec_entry
from k8s.kubeconfig.file import DEFAULT_LIMITS, KubeconfigFile, parse_file
from k8s.kubeconfig.limits import KubeconfigLimits
from k8s.kubeconfig.policy import KubeconfigPolicy
from k8s.kubeconfig.section import Section
from k8s.kubeconfig.user import USER_KEYS, credential_of, credential_warnings, user_permissions

_NO_CONTEXTS: Final = "there are no contexts"
_SHOWN_CONTEXTS: Final = 10
_CONTEXT_KEYS: Final = frozenset({"cluster", "user", "namespace", "extensions"})


@dataclass(frozen=True, slots=True)
class KubeconfigContext:
    """One context, ready to be connected to.

    Attributes:
        warnings: Sentences for the user, for example about an expired certificate.
        notes: Sentences about ignored keys; equal for all contexts that have them.
    """

    name: str
    cluster_name: str
    user_name: str
    namespace: str | None
    endpoint: Endpoint
    credential: Credential
    warnings: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Kubeconfig:
    """The contexts of one file or of several merged ones; each is read on demand.

    Attributes:
        files: The files in the order of their precedence; at least one.
        policy: The permissions in force.
    """

    files: tuple[KubeconfigFile, ...]
    policy: KubeconfigPolicy = field(repr=False)

    @property
    def source(self) -> str:
        """Returns the name of the files in messages."""
        others = len(self.files) - 1
        return self.files[0].source + (f" and {others} more" if others else "")

    @property
    def current_context(self) -> str | None:
        """Returns the context that kubectl would use; it may not exist."""
        return next((file.current_context for file in self.files if file.current_context), None)

    @property
    def contexts(self) -> tuple[str, ...]:
        """Returns the names of all contexts, in the order of the files."""
        return tuple(dict.fromkeys(name for file in self.files for name in file.contexts.items))

    @property
    def notes(self) -> tuple[str, ...]:
        """Returns sentences about ignored parts of the files."""
        return tuple(note for file in self.files for note in file.notes)

    def only_context(self) -> str:
        """Returns the name of the only context.

        Raises:
            ContextNotFound: There are several, or none: contexts are chosen explicitly.
        """
        contexts = self.contexts
        if len(contexts) == 1:
            return contexts[0]
        reason = f"there are several contexts, name one: {_listed(contexts)}" if contexts else _NO_CONTEXTS
        raise ContextNotFound(reason, source=self.source)

    def context(self, name: str) -> KubeconfigContext:
        """Returns one context; only what it names is checked.

        Raises:
            ContextNotFound: There is none of that name.
            KubeconfigError: The context, or its cluster or user, is refused.
        """
        section = _first(name, (file.contexts for file in self.files))
        if section is None:
            contexts = self.contexts
            reason = f"there is no such context; there are {_listed(contexts)}" if contexts else _NO_CONTEXTS
            raise ContextNotFound(reason, source=self.source, context=name)
        entry = section.body(section.item(name, context=name))
        cluster = self._named(entry, "cluster", (file.clusters for file in self.files))
        user = self._named(entry, "user", (file.users for file in self.files))
        for named in (cluster, user):
            named.require_complete()
        self.policy.require((*user_permissions(user), *cluster_permissions(cluster)), entry)
        endpoint = endpoint_of(cluster)
        credential = credential_of(user)
        if isinstance(credential, ExecPlugin):
            credential = self.policy.granted(credential)
        return KubeconfigContext(
            name=name,
            cluster_name=entry.printable("cluster") or "",
            user_name=entry.printable("user") or "",
            namespace=_namespace(entry),
            endpoint=endpoint,
            credential=credential,
            warnings=_warnings(endpoint) + credential_warnings(credential, user),
            notes=_notes(entry, cluster, user),
        )

    def _named(self, entry: Entry, kind: str, sections: Iterable[Section]) -> Entry:
        """Returns the entry of another section that a context names."""
        name = entry.printable(kind)
        if name is None:
            raise entry.invalid(f"{kind} is missing")
        section = _first(name, sections)
        if section is None:
            raise entry.invalid(f"it names {kind} {quoted_name(name)}, which does not exist")
        return section.body(section.item(name, context=entry.context or ""))


def parse_kubeconfig(
    text: bytes,
    *,
    source: str,
    policy: KubeconfigPolicy,
    folder: Path | None = None,
    limits: KubeconfigLimits = DEFAULT_LIMITS,
) -> Kubeconfig:
    """Reads a kubeconfig of one file, without its contexts yet; see `k8s.kubeconfig.file.parse_file`."""
    return Kubeconfig((parse_file(text, source=source, folder=folder, limits=limits),), policy)


def _first(name: str, sections: Iterable[Section]) -> Section | None:
    return next((section for section in sections if name in section.items), None)


def _listed(contexts: tuple[str, ...]) -> str:
    more = len(contexts) - _SHOWN_CONTEXTS
    names = ", ".join(quoted_name(name) for name in contexts[:_SHOWN_CONTEXTS])
    return f"{names} and {more} more" if more > 0 else names


def _namespace(entry: Entry) -> str | None:
    namespace = entry.text("namespace")
    if namespace is not None and not DNS_LABEL.fullmatch(namespace):
        raise entry.invalid("namespace is not a DNS label")
    return namespace


def _warnings(endpoint: Endpoint) -> tuple[str, ...]:
    return ("the server's TLS certificate is not verified",) if endpoint.skip_tls_verify else ()


def _notes(context: Entry, cluster: Entry, user: Entry) -> tuple[str, ...]:
    known = [("context", context, _CONTEXT_KEYS), ("cluster", cluster, CLUSTER_KEYS), ("user", user, USER_KEYS)]
    program = exec_entry(user)
    if program is not None:
        known.append(("exec", program, EXEC_KEYS))
    return tuple(
        f"{key} is ignored in {kind} entries, as kubectl does"
        for kind, entry, keys in known
        for key in entry.unknown(keys)
    )
