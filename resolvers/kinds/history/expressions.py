"""Queries in PromQL for the usage of objects: one for each kind, whose series have a label `resource`.

The metrics are those of the kubelet: of its cAdvisor (`/metrics/cadvisor`), or of `/metrics/resource`, which has the
same names for containers. A container that several jobs scrape counts once, by `max`. A Prometheus that does not
honour the labels of the kubelet, whose target has a namespace of its own, has them with the prefix `exported_`.
Source: https://prometheus.io/docs/prometheus/latest/configuration/configuration/#scrape_config (honor_labels)
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from resolvers.kinds.history.period import Period

RESOURCE: Final = "resource"
"""The label of the resource of a series."""

_CONTAINER_METRICS: Final = {
    "cpu": "container_cpu_usage_seconds_total",
    "memory": "container_memory_working_set_bytes",
}
_NODE_METRICS: Final = {"cpu": "node_cpu_usage_seconds_total", "memory": "node_memory_working_set_bytes"}
_COUNTERS: Final = frozenset({"cpu"})
_UNION: Final = " or "
"""The operator of PromQL: all series on its left, and those on its right with other labels."""
_ANY: Final = '!=""'
_MOST_CHARACTERS: Final = 800
"""Characters of the names in a selector. A query has up to six, and proxies pass on URLs of 8 KB."""
_NAME: Final = re.compile(r"[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?", re.ASCII)


class Per(Enum):
    """The objects that series are of; each value has the labels of their series."""

    CONTAINER = ("namespace", "pod", "container")
    POD = ("namespace", "pod")
    NAMESPACE = ("namespace",)
    NODE = ("node", "instance")
    CLUSTER = ()


@dataclass(frozen=True, slots=True)
class Narrowing:
    """The series that are needed: all, or those of some namespaces, or of some pods there.

    Attributes:
        namespaces: the only namespaces; empty for all.
        pods: the only names of pods; empty for all.
        labels: labels that every series of the cluster has, in a Prometheus of several clusters.
    """

    namespaces: Iterable[str] = ()
    pods: Iterable[str] = ()
    labels: Mapping[str, str] = field(default_factory=dict)


def expression(per: Per, period: Period, narrowing: Narrowing) -> str:
    """Returns the query for the resources of a period."""
    of_resource = _of_nodes if per in {Per.NODE, Per.CLUSTER} else _of_containers
    return _UNION.join(
        f'label_replace({of_resource(per, resource, period, narrowing)},"{RESOURCE}","{resource}","","")'
        for resource in period.resources
    )


def _of_containers(per: Per, resource: str, period: Period, narrowing: Narrowing) -> str:
    metric, others = _CONTAINER_METRICS[resource], _equal(narrowing.labels)
    namespaces, pods = _one_of(narrowing.namespaces), _one_of(narrowing.pods)

    def series(prefix_of_namespace: str, prefix: str, *further: str) -> str:
        container = f"{prefix}container"
        matchers = [
            *(f'{name}=""' for name in further),
            f'{container}!=""',
            f'{container}!="POD"',
            f"{prefix_of_namespace}namespace{namespaces or _ANY}",
            *([f"{prefix}pod{pods}"] if pods else []),
            *others,
        ]
        return _measured(metric, matchers, resource, period)

    plain = series("", "", "exported_namespace", "exported_pod")
    of_other_namespace = _renamed(series("exported_", "", "exported_pod"), "namespace")
    of_other_pod = _renamed(series("exported_", "exported_"), *Per.CONTAINER.value)
    distinct = f"max by({_labels(Per.CONTAINER)})({plain} or {of_other_namespace} or {of_other_pod})"
    return distinct if per is Per.CONTAINER else f"sum by({_labels(per)})({distinct})"


def _of_nodes(per: Per, resource: str, period: Period, narrowing: Narrowing) -> str:
    others = _equal(narrowing.labels)
    by_source = [
        f"max by({_labels(Per.NODE)})({_measured(metric, matchers, resource, period)})"
        for metric, matchers in ((_CONTAINER_METRICS[resource], ['id="/"', *others]), (_NODE_METRICS[resource], others))
    ]
    return _UNION.join(by_source if per is Per.NODE else map("sum({})".format, by_source))


def _measured(metric: str, matchers: Sequence[str], resource: str, period: Period) -> str:
    selector = f"{metric}{{{','.join(matchers)}}}"
    return f"rate({selector}[{period.rate_s}s])" if resource in _COUNTERS else selector


def _renamed(series: str, *labels: str) -> str:
    for label in labels:
        series = f'label_replace({series},"{label}","$1","exported_{label}","(.+)")'
    return series


def _labels(per: Per) -> str:
    return ",".join(per.value)


def _equal(labels: Mapping[str, str]) -> list[str]:
    return [f"{name}={json.dumps(value)}" for name, value in labels.items()]


def _one_of(names: Iterable[str]) -> str:
    """Returns the operator and the value of a matcher; empty if no names are given, or too many."""
    by_stem: dict[str, list[str]] = {}
    for name in sorted(set(filter(_NAME.fullmatch, names))):
        stem, dash, end = name.rpartition("-")
        by_stem.setdefault(stem + dash, []).append(end)
    alternatives = (
        f"{stem}{ends[0]}" if len(ends) == 1 else f"{stem}({'|'.join(ends)})" for stem, ends in by_stem.items()
    )
    text = "|".join(alternatives).replace(".", "[.]")
    return f'=~"{text}"' if text and len(text) <= _MOST_CHARACTERS else ""
