"""One file of a kubeconfig, with its three lists; its entries are checked when a context needs them."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from k8s.kubeconfig.entry import Entry
from k8s.kubeconfig.errors import KubeconfigInvalid
from k8s.kubeconfig.limits import BYTES_SETTING, CONTEXTS_SETTING, VALUES_PER_CONTEXT, KubeconfigLimits
from k8s.kubeconfig.section import Section, section_of
from k8s.kubeconfig.yaml import Fault, YamlLimits, read_yaml_with_faults

_FILE_KEYS: Final = frozenset(
    {"apiVersion", "kind", "preferences", "extensions", "clusters", "users", "contexts", "current-context"}
)
DEFAULT_LIMITS: Final = KubeconfigLimits()
"""The limits without settings."""


@dataclass(frozen=True, slots=True)
class KubeconfigFile:
    """One file.

    Attributes:
        source: Its name in messages.
        current_context: The context that it selects; None if it selects none, or not by a printable text.
        contexts: The contexts.
        clusters: The clusters that contexts name.
        users: The users that contexts name.
        notes: Sentences about ignored parts.
    """

    source: str
    current_context: str | None
    contexts: Section = field(repr=False)
    clusters: Section = field(repr=False)
    users: Section = field(repr=False)
    notes: tuple[str, ...] = ()


def parse_file(
    text: bytes, *, source: str, folder: Path | None = None, limits: KubeconfigLimits = DEFAULT_LIMITS
) -> KubeconfigFile:
    """Reads a file in YAML or JSON; an empty one has no contexts, as for kubectl.

    Args:
        text: The file, UTF-8, or UTF-16 with a byte order mark.
        source: The name of the file in messages.
        folder: The folder for relative paths in the file.
        limits: The limits of its size.

    Raises:
        KubeconfigError: The file is not a kubeconfig, or exceeds a limit.
    """
    root = read_yaml_with_faults(text, source=source, limits=_yaml_limits(limits))
    if isinstance(root, Fault):
        raise KubeconfigInvalid(root.reason, source=source)
    if root is not None and not isinstance(root, dict):
        raise KubeconfigInvalid("the file is not a kubeconfig: it is not a mapping", source=source)
    entry = Entry("the file", root or {}, source, folder)
    for key, value in (("apiVersion", "v1"), ("kind", "Config")):
        if entry.text(key) not in (None, value):
            raise entry.invalid(f"it is not a kubeconfig: {key} is not {value}")
    contexts, clusters, users = sections = [
        section_of(entry, f"{kind}s", kind, limits) for kind in ("context", "cluster", "user")
    ]
    notes = _notes(entry, sections)
    current_context = None
    try:
        current_context = entry.printable("current-context")
    except KubeconfigInvalid as error:  # it matters only to those who select no context
        notes += (str(error).removesuffix("."),)
    return KubeconfigFile(source, current_context, contexts, clusters, users, notes)


def _notes(entry: Entry, sections: list[Section]) -> tuple[str, ...]:
    ignored = tuple(f"{entry.source}: {key} is ignored, as kubectl does" for key in entry.unknown(_FILE_KEYS))
    unnamed = tuple(
        f"{entry.source}: {section.unnamed} of {section.key} without a name that can be used: ignored"
        for section in sections
        if section.unnamed
    )
    return ignored + unnamed


def _yaml_limits(limits: KubeconfigLimits) -> YamlLimits:
    return YamlLimits(
        text_bytes=limits.file_bytes,
        values=limits.values,
        bytes_hint=f" ({BYTES_SETTING})",
        values_hint=f", {VALUES_PER_CONTEXT} for each of {limits.contexts} contexts ({CONTEXTS_SETTING})",
    )
