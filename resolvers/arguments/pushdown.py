"""Predicate pushdown: conditions of `where` that API servers can apply, so that fewer objects are read.

All conditions are checked again for the rows that arrive, so a narrowed request may return too much, but never too
little. A condition that no selector can express (another operator, a value that no label can have, a member of an `or`)
is left to that second check.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from k8s.dnslabel import DNS_LABEL
from k8s.kinds import builtin as kinds
from k8s.kinds.kind import Kind
from resolvers.arguments.listarguments import ListArguments
from resolvers.arguments.paths import Pick, parse_path
from resolvers.arguments.selectors import checked_label_selector
from resolvers.errors import BadUserInput
from resolvers.filters.conditions import (
    ELEMENT,
    Comparison,
    Condition,
    ConditionGroup,
    ElementCondition,
    Junction,
    Operator,
    PathComparison,
    Quantifier,
)
from resolvers.fleet.cluster import FleetCluster

_ANY_NAME: Final = frozenset({"name", "metadata.name"})
_ANY_NAMESPACE: Final = frozenset({"namespace", "metadata.namespace"})
_CLUSTER_NAME: Final = frozenset({"cluster.name"})
_FIELDS: Final[Mapping[Kind, frozenset[str]]] = {
    kinds.POD: frozenset(
        {"spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName", "status.phase"}
    ),
    kinds.EVENT: frozenset(
        {*(f"involvedObject.{key}" for key in ("kind", "namespace", "name", "uid", "apiVersion")), "reason", "type"}
    ),
    kinds.NAMESPACE: frozenset({"status.phase"}),
    kinds.SECRET: frozenset({"type"}),
}
"""Text fields by which the API servers of all supported releases select.

