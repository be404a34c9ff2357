"""The union of what clusters serve: one type for each kind, whatever the order."""

from collections.abc import Sequence
from itertools import permutations
from typing import Final

import pytest

from k8s.kinds.kind import Kind
from k8s.kinds.structure import Field, FieldFormat
from k8s.schemas.clustertypes import ClusterTypes, learned
from k8s.schemas.fleettypes import FleetTypes, fleet_types
from k8s.schemas.kindschema import KindProblem, KindSchema
from k8s.turns.pauses import Pauses
from resolvers.messages.language import Language
from resolvers.messages.translation import translated
from tests.k8s.schemas.schemas import kind_schema, read

TEXT: Final = {"type": "string"}
NUMBER: Final = {"type": "integer"}
GOOSE: Final = Kind("acme.io", "v1", "Goose", "geese")


def cluster(*kinds: KindSchema) -> ClusterTypes:
    """Returns a cluster that serves some kinds."""
    names = {f"apis/{schema.group}/{schema.version}" for schema in kinds}
    return ClusterTypes(
        tuple(
            learned(name, "1", [schema for schema in kinds if name == f"apis/{schema.group}/{schema.version}"])
            for name in sorted(names)
        )
    )


def an_object(**properties: object) -> dict[str, object]:
    """Returns the schema of an object."""
    return {"type": "object", "properties": properties}


def spec(types: FleetTypes, name: str = "AcmeGoose_Spec") -> dict[str, FieldFormat | str | None]:
    """Returns format or structure of each field of a structure."""
    return {field.key: field.format or field.structure for field in types.structures[name].fields}


def united(clusters: Sequence[ClusterTypes]) -> FleetTypes:
    """Returns the types of clusters, the same in each order."""
    results = [fleet_types(order, most=5000) for order in permutations(clusters)]
    for problem in results[0].problems:
        assert translated(problem.problem, Language.CHINESE) != problem.problem
    assert all(result == results[0] for result in results)
    return results[0]


def test_structures_have_the_name_of_their_shortest_path() -> None:
    source = an_object(repo=TEXT)
    schema = an_object(
        deep=an_object(er=an_object(source=source)), source=source, list={"type": "array", "items": source}
    )

    types = united([cluster(kind_schema(schema))])

    assert types.kinds == {GOOSE: "AcmeGoose"}
    assert list(types.structures) == [
        "AcmeGoose",
        "AcmeGoose_Spec",
        "AcmeGoose_SpecDeep",
        "AcmeGoose_SpecList",
        "AcmeGoose_SpecDeepEr",
    ]
    assert spec(types)["source"] == "AcmeGoose_SpecList"  # of the same length, and first in alphabetical order
    assert spec(types, "AcmeGoose_SpecDeepEr") == {"source": "AcmeGoose_SpecList"}
    assert types.structures["AcmeGoose"].fields[0] == Field("metadata", "", structure="ObjectMeta", is_required=True)


def test_paths_with_the_same_letters_get_numbers() -> None:
    types = united(
        [cluster(kind_schema(an_object(a=an_object(bC=an_object(x=TEXT)), aB=an_object(c=an_object(y=TEXT)))))]
    )

    assert spec(types, "AcmeGoose_SpecA") == {"bC": "AcmeGoose_SpecABC"}
    assert spec(types, "AcmeGoose_SpecAB") == {"c": "AcmeGoose_SpecABC2"}


def test_numbered_names_are_different_from_paths_that_end_in_a_number() -> None:
    leaf = {number: an_object(**{f"x{number}": TEXT}) for number in range(5)}
    properties = {"a": an_object(b=leaf[0], b2=leaf[1]), "aB": leaf[2], "ab": leaf[3], "AB2": leaf[4]}

    types = united([cluster(kind_schema(an_object(**properties)))])

    assert types.kinds == {GOOSE: "AcmeGoose"}
    assert len(types.structures) == 8
    assert set(spec(types).values()) | set(spec(types, "AcmeGoose_SpecA").values()) == {
        "AcmeGoose_SpecA",
        "AcmeGoose_SpecAB",
        "AcmeGoose_SpecAB2",
        "AcmeGoose_SpecAb",
        "AcmeGoose_SpecAB3",
        "AcmeGoose_SpecAB22",
    }


def test_names_of_long_paths_are_cut() -> None:
    deep: dict[str, object] = an_object(end=TEXT)
    for level in range(10):
        deep = an_object(**{f"{level}".join("abc" * 20): deep})

    types = united([cluster(kind_schema(deep))])

    assert len(types.structures) == 12
    assert max(map(len, types.structures)) <= len("AcmeGoose_") + 201


def test_a_kind_whose_name_is_a_path_of_another_has_its_own_types() -> None:
    types = united(
        [cluster(kind_schema(an_object(a=TEXT)), kind_schema(an_object(b=TEXT), name="GooseSpec", plural="goosespecs"))]
    )

    assert {"AcmeGoose", "AcmeGoose_Spec", "AcmeGooseSpec", "AcmeGooseSpec_Spec"} == set(types.structures)
    assert types.problems == ()


