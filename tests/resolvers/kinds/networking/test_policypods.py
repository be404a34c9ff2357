"""The pods that network policies allow, of policies that are alike."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any, cast

from k8s.kinds import builtin as kinds
from resolvers.kinds.networking.policypods import allowed_pods
from resolvers.links.fetching import Fetch
from resolvers.lists.rows import Rows

CLUSTERS: Any = ("east", "west")
EVERYTHING = SimpleNamespace(matchLabels=None, matchExpressions=None)
ONLY_WEB = SimpleNamespace(matchLabels={"app": "web"}, matchExpressions=None)


class PodFetch:
    """Has the pods of two clusters, and records the memory that is charged."""

    def __init__(self) -> None:
        self.charged: list[int] = []
        self.operation = SimpleNamespace(memory=SimpleNamespace(charge=self.charged.append))
        self.is_across_namespaces = False
        self.failures: dict[Any, Any] = {}
        self.partial: list[Any] = []
        self.pods = Rows()
        for cluster in CLUSTERS:
            self.pods.extend(cluster, [_object(f"{cluster}-{place}", "ab"[place % 2]) for place in range(10)])

    async def children(self, kind: object, *_reads: str) -> Rows:
        assert kind == kinds.POD
        return self.pods


def _object(name: str, namespace: str, rules: Sequence[Any] = ()) -> Any:
    metadata = SimpleNamespace(name=name, namespace=namespace, labels={"app": "web" if name.endswith("1") else "db"})
    return SimpleNamespace(metadata=metadata, spec=SimpleNamespace(rules=rules))


def _peer(pods: Any = None, namespaces: Any = None) -> Any:
    return SimpleNamespace(podSelector=pods, namespaceSelector=namespaces)


async def _allowed(fetch: PodFetch, *policies: tuple[str, str, Sequence[Any]]) -> Sequence[Sequence[Any]]:
    rows = Rows()
    for place, (cluster, namespace, rules) in enumerate(policies):
        rows.extend(cast(Any, cluster), [_object(f"p{place}", namespace, rules)])
    return await allowed_pods(rows, cast(Fetch, fetch), lambda spec: iter(spec.rules))


async def test_policies_with_an_open_rule_share_one_list_of_all_pods() -> None:
    fetch = PodFetch()
    to_all, to_web = [None], [[_peer(ONLY_WEB)]]

    lists = await _allowed(
        fetch,
        *[("east", "a", to_all)] * 50,
        *[("east", "b", [*to_web, None])] * 50,
        *[("east", "b", [[_peer(EVERYTHING, EVERYTHING)]])] * 50,
        *[("west", "a", to_all)] * 50,
    )

    assert [[pod.metadata.name for pod in own] for own in (lists[0], lists[150])] == [
        [f"{cluster}-{place}" for place in range(10)] for cluster in CLUSTERS
    ]
    assert len(set(map(id, lists[:150]))) == len(set(map(id, lists[150:]))) == 1
    assert sum(fetch.charged) == 2 * 2 * 10 * 8  # for the peer and for the policies


async def test_policies_with_the_same_peers_in_one_namespace_share_a_list() -> None:
    peers = [_peer(ONLY_WEB), _peer(EVERYTHING)]

    lists = await _allowed(PodFetch(), ("east", "a", [peers]), ("east", "a", [peers[::-1]]), ("east", "b", [peers]))

    assert lists[0] is lists[1]
    assert [[pod.metadata.name for pod in own] for own in lists[1:]] == [
        [f"east-{place}" for place in range(start, 10, 2)] for start in (0, 1)
    ]
