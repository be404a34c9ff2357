"""Random questions about pods, and their answers found without fleetgraph: from raw JSON, by other means.

Values are compared by `decimal` and by padded texts, and sorted in one pass by a comparing function, so that a mistake
would have to be made twice, in two ways.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cmp_to_key
from random import Random
from typing import Any

Pods = Sequence["RawPod"]
_SUFFIXES = {"m": Decimal("0.001"), "Ki": Decimal(1024), "Mi": Decimal(1024**2), "Gi": Decimal(1024**3), "": Decimal(1)}


@dataclass(frozen=True)
class RawPod:
    """A pod as the API server sends it, with its linked objects."""

    cluster: str
    json: Mapping[str, Any]
    node: Mapping[str, Any] | None
    deployment: Mapping[str, Any] | None

    @property
    def identity(self) -> tuple[str, str, str]:
        return (self.cluster, self.json["metadata"]["namespace"], self.json["metadata"]["name"])


def text(value: Any) -> Any:
    return value


def quantity(value: Any) -> Any:
    digits = value.rstrip("mKiMG")
    return Decimal(digits) * _SUFFIXES[value[len(digits) :]]


def address(value: Any) -> Any:
    return ".".join(part.zfill(3) for part in value.split("."))


def moment(value: Any) -> Any:
    return datetime.strptime(value, "%Y-%m-%dT%H:%M:%S%z").timestamp()


def _restarts(pod: RawPod) -> int:
    return sum(container["restartCount"] for container in pod.json["status"].get("containerStatuses", ()))


@dataclass(frozen=True)
class Field:
    """A path, its values in raw JSON, and their comparison."""

    path: str
    read: Callable[[RawPod], Any]
    compared: Callable[[Any], Any] = text
    samples: tuple[Any, ...] = ()


ONE = (
    Field("metadata.name", lambda pod: pod.json["metadata"]["name"]),
    Field("name", lambda pod: pod.json["metadata"]["name"]),
    Field("namespace", lambda pod: pod.json["metadata"]["namespace"], samples=("where-001", "nowhere")),
    Field("status.phase", lambda pod: pod.json["status"]["phase"]),
    Field("status.podIP", lambda pod: pod.json["status"].get("podIP"), address),
    Field("spec.nodeName", lambda pod: pod.json["spec"].get("nodeName")),
    Field("status.startTime", lambda pod: pod.json["status"].get("startTime"), moment, ("2026-01-01T00:00:00Z",)),
    Field('metadata.labels["tier"]', lambda pod: pod.json["metadata"]["labels"].get("tier")),
    Field(
        'metadata.labels["app.kubernetes.io/name"]',
        lambda pod: pod.json["metadata"]["labels"]["app.kubernetes.io/name"],
    ),
    Field("spec.terminationGracePeriodSeconds", lambda pod: pod.json["spec"]["terminationGracePeriodSeconds"]),
    Field("restarts", _restarts, samples=(0, 3, 41)),
    Field("cluster.name", lambda pod: pod.cluster),
    Field("node.name", lambda pod: pod.node and pod.node["metadata"]["name"]),
    Field(
        'node.status.capacity["memory"]', lambda pod: pod.node and pod.node["status"]["capacity"]["memory"], quantity
    ),
    Field("deployment.replicas.ready", lambda pod: pod.deployment and pod.deployment["status"]["readyReplicas"]),
    Field("deployment.name", lambda pod: pod.deployment and pod.deployment["metadata"]["name"]),
)
MANY = (
    Field("spec.containers.image", lambda pod: [container["image"] for container in pod.json["spec"]["containers"]]),
    Field(
        'spec.containers.resources.limits["memory"]',
        lambda pod: [container["resources"]["limits"]["memory"] for container in pod.json["spec"]["containers"]],
        quantity,
        ("0.25Gi", "1Ki", "300M".replace("M", "Mi")),
    ),
    Field(
        "status.conditions.reason",
        lambda pod: [condition.get("reason") for condition in pod.json["status"]["conditions"]],
    ),
    Field(
        "status.containerStatuses.restartCount",
        lambda pod: [container["restartCount"] for container in pod.json["status"].get("containerStatuses", ())],
        samples=(0, 2, 41),
    ),
)


@dataclass(frozen=True)
class Elements:
    """A list of structures: its path, its elements in raw JSON, and the fields of one, read from the element alone."""

    path: str
    read: Callable[[RawPod], list[Mapping[str, Any]]]
    fields: tuple[tuple[str, Callable[[Mapping[str, Any]], Any]], ...]


ELEMENTS = (
    Elements(
        "status.conditions",
        lambda pod: pod.json["status"].get("conditions", []),
        (
            ("type", lambda condition: condition["type"]),
            ("status", lambda condition: condition["status"]),
            ("reason", lambda condition: condition.get("reason")),
        ),
    ),
    Elements(
        "spec.containers",
        lambda pod: pod.json["spec"]["containers"],
        (("name", lambda container: container["name"]), ("image", lambda container: container["image"])),
    ),
)


@dataclass(frozen=True)
class Question:
    """`where` and `orderBy`, and their meaning."""

    where: list[Mapping[str, Any]]
    order_by: list[Mapping[str, Any]]
    holds: Callable[[RawPod], bool]
    orders: Sequence[tuple[Field, bool]]

    def answer(self, pods: Pods) -> list[tuple[str, str, str]]:
        """Returns the identities of the selected pods, in order."""
        return [pod.identity for pod in sorted(filter(self.holds, pods), key=cmp_to_key(self._compare))]

    def _compare(self, one: RawPod, other: RawPod) -> int:
        for field, is_descending in self.orders:
            a, b = field.read(one), field.read(other)
            if a is None or b is None:
                if (a is None) != (b is None):
                    return 1 if a is None else -1
                continue
            a, b = field.compared(a), field.compared(b)
            if a != b:
                return -1 if (a < b) is not is_descending else 1
        return -1 if one.identity < other.identity else 1


def questions(random: Random, pods: Pods) -> Iterator[Question]:
    """Yields questions without end."""
    while True:
        conditions = [_condition(random, pods) for _ in range(random.randint(0, 3))]
        orders = [(field, random.random() < 0.5) for field in random.sample(ONE, random.randint(0, 3))]
        yield Question(
            [where for where, _ in conditions],
            [{"path": field.path, "direction": "DESC" if down else "ASC"} for field, down in orders],
            lambda pod, conditions=tuple(conditions): all(holds(pod) for _, holds in conditions),  # type: ignore[misc]
            orders,
        )


_Condition = tuple[Mapping[str, Any], Callable[[RawPod], bool]]


def _condition(random: Random, pods: Pods, depth: int = 0) -> _Condition:
    if depth < 2 and random.random() < 0.25:
        members = [_condition(random, pods, depth + 1) for _ in range(random.randint(1, 3))]
        junction = random.choice(("and", "or", "not"))
        meaning: Mapping[str, Callable[[RawPod], bool]] = {
            "and": lambda pod: all(holds(pod) for _, holds in members),
            "or": lambda pod: any(holds(pod) for _, holds in members),
            "not": lambda pod: all(not holds(pod) for _, holds in members),
        }
        return {junction: [where for where, _ in members]}, meaning[junction]
    of = random.choices((_of_one, _of_many, _of_elements, _of_a_pick), (5, 2, 2, 1))[0]
    return of(random, pods)


def _of_one(random: Random, pods: Pods) -> _Condition:
    field = random.choice(ONE)
    op, value, test = _test(random, field, _seen(field, pods))
    on_nothing = op in {"NE", "NOT_IN", "NOT_EXISTS"}

    def holds(pod: RawPod) -> bool:
        found = field.read(pod)
        return on_nothing if found is None else test(found)

    return _written(field, op, value), holds


def _of_many(random: Random, pods: Pods) -> _Condition:
    field = random.choice(MANY)
    op, value, test = _test(random, field, _seen(field, pods))
    quantifier = random.choice(("ANY", "ALL", "NONE"))

    def holds(pod: RawPod) -> bool:
        found = [value for value in field.read(pod) if value is not None]
        if op in {"EXISTS", "NOT_EXISTS"}:
            return bool(found) is (op == "EXISTS")
        passed = [item for item in found if test(item)]
        return {"ANY": bool(passed), "ALL": passed == found, "NONE": not passed}[quantifier]

    return {**_written(field, op, value), "quantifier": quantifier}, holds


def _of_elements(random: Random, pods: Pods) -> _Condition:
    elements = random.choice(ELEMENTS)
    chosen = random.sample(elements.fields, random.randint(1, 2))
    sample = random.choice([element for pod in pods for element in elements.read(pod)])
    compared = [(path, read, random.random() < 0.8, read(sample)) for path, read in chosen]
    compared = [entry for entry in compared if entry[3] is not None] or [(*elements.fields[0], True, "none")]
    quantifier = random.choice(("some", "every", "none"))

    def holds(pod: RawPod) -> bool:
        held = [
            all((read(element) == value) is is_equal for _, read, is_equal, value in compared)
            for element in elements.read(pod)
        ]
        return {"some": any(held), "every": all(held), "none": not any(held)}[quantifier]

    members = [{"path": path, "op": "EQ" if equal else "NE", "value": value} for path, _, equal, value in compared]
    return {"path": elements.path, quantifier: members}, holds


def _of_a_pick(random: Random, pods: Pods) -> _Condition:
    elements = random.choice(ELEMENTS)
    sample = random.choice([element for pod in pods for element in elements.read(pod)])
    (by, read_by), *others = elements.fields
    path, read = random.choice(others)
    op, value = random.choice(("EQ", "NE", "EXISTS", "NOT_EXISTS")), read(sample) or "none"

    def holds(pod: RawPod) -> bool:
        picked = next((element for element in elements.read(pod) if read_by(element) == read_by(sample)), None)
        found = read(picked) if picked is not None else None
        return {"EQ": found == value, "NE": found != value}.get(op, (found is not None) is (op == "EXISTS"))

    given = {} if op.endswith("EXISTS") else {"value": value}
    return {"path": f"{elements.path}[{by}={read_by(sample)}].{path}", "op": op, **given}, holds


def _seen(field: Field, pods: Pods) -> list[Any]:
    values: list[Any] = list(field.samples)
    for pod in pods:
        found = field.read(pod)
        values += found if isinstance(found, list) else [found]
    return [value for value in values if value is not None]


def _test(random: Random, field: Field, seen: Sequence[Any]) -> tuple[str, Any, Callable[[Any], bool]]:
    value, compared = random.choice(seen), field.compared
    some = random.sample(list(seen), min(3, len(seen)))
    tests: dict[str, tuple[Any, Callable[[Any], bool]]] = {
        "EQ": (value, lambda found: compared(found) == compared(value)),
        "NE": (value, lambda found: compared(found) != compared(value)),
        "LT": (value, lambda found: compared(found) < compared(value)),
        "LE": (value, lambda found: compared(found) <= compared(value)),
        "GT": (value, lambda found: compared(found) > compared(value)),
        "GE": (value, lambda found: compared(found) >= compared(value)),
        "IN": (some, lambda found: compared(found) in {compared(item) for item in some}),
        "NOT_IN": (some, lambda found: compared(found) not in {compared(item) for item in some}),
        "EXISTS": (None, lambda _found: True),
        "NOT_EXISTS": (None, lambda _found: False),
    }
    if isinstance(value, str) and compared is text:
        part = value[random.randrange(len(value)) :][:4]
        tests |= {
            "CONTAINS": (part, lambda found: part in found),
            "STARTS_WITH": (value[:3], lambda found: found[:3] == value[:3]),
            "MATCHES": (
                f"^{value[0]}.*[0-9]$",
                lambda found: found[0] == value[0] and found[-1].isdigit() and len(found) > 1,
            ),
        }
    op = random.choice(list(tests))
    return op, *tests[op]


def _written(field: Field, op: str, value: Any) -> dict[str, Any]:
    return {"path": field.path, "op": op} | ({} if value is None else {"value": value})
