"""What of `where` the API servers can do themselves: fewer clusters, namespaces and objects are read.

Everything is looked at once more when it is here, so what is pushed down may let through too much, but never too
little. A condition that cannot be said in a selector (another operator, a value that no label can have, a part of an
`or`) is left to that second look.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from k8s.dnslabel import DNS_LABEL
from k8s.kinds import builtin as kinds
from k8s.kinds.kind import Kind
from resolvers.arguments.arguments import ListArguments
from resolvers.arguments.paths import parse_path
from resolvers.arguments.selectors import checked_label_selector
from resolvers.errors import BadUserInput
from resolvers.filters.conditions import Comparison, Condition, ConditionGroup, Junction, Operator, Quantifier
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
"""Fields of text that the API servers of all supported releases select by.

Source: the conversion functions of pkg/apis/core/v1 and the registries' `SelectableFields`.
"""

_LABELS: Final = ("metadata", "labels")
_PLAIN: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/:-]{0,252}")
_MOST_SELECTOR_CHARACTERS: Final = 2000
_MOST_NAMESPACES: Final = 4


@dataclass(frozen=True, slots=True)
class Pushed:
    """A list's arguments, narrowed.

    Attributes:
        arguments: with what selectors and namespaces can say of `where`.
        cluster_names: None where all chosen clusters may have wanted objects.
        requirements: what is left to the API servers, in words.
        residual: paths that are looked at here alone.
    """

    arguments: ListArguments
    cluster_names: frozenset[str] | None = None
    requirements: tuple[str, ...] = ()
    residual: tuple[str, ...] = ()

    def of(self, clusters: list[FleetCluster]) -> list[FleetCluster]:
        """Those of the clusters that may have wanted objects."""
        return [each for each in clusters if self.cluster_names is None or each.name in self.cluster_names]


def pushed_down(kind: Kind, arguments: ListArguments) -> Pushed:
    """The narrowest requests that still read everything that is wanted."""
    if not arguments.where:
        return Pushed(arguments)
    comparisons = [each for each in _together(arguments.where) if not each.ignores_case]
    labels = [(each, _label_requirement(each)) for each in comparisons]
    fields = [(each, _field_requirement(kind, each)) for each in comparisons]
    namespaces = _narrowed(arguments.namespaces, comparisons) if kind.namespaced else arguments.namespaces
    names = _cluster_names(comparisons)
    pushed = replace(
        arguments,
        label_selector=_joined(arguments.label_selector, (said for _, said in labels)),
        field_selector=_joined(arguments.field_selector, (said for _, said in fields)),
        namespaces=namespaces,
    )
    done = {each.path for each, said in (*labels, *fields) if said}
    done |= _ANY_NAMESPACE if namespaces != arguments.namespaces else frozenset()
    done |= _CLUSTER_NAME if names is not None else frozenset()
    residual = tuple(path for path in _paths(arguments.where) if path not in done)
    return Pushed(pushed, names, _requirements(arguments, pushed, names), residual)


def _requirements(before: ListArguments, after: ListArguments, cluster_names: frozenset[str] | None) -> tuple[str, ...]:
    """What is left to the API servers, in words."""
    said = {
        "clusters": ",".join(sorted(cluster_names)) if cluster_names is not None else None,
        "namespaces": ",".join(after.namespaces or ()) if after.namespaces != before.namespaces else None,
        "labelSelector": after.label_selector if after.label_selector != before.label_selector else None,
        "fieldSelector": after.field_selector if after.field_selector != before.field_selector else None,
    }
    return tuple(f"{name}={text}" for name, text in said.items() if text is not None)


def _paths(conditions: Iterable[Condition]) -> Iterable[str]:
    for condition in conditions:
        if isinstance(condition, ConditionGroup):
            yield from _paths(condition.members)
        else:
            yield condition.path


def _together(conditions: Iterable[Condition]) -> Iterable[Comparison]:
    """Comparisons that must all hold."""
    for condition in conditions:
        if isinstance(condition, Comparison):
            yield condition
        elif isinstance(condition, ConditionGroup) and condition.junction is Junction.AND:
            yield from _together(condition.members)


def _label_requirement(comparison: Comparison) -> str | None:
    steps = [step.text for step in parse_path(comparison.path)]
    if tuple(steps[:-1]) != _LABELS or comparison.quantifier is not Quantifier.ANY:
        return None
    requirement = _requirement(steps[-1], comparison)
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


def _joined(given: str, requirements: Iterable[str | None]) -> str:
    """A selector with as many more requirements as a URL has room for."""
    selector = given
    for requirement in requirements:
        longer = ",".join(filter(None, (selector, requirement)))
        if requirement and len(longer) <= max(_MOST_SELECTOR_CHARACTERS, len(given)):
            selector = longer
    return selector


def _narrowed(namespaces: tuple[str, ...] | None, comparisons: Iterable[Comparison]) -> tuple[str, ...] | None:
    """The namespaces that may have wanted objects; as they were where none or too many to ask for would be left."""
    wanted = _chosen(_ANY_NAMESPACE, comparisons)
    if wanted is None:
        return namespaces
    left = wanted if namespaces is None else wanted & frozenset(namespaces)
    if not left or len(left) > _MOST_NAMESPACES or not all(DNS_LABEL.fullmatch(name) for name in left):
        return namespaces
    return tuple(sorted(left))


def _cluster_names(comparisons: Iterable[Comparison]) -> frozenset[str] | None:
    return _chosen(_CLUSTER_NAME, comparisons)


def _chosen(paths: frozenset[str], comparisons: Iterable[Comparison]) -> frozenset[str] | None:
    """The values that a path may have; None if it may have any."""
    chosen: frozenset[str] | None = None
    for comparison in comparisons:
        texts = _texts(comparison.value)
        if comparison.path in paths and comparison.op in {Operator.EQ, Operator.IN} and texts is not None:
            chosen = frozenset(texts) if chosen is None else chosen & frozenset(texts)
    return chosen


def _texts(value: object) -> list[str] | None:
    values = value if isinstance(value, list) else [value]
    texts = [each for each in values if isinstance(each, str)]
    return texts if texts and len(texts) == len(values) else None