Source: the conversion functions of pkg/apis/core/v1 and the registries' `SelectableFields`.
"""

_LABELS: Final = ("metadata", "labels")
_CLUSTER_LABELS: Final = ("cluster", "labels")
_PLAIN: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/:-]{0,252}")
_MAX_SELECTOR_CHARACTERS: Final = 2000
_MAX_NAMESPACES: Final = 4


@dataclass(frozen=True, slots=True)
class Pushed:
    """A list's arguments, narrowed by its `where`.

    Attributes:
        arguments: the arguments with narrowed selectors and namespaces.
        cluster_names: the only clusters that can have matching objects; None for all chosen ones.
        cluster_labels: values that the labels of such clusters have.
        requirements: the conditions that API servers apply, in words.
        residual: paths that only fleetgraph checks.
    """

    arguments: ListArguments
    cluster_names: frozenset[str] | None = None
    cluster_labels: Mapping[str, frozenset[str]] = field(default_factory=dict)
    requirements: tuple[str, ...] = ()
    residual: tuple[str, ...] = ()

    def of(self, clusters: Sequence[FleetCluster]) -> list[FleetCluster]:
        """Returns those of the clusters that can have matching objects."""
        named = (cluster for cluster in clusters if self.cluster_names is None or cluster.name in self.cluster_names)
        labels = self.cluster_labels.items()
        return [cluster for cluster in named if all(cluster.labels.get(key) in values for key, values in labels)]


def pushed_down(kind: Kind, arguments: ListArguments) -> Pushed:
    """Returns the narrowest requests that still read all matching objects."""
    if not arguments.where:
        return Pushed(arguments)
    comparisons = _exact(arguments)
    labels = [(comparison, _label_requirement(comparison)) for comparison in comparisons]
    fields = [(comparison, _field_requirement(kind, comparison)) for comparison in comparisons]
    namespaces = _narrowed(arguments.namespaces, comparisons) if kind.namespaced else arguments.namespaces
    names, cluster_labels = _allowed_values(_CLUSTER_NAME, comparisons), _cluster_labels(comparisons)
    pushed = replace(
        arguments,
        label_selector=_joined(arguments.label_selector, (requirement for _, requirement in labels)),
        field_selector=_joined(arguments.field_selector, (requirement for _, requirement in fields)),
        namespaces=namespaces,
    )
    applied = {comparison.path for comparison, requirement in (*labels, *fields) if requirement}
    applied |= _ANY_NAMESPACE if namespaces != arguments.namespaces else frozenset()
    applied |= _CLUSTER_NAME if names is not None else frozenset()
    applied |= {one.path for one in comparisons if _cluster_label(one) is not None}
    residual = tuple(path for path in _paths(arguments.where) if path not in applied)
    labels_of_clusters = (f"clusters.labels={key}={'|'.join(sorted(of))}" for key, of in cluster_labels.items())
    requirements = (*_requirements(arguments, pushed, names), *labels_of_clusters)
    return Pushed(pushed, names, cluster_labels, requirements, residual)


def narrowed_clusters(arguments: ListArguments, clusters: Sequence[FleetCluster]) -> list[FleetCluster]:
    """Returns those of the clusters that can have matching objects, of whatever kind."""
    exact = _exact(arguments)
    return Pushed(arguments, _allowed_values(_CLUSTER_NAME, exact), _cluster_labels(exact)).of(clusters)


def _exact(arguments: ListArguments) -> list[Comparison]:
    return [comparison for comparison in _conjunction(arguments.where) if not comparison.ignores_case]


def _requirements(before: ListArguments, after: ListArguments, cluster_names: frozenset[str] | None) -> tuple[str, ...]:
    """Returns the conditions that API servers apply, in words."""
    texts = {
        "clusters": ",".join(sorted(cluster_names)) if cluster_names is not None else None,
        "namespaces": ",".join(after.namespaces or ()) if after.namespaces != before.namespaces else None,
        "labelSelector": after.label_selector if after.label_selector != before.label_selector else None,
        "fieldSelector": after.field_selector if after.field_selector != before.field_selector else None,
    }
    return tuple(f"{name}={text}" for name, text in texts.items() if text is not None)


def _paths(conditions: Iterable[Condition]) -> Iterable[str]:
    for condition in conditions:
        match condition:
            case ConditionGroup():
                yield from _paths(condition.members)
            case ElementCondition(path, _, members):
                yield from (path if inner == ELEMENT else f"{path}.{inner}" for inner in _paths(members))
            case PathComparison(path, _, value_path):
                yield from (path, value_path)
            case Comparison():
                yield condition.path


def _conjunction(conditions: Iterable[Condition]) -> Iterable[Comparison]:
    """Yields the comparisons that must all hold."""
    for condition in conditions:
        if isinstance(condition, Comparison):
            yield condition
        elif isinstance(condition, ConditionGroup) and condition.junction is Junction.AND:
            yield from _conjunction(condition.members)


def _key_in(labels: tuple[str, ...], comparison: Comparison) -> str | None:
    """Returns the key that a comparison reads in a map; None if it reads something else."""
    steps = parse_path(comparison.path)
    names = [step.text for step in steps if not isinstance(step, Pick)]
    is_key = (*names[:-1],) == labels and len(names) == len(steps) and comparison.quantifier is Quantifier.ANY
    return names[-1] if is_key else None


def _label_requirement(comparison: Comparison) -> str | None:
    key = _key_in(_LABELS, comparison)
    if key is None:
        return None
    requirement = _requirement(key, comparison)
    try:
        return checked_label_selector(requirement) if requirement else None
    except BadUserInput:
        return None


def _requirement(key: str, comparison: Comparison) -> str | None:
    texts = _texts(comparison.value)
    if comparison.op is Operator.EXISTS:
        return key
    if comparison.op is Operator.NOT_EXISTS:
        return f"!{key}"
    if texts is None or not all(_PLAIN.fullmatch(text) for text in texts):
        return None
    forms = {
        Operator.EQ: f"{key}={texts[0]}",
        Operator.NE: f"{key}!={texts[0]}",
        Operator.IN: f"{key} in ({','.join(texts)})",
        Operator.NOT_IN: f"{key} notin ({','.join(texts)})",
    }
    return forms.get(comparison.op)


def _field_requirement(kind: Kind, comparison: Comparison) -> str | None:
    if comparison.op not in {Operator.EQ, Operator.NE} or not isinstance(comparison.value, str):
        return None
    if not _PLAIN.fullmatch(comparison.value):
        return None
    sign = "=" if comparison.op is Operator.EQ else "!="
    if comparison.path in _ANY_NAME:
        return f"metadata.name{sign}{comparison.value}"
    return f"{comparison.path}{sign}{comparison.value}" if comparison.path in _FIELDS.get(kind, ()) else None


def _joined(selector: str, requirements: Iterable[str | None]) -> str:
    """Returns a selector with as many more requirements as fit into a URL."""
    joined = selector
    for requirement in requirements:
        longer = ",".join(filter(None, (joined, requirement)))
        if requirement and len(longer) <= max(_MAX_SELECTOR_CHARACTERS, len(selector)):
            joined = longer
    return joined


def _narrowed(namespaces: tuple[str, ...] | None, comparisons: Iterable[Comparison]) -> tuple[str, ...] | None:
    """Returns the namespaces that can have matching objects; the argument itself if that leaves none or more than 4."""
    compared = _allowed_values(_ANY_NAMESPACE, comparisons)
    if compared is None:
        return namespaces
    remaining = compared if namespaces is None else compared & frozenset(namespaces)
    if not remaining or len(remaining) > _MAX_NAMESPACES or not all(map(DNS_LABEL.fullmatch, remaining)):
        return namespaces
    return tuple(sorted(remaining))


def _cluster_labels(comparisons: Iterable[Comparison]) -> Mapping[str, frozenset[str]]:
    """Returns the values that the comparisons allow for labels of clusters."""
    allowed: dict[str, frozenset[str]] = {}
    for comparison in comparisons:
        key, values = _cluster_label(comparison), frozenset(_texts(comparison.value) or ())
        if key is not None:
            allowed[key] = allowed.get(key, values) & values
    return allowed


def _cluster_label(comparison: Comparison) -> str | None:
    """Returns the label of clusters that a comparison allows some values for."""
    key = _key_in(_CLUSTER_LABELS, comparison)
    is_narrow = comparison.op in {Operator.EQ, Operator.IN} and _texts(comparison.value) is not None
    return key if is_narrow else None


def _allowed_values(paths: frozenset[str], comparisons: Iterable[Comparison]) -> frozenset[str] | None:
    """Returns the values that the comparisons allow for a path; None for any."""
    allowed: frozenset[str] | None = None
    for comparison in comparisons:
        texts = _texts(comparison.value)
        if comparison.path in paths and comparison.op in {Operator.EQ, Operator.IN} and texts is not None:
            allowed = frozenset(texts) if allowed is None else allowed & frozenset(texts)
    return allowed


def _texts(value: object) -> list[str] | None:
    values = value if isinstance(value, list) else [value]
    texts = [text for text in values if isinstance(text, str)]
    return texts if texts and len(texts) == len(values) else None
