"""Kubeconfigs as data: contexts become an endpoint and a credential, and nothing in the file is executed.

The official client's loader runs programs and reads files that a kubeconfig names. This one has a list of known keys
and refuses every other by name. A fault of the file refuses the file; a fault of a context, or of its cluster or user,
refuses that context only.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from k8s.credentials.credential import Credential
from k8s.dnslabel import DNS_LABEL
from k8s.endpoint import Endpoint
from k8s.kubeconfig.cluster import endpoint_of
from k8s.kubeconfig.entry import Entry, Section, section_of
from k8s.kubeconfig.errors import ContextNotFound, KubeconfigInvalid, quoted_name
from k8s.kubeconfig.files import KubeconfigFiles
from k8s.kubeconfig.policy import KubeconfigPolicy
from k8s.kubeconfig.user import credential_of, credential_warnings
from k8s.kubeconfig.yaml import read_yaml

_NO_CONTEXTS: Final = "the file has no contexts"
_SHOWN_CONTEXTS: Final = 10
_FILE_KEYS: Final = frozenset(
    {"apiVersion", "kind", "preferences", "extensions", "clusters", "users", "contexts", "current-context"}
)
_CONTEXT_KEYS: Final = frozenset({"cluster", "user", "namespace", "extensions"})


@dataclass(frozen=True, slots=True)
class KubeconfigContext:
    """One context, ready to be connected to.

    Attributes:
        warnings: Sentences for the user, for example about an expired certificate.
    """

    name: str
    cluster_name: str
    user_name: str
    namespace: str | None
    endpoint: Endpoint
    credential: Credential
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Kubeconfig:
    """The contexts of one file; each is read on demand.

    Attributes:
        source: The name of the file in messages.
        current_context: The context that kubectl would use, as written; it may not exist.
    """

    source: str
    current_context: str | None
    _contexts: Section = field(repr=False)
    _clusters: Section = field(repr=False)
    _users: Section = field(repr=False)
    _policy: KubeconfigPolicy = field(repr=False)
    _files: KubeconfigFiles = field(repr=False)

    @property
    def contexts(self) -> tuple[str, ...]:
        """Returns the names of all contexts, in the file's order."""
        return tuple(self._contexts.items)

    def only_context(self) -> str:
        """Returns the name of the file's only context.

        Raises:
            ContextNotFound: There are several, or none: contexts are chosen explicitly and never merged.
        """
        if len(self.contexts) == 1:
            return self.contexts[0]
        reason = f"the file has several contexts, name one: {self._listed()}" if self.contexts else _NO_CONTEXTS
        raise ContextNotFound(reason, source=self.source)

    def context(self, name: str) -> KubeconfigContext:
        """Returns one context.

        Raises:
            ContextNotFound: There is none of that name.
            KubeconfigError: The context, or its cluster or user, is refused.
        """
        if name not in self._contexts.items:
            reason = f"there is no such context; the file has {self._listed()}" if self.contexts else _NO_CONTEXTS
            raise ContextNotFound(reason, source=self.source, context=name)
        entry = self._contexts.entry(name, context=name)
        entry.require_only(_CONTEXT_KEYS, ways_out={})
        cluster, user = self._named(entry, self._clusters), self._named(entry, self._users)
        endpoint = endpoint_of(cluster, self._policy, self._files)
        credential = credential_of(user, self._policy, self._files)
        return KubeconfigContext(
            name=name,
            cluster_name=entry.printable("cluster") or "",
            user_name=entry.printable("user") or "",
            namespace=_namespace(entry),
            endpoint=endpoint,
            credential=credential,
            warnings=_warnings(endpoint) + credential_warnings(credential, user),
        )

    def _named(self, entry: Entry, section: Section) -> Entry:
        """Returns the entry of another section that a context names."""
        name = entry.printable(section.kind)
        if name is None:
            raise entry.invalid(f"{section.kind} is missing")
        if name not in section.items:
            raise entry.invalid(f"it names {section.kind} {quoted_name(name)}, which the file does not have")
        return section.entry(name, context=entry.context)

    def _listed(self) -> str:
        more = len(self.contexts) - _SHOWN_CONTEXTS
        names = ", ".join(quoted_name(name) for name in self.contexts[:_SHOWN_CONTEXTS])
        return f"{names} and {more} more" if more > 0 else names


def parse_kubeconfig(text: bytes, *, source: str, policy: KubeconfigPolicy, folder: Path | None = None) -> Kubeconfig:
    """Reads a kubeconfig in YAML or JSON, without its contexts yet.

    Args:
        text: The file, UTF-8.
        source: The name of the file in messages.
        policy: The operator's policy.
        folder: The folder for relative paths in the file; used only if the policy allows files.

    Raises:
        KubeconfigError: The file is not a kubeconfig, or exceeds a limit.
    """
    root = read_yaml(text, source=source)
    if not isinstance(root, dict):
        raise KubeconfigInvalid("the file is not a kubeconfig: it is not a mapping", source=source)
    entry = Entry("the file", root, source)
    entry.require_only(_FILE_KEYS, ways_out={})
    for key, value in (("apiVersion", "v1"), ("kind", "Config")):
        if entry.text(key) not in (None, value):
            raise entry.invalid(f"it is not a kubeconfig: {key} is not {value}")
    return Kubeconfig(
        source=source,
        current_context=entry.printable("current-context"),
        _contexts=section_of(entry, "contexts", "context"),
        _clusters=section_of(entry, "clusters", "cluster"),
        _users=section_of(entry, "users", "user"),
        _policy=policy,
        _files=KubeconfigFiles(policy.files, folder),
    )


def _namespace(entry: Entry) -> str | None:
    namespace = entry.text("namespace")
    if namespace is not None and not DNS_LABEL.fullmatch(namespace):
        raise entry.invalid("namespace is not a DNS label")
    return namespace


def _warnings(endpoint: Endpoint) -> tuple[str, ...]:
    return ("the server's TLS certificate is not verified",) if endpoint.skip_tls_verify else ()