def test_clusters_add_their_fields() -> None:
    first = cluster(kind_schema(an_object(a=TEXT, both=an_object(x=TEXT))))
    second = cluster(kind_schema(an_object(b=NUMBER, both=an_object(y=TEXT))))

    types = united([first, second])

    assert spec(types) == {"a": FieldFormat.STRING, "b": FieldFormat.INT64, "both": "AcmeGoose_SpecBoth"}
    assert spec(types, "AcmeGoose_SpecBoth") == {"x": FieldFormat.STRING, "y": FieldFormat.STRING}
    assert types.problems == ()


@pytest.mark.parametrize("other", [NUMBER, {"type": "array", "items": TEXT}, an_object(x=TEXT), {}])
def test_a_field_of_two_types_is_json(other: object) -> None:
    types = united([cluster(kind_schema(an_object(a=TEXT))), cluster(kind_schema(an_object(a=other)))])

    assert spec(types) == {"a": FieldFormat.ANY}
    problem = "spec.a has different types in its versions or clusters, and is JSON."
    assert types.problems == (KindProblem("acme.io", "Goose", problem),)


def test_names_that_meet_only_in_the_union_leave_one_out() -> None:
    types = united([cluster(kind_schema(an_object(**{"x-y": TEXT}))), cluster(kind_schema(an_object(xY=TEXT)))])

    assert list(spec(types)) == ["xY"]
    assert [problem.problem for problem in types.problems] == ["spec.x-y has the same name in GraphQL as xY."]


def test_the_own_version_is_the_stablest_and_newest_one() -> None:
    served = ("v1beta1", "v1", "v2alpha1")
    types = united([cluster(*(kind_schema(an_object(**{version: TEXT}), version=version) for version in served))])

    assert [kind.version for kind in types.kinds] == ["v1"]
    assert list(spec(types)) == ["v1"]  # a cluster that serves it is never asked in another version


def test_a_cluster_without_the_own_version_adds_the_fields_of_its_newest() -> None:
    old = cluster(
        kind_schema(an_object(alpha=TEXT), version="v1alpha1"), kind_schema(an_object(beta=TEXT), version="v1beta1")
    )

    types = united([old, cluster(kind_schema(an_object(stable=TEXT)))])

    assert list(types.kinds) == [GOOSE]
    assert list(spec(types)) == ["beta", "stable"]


def test_of_two_kinds_with_one_name_the_first_has_the_type() -> None:
    first, second = kind_schema(an_object(a=TEXT), group="acme.dev"), kind_schema(an_object(b=TEXT), group="acme.io")

    types = united([cluster(second), cluster(first)])

    assert [kind.group for kind in types.kinds] == ["acme.dev"]
    problem = "its name in GraphQL, AcmeGoose, or one of its fields, is that of Goose of acme.dev, so it has no type."
    assert types.problems == (KindProblem("acme.io", "Goose", problem),)


def test_names_that_the_schema_has_already_are_not_given() -> None:
    only = [cluster(kind_schema(an_object(a=TEXT)))]

    for types in (
        fleet_types(only, most=10, taken_types={"acmegooseEdge"}),
        fleet_types(only, most=10, taken_fields={"acmeGeese"}),
        fleet_types(only, most=10, taken_fields={"acmeGoose"}),
    ):
        assert (types.kinds, types.structures) == ({}, {})
        assert "is that of another type of the schema" in types.problems[0].problem


def test_a_kind_that_exceeds_the_limit_has_no_type() -> None:
    large = kind_schema(an_object(a=an_object(x=TEXT), b=an_object(y=TEXT)), name="Barn", plural="barns")
    small = kind_schema(an_object(a=TEXT))

    types = fleet_types([cluster(large, small)], most=3)

    assert list(types.kinds.values()) == ["AcmeGoose"]
    problem = "it has no type: with its 4 types there are more than 3 (FLEETGRAPH_MAX_TYPES)."
    assert types.problems == (KindProblem("acme.io", "Barn", problem),)


def test_a_structure_that_contains_itself_stays_one() -> None:
    reference = {"$ref": "#/components/schemas/Node"}
    structures, _ = read(reference, components={"Node": an_object(next=reference, name=TEXT)})
    node = KindSchema("acme.io", "v1", "Goose", "geese", namespaced=True, structures=structures)
    other, _ = read(reference, components={"Node": an_object(next=reference, more=TEXT)})
    richer = KindSchema("acme.io", "v1", "Goose", "geese", namespaced=True, structures=other)

    assert spec(united([cluster(node)])) == {"name": FieldFormat.STRING, "next": "AcmeGoose_Spec"}
    assert spec(united([cluster(node), cluster(richer)])) == {
        "more": FieldFormat.STRING,
        "name": FieldFormat.STRING,
        "next": "AcmeGoose_Spec",
    }


