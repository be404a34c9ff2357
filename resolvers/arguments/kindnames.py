"""The kind that a caller names: by `apiVersion` and `kind`, or by a resource name as kubectl takes it.

One name may mean several kinds, such as `gateways` in the groups of Istio and of the Gateway API. kubectl takes the
first one that the server lists, so its choice depends on the cluster. Here, Kubernetes' own kinds come first, as nearly
always there: `services` are those of the core group, whatever custom resources a cluster has. Any other ambiguous name
is refused.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from k8s.apiserver.served import Served, ServedKind
from k8s.kinds.builtin import BUILT_IN
from k8s.kinds.kind import Kind
from resolvers.errors import BadUserInput

_LONGEST: Final = 512
_NAME: Final = re.compile(r"[A-Za-z0-9]([-.A-Za-z0-9]*[A-Za-z0-9])?\.?", re.ASCII)
_API_VERSION: Final = re.compile(r"([a-z0-9]([-.a-z0-9]*[a-z0-9])?/)?[a-z0-9]([-a-z0-9]*[a-z0-9])?", re.ASCII)
_VERSION: Final = re.compile(r"v[1-9][0-9]*((alpha|beta)[1-9][0-9]*)?", re.ASCII)
_OWN_GROUPS: Final = frozenset(kind.group for kind in BUILT_IN)


@dataclass(frozen=True, slots=True)
class KindName:
    """The name of a kind: a resource, or a kind, with or without its API version.

    Attributes:
        argument: The name of the argument, for messages.
        text: A plural, singular or short name, or a kind, such as `deploy`, `deployments.apps`, `Deployment`.
        api_version: The value of `apiVersion`, such as `apps/v1`; None for any.
    """

    argument: str
    text: str
    api_version: str | None = None

    def __str__(self) -> str:
        return f"{self.api_version} {self.text}" if self.api_version is not None else self.text

    def meanings(self, served: Served) -> tuple["KindMeaning", ...]:
        """Returns all kinds of a cluster that have this name; empty if there is none."""
        if self.api_version is None:
            return tuple(KindMeaning(kind, version) for kind, version in served.meant(self.text))
        group, version = self.group_version
        kinds = (kind for kind in served.kinds if kind.group == group and self.text in (kind.name, kind.name.lower()))
        return tuple(
            KindMeaning(kind, version) for kind in kinds if any(one.version == version for one in kind.versions)
        )

    def in_other_versions(self, served: Served) -> tuple[ServedKind, str] | None:
        """Returns the kind that a cluster serves in other versions than the name has, and the version of the name."""
        if self.api_version is not None:
            group, version = self.group_version
            kind = served.find(group, self.text)
            return (kind, version) if kind is not None else None
        name, _, rest = self.text.partition(".")
        version, has_version, group = rest.partition(".")
        if not has_version or not _VERSION.fullmatch(version):
            return None
        kinds = [kind for kind in served.named(f"{name}.{group}") if group or not kind.group]
        return (kinds[0], version) if kinds else None

    @property
    def group_version(self) -> tuple[str, str]:
        """Returns the group and the version of `apiVersion`."""
        group, _, version = (self.api_version or "").rpartition("/")
        return group, version


@dataclass(frozen=True, slots=True)
class KindMeaning:
    """A kind of a cluster that a name means.

    Attributes:
        served: The kind.
        version: The version that the name has; None if it has none.
    """

    served: ServedKind
    version: str | None

    @property
    def kind(self) -> Kind:
        """Returns the kind in the version of the name, else in the preferred one."""
        return self.served.kind(self.version)

    @property
    def is_own(self) -> bool:
        """True for kinds in the groups of Kubernetes itself, in which there are no custom resources."""
        return self.served.group in _OWN_GROUPS or "." not in self.served.group


def kind_name(arguments: Mapping[str, object]) -> KindName:
    """Returns the kind that the arguments `resource`, `apiVersion` and `kind` name.

    Raises:
        BadUserInput: None of them is there, or they do not belong together, or one is invalid.
    """
    resource, api_version, kind = (_text(arguments.get(name)) for name in ("resource", "apiVersion", "kind"))
    if resource is not None and (api_version is not None or kind is not None):
        raise BadUserInput("resource: pass either `resource`, or `kind` with `apiVersion`.")
    if resource is None and kind is None:
        raise BadUserInput(
            'kind: pass `kind`, with `apiVersion` if several groups have it, or `resource`, such as "deployments.apps".'
        )
    text = _checked("resource" if resource is not None else "kind", resource if resource is not None else kind)
    if api_version is not None and (len(api_version) > _LONGEST or not _API_VERSION.fullmatch(api_version)):
        raise BadUserInput(
            f'apiVersion: {api_version[:80]!r} is invalid; use a version, or a group and a version, such as "apps/v1".'
        )
    return KindName("resource" if resource is not None else "kind", text, api_version)


def _checked(argument: str, text: str | None) -> str:
    text = text or ""
    if len(text) > _LONGEST or not _NAME.fullmatch(text):
        example = "deployments.apps" if argument == "resource" else "Deployment"
        raise BadUserInput(
            f"{argument}: {text[:80]!r} is invalid; use letters, digits, '-' and '.', such as \"{example}\"."
        )
    return text


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
