"""Links by name and by selector, compared with the comparison of every object with every other one."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from types import SimpleNamespace
from typing import Any, cast

import pytest

from k8s.kinds import builtin as kinds
from resolvers.links.fetching import Fetch
from resolvers.links.joining import by_name
from resolvers.links.labels import ObjectSelector, label_selector, map_selector
from resolvers.links.naming import Naming, by_paths
from resolvers.links.selecting import Selecting
from resolvers.lists.rows import Rows

CLUSTERS: Any = ("east", "west")
NAMESPACES = ("a", "b", "c")
KEYS = ("app", "tier", "zone")
VALUES = ("1", "2")

CLAIMS = by_paths(kinds.POD, kinds.PERSISTENT_VOLUME_CLAIM, "spec.volumes.persistentVolumeClaim.claimName")
CLASS = by_paths(kinds.PERSISTENT_VOLUME_CLAIM, kinds.STORAGE_CLASS, "spec.storageClassName")
CLAIM = by_paths(
    kinds.PERSISTENT_VOLUME, kinds.PERSISTENT_VOLUME_CLAIM, "spec.claimRef.name", namespace="spec.claimRef.namespace"
)
BUDGETS = Selecting(
    kinds.POD_DISRUPTION_BUDGET,
    kinds.POD,
    ("spec.selector",),
    lambda row: [made] if (made := label_selector(row.spec.selector)) is not None else [],
)
SERVICES = Selecting(
    kinds.SERVICE,
    kinds.POD,
    ("spec.selector",),
    lambda row: [made] if (made := map_selector(row.spec.selector)) is not None else [],
)


class FakeFetch:
    """Returns the same list for every kind, and counts the lists."""

    def __init__(self, children: Rows) -> None:
        self._children = children
        self.lists = 0
        self.charged: list[int] = []
        self.operation = SimpleNamespace(memory=SimpleNamespace(charge=self.charged.append))
        self.is_across_namespaces = False
        self.partial: list[Any] = []

    async def children(self, _kind: object, *_reads: str) -> Rows:
        self.lists += 1
        return self._children

    async def named(self, _kind: object, names: Sequence[Any], *_reads: str) -> Sequence[Any]:
        self.lists += 1
        return await by_name(self._children, names)


def _row(name: str, namespace: str | None, labels: dict[str, str] | None = None, **spec: Any) -> Any:
    metadata = SimpleNamespace(name=name, namespace=namespace, labels=labels)
    return SimpleNamespace(metadata=metadata, spec=SimpleNamespace(**spec))


def _rows(objects: Sequence[tuple[str, Any]]) -> Rows:
    return Rows([row for _, row in objects], cast(Any, [cluster for cluster, _ in objects]))


def _labels(random: Random) -> dict[str, str]:
    return {key: random.choice(VALUES) for key in KEYS if random.random() < 0.6}


def _selector(random: Random) -> Any:
    operators = [("In", [random.choice(VALUES)]), ("NotIn", ["1"]), ("Exists", None), ("Sounds", ["like"])]
    expressions = [
        SimpleNamespace(key=random.choice(KEYS), operator=operator, values=values)
        for operator, values in operators
        if random.random() < 0.15
    ]
    choice = random.random()
    if choice < 0.1:
        return None
    return SimpleNamespace(matchLabels=_labels(random) if choice < 0.8 else None, matchExpressions=expressions)


def _placed(random: Random, count: int, make: Any) -> list[tuple[str, Any]]:
    return [(random.choice(CLUSTERS), make(f"n{index}", random.choice(NAMESPACES))) for index in range(count)]


def _names(lists: Sequence[Sequence[Any] | None]) -> list[list[str]]:
    return [[row.metadata.name for row in rows or ()] for rows in lists]


@pytest.mark.parametrize("selecting", [BUDGETS, SERVICES], ids=["budgets", "services"])
@pytest.mark.parametrize("seed", range(10))
async def test_a_selector_leads_to_the_objects_that_it_selects_and_back(selecting: Selecting, seed: int) -> None:
    random = Random(seed)  # noqa: S311  not for cryptography
    pods = _placed(random, 60, lambda name, home: _row(name, home, _labels(random)))
    make = (lambda: _selector(random)) if selecting is BUDGETS else (lambda: _labels(random) or None)
    owners = _placed(random, 40, lambda name, home: _row(name, home, selector=make()))
    to_pods, to_owners = FakeFetch(_rows(pods)), FakeFetch(_rows(owners))

    selected = await selecting.selected(_rows(owners), cast(Fetch, to_pods))
    back = await selecting.selecting(_rows(pods), cast(Fetch, to_owners))

    def selects(owner: tuple[str, Any], pod: tuple[str, Any]) -> bool:
        if owner[0] != pod[0] or owner[1].metadata.namespace != pod[1].metadata.namespace:
            return False
        return any(selector.selects(pod[1].metadata.labels) for selector in selecting.selectors(owner[1]))

    assert _names(selected) == [[pod[1].metadata.name for pod in pods if selects(owner, pod)] for owner in owners]
    assert _names(back) == [[owner[1].metadata.name for owner in owners if selects(owner, pod)] for pod in pods]
    assert any(map(len, selected))
    assert to_pods.lists == to_owners.lists == 1


async def test_a_label_that_all_selectors_have_costs_no_comparison_of_all_with_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    compared: list[ObjectSelector] = []

    def selects(selector: ObjectSelector, labels: dict[str, str]) -> bool:
        compared.append(selector)
        return dict(selector.pairs).items() <= labels.items()

    monkeypatch.setattr(ObjectSelector, "selects", selects)
    labels = [{"part-of": "shop", "tier": "web", "app": f"app-{index}"} for index in range(100)]
    pods = [("east", _row(f"pod-{index}", "a", {**one, "pod": str(index)})) for index, one in enumerate(labels)]
    services = [("east", _row(f"service-{index}", "a", selector=one)) for index, one in enumerate(labels)]

    selecting = await SERVICES.selecting(_rows(pods), cast(Fetch, FakeFetch(_rows(services))))

    assert _names(selecting) == [[f"service-{index}"] for index in range(100)]
    assert len(compared) == 100


async def test_equal_selectors_of_a_namespace_share_one_list() -> None:
    pods = _rows([(place, _row(f"pod-{index}", "a", {"app": "1"})) for place in CLUSTERS for index in range(10)])
    everything = SimpleNamespace(matchLabels=None, matchExpressions=None)
    homes = [*[("east", "a")] * 50, *[("west", "a")] * 50, *[("east", "b")] * 50]
    budgets = _rows(
        [(place, _row(f"n{index}", home, selector=everything)) for index, (place, home) in enumerate(homes)]
    )
    fetch = FakeFetch(pods)

    lists = await BUDGETS.selected(budgets, cast(Fetch, fetch))

    assert [len(own) for own in lists] == [10] * 100 + [0] * 50
    assert len(set(map(id, lists))) == 3
    assert sum(fetch.charged) < 10 * 2 * 8 * 3  # a reference of each pod, and the index of its selector


async def test_lists_of_different_selectors_are_charged() -> None:
    pods = _rows([("east", _row(f"pod-{index}", "a", {"app": "1"})) for index in range(10)])
    services = _rows([("east", _row(f"s{index}", "a", selector={"app": "1"})) for index in range(20)])
    there, back = FakeFetch(pods), FakeFetch(services)

    await SERVICES.selected(services, cast(Fetch, there))
    await SERVICES.selecting(pods, cast(Fetch, back))

    assert sum(there.charged) >= 10 * 8
    assert sum(back.charged) >= 20 * 8


def _pod(name: str, home: str, *claims: str | None) -> Any:
    volumes = [
        SimpleNamespace(persistentVolumeClaim=SimpleNamespace(claimName=claim) if claim is not None else None)
        for claim in claims
    ]
    return _row(name, home, volumes=volumes or None)


async def test_names_lead_to_each_object_once_in_their_order_and_back() -> None:
    claims = _rows([("east", _row("data", "a")), ("east", _row("logs", "a")), ("west", _row("data", "a"))])
    pods = _rows(
        [
            ("east", _pod("both", "a", "logs", None, "data", "logs")),
            ("east", _pod("elsewhere", "b", "data")),
            ("east", _pod("gone", "a", "gone", "")),
            ("west", _pod("west", "a", "data")),
            ("west", _pod("none", "a")),
        ]
    )

    named = await CLAIMS.named(pods, cast(Fetch, FakeFetch(claims)))
    naming = await CLAIMS.naming(claims, cast(Fetch, FakeFetch(pods)))

    assert _names(named) == [["logs", "data"], [], [], ["data"], []]
    assert _names(naming) == [["both"], ["both"], ["west"]]


async def test_a_name_leads_to_one_object_of_the_whole_cluster() -> None:
    classes = _rows([("east", _row("fast", None))])
    claims = _rows(
        [
            ("east", _row("quick", "a", storageClassName="fast")),
            ("west", _row("quick", "a", storageClassName="fast")),
            ("east", _row("none", "b", storageClassName=None)),
        ]
    )

    one = await CLASS.one(claims, cast(Fetch, FakeFetch(classes)))
    naming = await CLASS.naming(classes, cast(Fetch, FakeFetch(claims)))

    assert [row and row.metadata.name for row in one] == ["fast", None, None]
    assert _names(naming) == [["quick"]]


async def test_a_name_may_come_with_its_namespace() -> None:
    volumes = _rows([("east", _row("pv", None, claimRef=SimpleNamespace(name="data", namespace="b")))])
    claims = _rows([("east", _row("data", "a")), ("east", _row("data", "b"))])

    one = await CLAIM.one(volumes, cast(Fetch, FakeFetch(claims)))
    naming = await CLAIM.naming(claims, cast(Fetch, FakeFetch(volumes)))

    assert [row and row.metadata.namespace for row in one] == ["b"]
    assert _names(naming) == [[], ["pv"]]


async def test_links_across_namespaces_are_read_from_all_namespaces() -> None:
    across = Naming(
        kinds.ROLE_BINDING, kinds.SERVICE_ACCOUNT, (), lambda _row: [("b", "robot")], is_across_namespaces=True
    )
    fetch = FakeFetch(_rows([("east", _row("binding", "a"))]))

    named = await across.naming(_rows([("east", _row("robot", "b"))]), cast(Fetch, fetch))

    assert _names(named) == [["binding"]]
    assert fetch.is_across_namespaces