def circle(length: int) -> KindSchema:
    """Returns a kind with a circle of named schemas."""
    components = {
        f"L{level}": an_object(next={"$ref": f"#/components/schemas/L{(level + 1) % length}"}, **{f"x{level}": TEXT})
        for level in range(length)
    }
    structures, problems = read({"$ref": "#/components/schemas/L0"}, components=components)
    return KindSchema("acme.io", "v1", "Goose", "geese", namespaced=True, structures=structures, problems=problems)


def test_circles_of_different_length_end_somewhere() -> None:
    """Checks two circles whose union would have 3,540 levels."""
    types = united([cluster(circle(60)), cluster(circle(59))])

    assert list(types.kinds) == [GOOSE]
    assert [problem.problem for problem in types.problems] == ["spec.next.next... is deeper than 100 levels."]


def test_circles_with_a_huge_product_exceed_the_limit() -> None:
    types = fleet_types([cluster(circle(60)), cluster(circle(59))], most=80)

    assert types.kinds == {}
    assert [problem.problem for problem in types.problems] == [
        "it has no type: with its 81 types there are more than 80 (FLEETGRAPH_MAX_TYPES)."
    ]


def test_clusters_with_the_same_kinds_have_one_fingerprint() -> None:
    one, other = kind_schema(an_object(a=TEXT)), kind_schema(an_object(b=TEXT))
    document = learned("apis/acme.io/v1", "1", [one])
    elsewhere = learned("apis/acme.io/v1", "another hash", [one])
    without = learned("apis/empty.io/v1", "1", [])

    assert ClusterTypes((document,)).fingerprint == ClusterTypes((elsewhere, without)).fingerprint
    assert ClusterTypes((document,)).fingerprint != cluster(other).fingerprint
    assert ClusterTypes().fingerprint == ClusterTypes((without,)).fingerprint


def test_work_pauses_at_each_structure(monkeypatch: pytest.MonkeyPatch) -> None:
    properties = {f"f{at}": an_object(**{f"g{at}": TEXT}) for at in range(20)}
    pauses: list[Pauses] = []
    monkeypatch.setattr(Pauses, "pause", lambda self: pauses.append(self))

    types = fleet_types([cluster(kind_schema(an_object(**properties)))], most=100)

    assert len(types.structures) == 22
    assert len(pauses) >= 22


def test_of_thousands_of_fields_with_different_types_ten_are_named() -> None:
    long = "x" * 190
    texts, numbers = (
        an_object(**{f"{long}{place}": leaf for place in range(900)}, **{long: an_object(a=TEXT)})
        for leaf in (TEXT, NUMBER)
    )

    types = united([cluster(kind_schema(texts)), cluster(kind_schema(numbers))])

    assert len(types.problems) == 11
    assert types.problems[10].problem == "other fields without a type: 890."
    assert max(len(problem.problem) for problem in types.problems) < 200


def flood(count: int, group: str = "aaa.io") -> ClusterTypes:
    """Returns a cluster with many kinds of two types each, which come first in the alphabet."""
    return cluster(
        *(kind_schema(an_object(a=TEXT), group=group, name=f"K{at:04}", plural=f"k{at}s") for at in range(count))
    )


def test_a_cluster_with_many_kinds_takes_no_type_from_earlier_ones() -> None:
    honest = flood(100, "zzz.io")
    since = dict.fromkeys(honest.kind_keys, 7)

    types = fleet_types([flood(300), honest], most=220, since=since)

    assert len([kind for kind in types.kinds if kind.group == "zzz.io"]) == 100
    assert len([kind for kind in types.kinds if kind.group == "aaa.io"]) == 10
    assert list(types.kinds) == sorted(types.kinds, key=lambda kind: (kind.group, kind.name))


def test_clusters_that_were_learned_in_one_hour_have_equal_shares() -> None:
    for order in permutations([flood(300), flood(50, "yyy.io"), flood(20, "zzz.io")]):
        types = fleet_types(order, most=200)

        shares = dict.fromkeys(("aaa.io", "yyy.io", "zzz.io"), 0)
        for kind in types.kinds:
            shares[kind.group] += 1
        assert shares == {"aaa.io": 40, "yyy.io": 40, "zzz.io": 20}


def test_a_kind_that_appears_takes_no_name_from_an_earlier_one() -> None:
    first, second = kind_schema(an_object(a=TEXT), group="acme.dev"), kind_schema(an_object(b=TEXT), group="acme.io")

    types = fleet_types([cluster(first), cluster(second)], most=10, since={("acme.io", "Goose"): 7})

    assert [kind.group for kind in types.kinds] == ["acme.io"]
    assert [
        (one.group, one.problem.endswith("is that of Goose of acme.io, so it has no type.")) for one in types.problems
    ] == [("acme.dev", True)]
