"""Queries in PromQL for the usage of objects: one for each kind, whose series have a label `resource`.

The metrics are those of the kubelet: of its cAdvisor (`/metrics/cadvisor`), or of `/metrics/resource`, which has the
same names for containers. A container or a node that several jobs scrape counts once, by `max`.

A Prometheus that does not honour the labels of the kubelet, whose target has a namespace of its own, has them with the
prefix `exported_`. So have the metrics of any pod that names others in its labels, wherever they are not honoured. They
count only for an object of which there are no other series at the time.
Source: https://prometheus.io/docs/prometheus/latest/configuration/configuration/#scrape_config (honor_labels)
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import partial
from typing import Final
from urllib.parse import quote

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
_NAMED: Final = "([^;]+);.*"
_SCRAPED: Final = ";\\[?(.+?)\\]?(?::[0-9]+)?"
"""The node and the instance of a series, joined: the node if there is one, else the host of the instance."""
_MOST_BYTES: Final = 7_000
"""The length of an encoded query; usual proxies refuse URLs of 8 KB. Longer ones name fewer of the objects."""
_LEAST_STEM: Final = 3
"""Characters of the part of a name that pods of one controller have in common; a shorter one selects too much."""
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
    """Returns the query for the resources of a period.

    It names the namespaces and pods that are needed, if it does not become too long: else what names of pods begin
    with, then fewer of both in fewer of its selectors, and in the end none. Series of other objects may be in
    the answer.
    """
    if per in {Per.NODE, Per.CLUSTER}:
        return _of_resources(period, lambda resource: _of_nodes(per, resource, period, narrowing.labels))
    namespaces, pods = _one_of(_names(narrowing.namespaces)), _names(narrowing.pods)
    by_pod = dict.fromkeys((_one_of(pods), _beginning(pods, 1), _beginning(pods, 2)))
    text = ""
    for names in (
        *(_Matchers(namespaces, those, namespaces, those) for those in by_pod),
        *(_Matchers(namespaces, those, namespaces) for those in (*by_pod, "")),
        *(_Matchers(namespaces, those) for those in (*by_pod, "")),
        _Matchers(),
    ):
        text = _of_resources(period, partial(_of_containers, per, period, narrowing.labels, names))
        if len(text) <= _MOST_BYTES and len(quote(text, safe="")) <= _MOST_BYTES:
            break
    return text


@dataclass(frozen=True, slots=True)
class _Matchers:
    """The matchers of names; each is empty for all.

    Attributes:
        namespaces: that of namespaces in series with the usual labels.
        pods: that of pods in these.
        exported_namespaces: that of namespaces in other series, of which there are few in a usual cluster.
        exported_pods: that of pods in these.
    """

    namespaces: str = ""
    pods: str = ""
    exported_namespaces: str = ""
    exported_pods: str = ""


def _of_resources(period: Period, of_resource: Callable[[str], str]) -> str:
    return _UNION.join(
        f'label_replace({of_resource(resource)},"{RESOURCE}","{resource}","","")' for resource in period.resources
    )


def _of_containers(per: Per, period: Period, labels: Mapping[str, str], names: _Matchers, resource: str) -> str:
    def series(prefix_of_namespace: str, prefix: str, *further: str) -> str:
        container = f"{prefix}container"
        is_exported = bool(prefix_of_namespace)
        namespaces = names.exported_namespaces if is_exported else names.namespaces
        pods = names.exported_pods if is_exported else names.pods
        matchers = [
            *(f'{name}=""' for name in further),
            f'{container}!=""',
            f'{container}!="POD"',
            f"{prefix_of_namespace}namespace{namespaces or _ANY}",
            *([f"{prefix}pod{pods}"] if pods else []),
            *_equal(labels),
        ]
        return _measured(_CONTAINER_METRICS[resource], matchers, resource, period)

    def total(series: str) -> str:
        distinct = f"max by({_labels(Per.CONTAINER)})({series})"
        return distinct if per is Per.CONTAINER else f"sum by({_labels(per)})({distinct})"

    of_other_namespace = _renamed(series("exported_", "", "exported_pod"), "namespace")
    of_other_pod = _renamed(series("exported_", "exported_"), *Per.CONTAINER.value)
    plain = series("", "", "exported_namespace", "exported_pod")
    return _UNION.join((total(plain), total(f"{of_other_namespace}{_UNION}{of_other_pod}")))


def _of_nodes(per: Per, resource: str, period: Period, labels: Mapping[str, str]) -> str:
    """Returns the series of nodes, or the sum of the greatest values of each node, as `Node.usageOver` has them."""
    others = _equal(labels)
    by_scrape = _UNION.join(
        f"max by({_labels(Per.NODE)})({_measured(metric, matchers, resource, period)})"
        for metric, matchers in ((_CONTAINER_METRICS[resource], ['id="/"', *others]), (_NODE_METRICS[resource], others))
    )
    if per is Per.NODE:
        return by_scrape
    hosts = f'label_join({by_scrape},"host",";","node","instance")'
    for pattern in (_NAMED, _SCRAPED):
        hosts = f'label_replace({hosts},"host","$1","host",{json.dumps(pattern)})'
    return f"sum(max by(host)({hosts}))"


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


def _names(names: Iterable[str]) -> list[str]:
    return sorted(set(filter(_NAME.fullmatch, names)))


def _one_of(names: Sequence[str]) -> str:
    """Returns the operator and the value of a matcher for names; empty if there are none."""
    by_stem: dict[str, list[str]] = {}
    for name in names:
        stem, dash, end = name.rpartition("-")
        by_stem.setdefault(stem + dash, []).append(end)
    return _matcher(
        f"{stem}{ends[0]}" if len(ends) == 1 else f"{stem}({'|'.join(ends)})" for stem, ends in by_stem.items()
    )


def _beginning(names: Sequence[str], hyphens: int) -> str:
    """Returns the same for all that begins as one of the names does, up to one of its last hyphens."""
    alternatives: dict[str, None] = {}
    for name in names:
        stem = "-".join(name.split("-")[:-hyphens])
        alternatives[f"{stem}-.*" if len(stem) >= _LEAST_STEM else name] = None
    return _matcher(alternatives)


def _matcher(alternatives: Iterable[str]) -> str:
    text = "|".join(alternatives).replace(".", "[.]").replace("[.]*", ".*")
    return f'=~"{text}"' if text else ""
