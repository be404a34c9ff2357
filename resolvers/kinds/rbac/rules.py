"""Texts of the rules of roles."""

from collections.abc import Iterable
from itertools import islice

from k8s.reading.rowdecoders import Row
from resolvers.kinds.longlists import MAX_ITEMS, items_of
from resolvers.links.members import Family

RULE_READS = tuple(f"rules.{key}" for key in ("verbs", "apiGroups", "resources", "resourceNames", "nonResourceURLs"))
"""The paths that `rule_texts_of` reads."""


def rule_texts_of(role: Row) -> list[str]:
    """Returns a text for each rule of a role.

    The resources are those of `kubectl describe`: `deployments.apps`, `pods/log`, `*.*`.
    Source: `DescribeRole` and `CombineResourceGroup` in k8s.io/kubectl/pkg/describe.
    """
    return [_text(rule) for rule in items_of(role.rules)]


def add_rule_texts(family: Family) -> None:
    """Adds the texts to the family of a kind of role."""
    family.derived(
        *RULE_READS,
        name="ruleTexts",
        description="Its rules as texts, such as `get,list: pods,deployments.apps`, in brackets the only names for "
        "which a rule holds: `update: configmaps [settings]`.",
    )(rule_texts_of)


def _text(rule: Row) -> str:
    verbs = _joined(rule.verbs)
    groups, resources = items_of(rule.apiGroups) or ("",), items_of(rule.resources)
    every = (f"{resource}.{group}" if group else str(resource) for resource in resources for group in groups)
    objects = islice(every, MAX_ITEMS)  # short lists have long products
    names = f" [{_joined(rule.resourceNames)}]" if rule.resourceNames else ""
    return f"{verbs}: {_joined([*objects, *items_of(rule.nonResourceURLs)])}{names}"


def _joined(words: Iterable[object] | None) -> str:
    return ",".join(map(str, words or ()))
