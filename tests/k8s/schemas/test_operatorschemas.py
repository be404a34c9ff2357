"""The schemas of well-known operators on a real API server: the same from each source, with names of their own."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Final

import msgspec
import pytest
from graphql import build_schema

from k8s.kinds.builtin import BUILT_IN
from k8s.kinds.models import built_in_structures, structure_names
from k8s.kinds.structure import Field, FieldFormat
from k8s.schemas.clustertypes import ClusterTypes
from k8s.schemas.crdsource import CrdSource
from k8s.schemas.fleettypes import FleetTypes, fleet_types
from k8s.schemas.kindschema import KindSchema
from k8s.schemas.learning import learn
from k8s.schemas.limits import SchemaLimits
from k8s.schemas.openapidocument import read_document
from k8s.transport.body import OnPrefix
from k8s.transport.call import Call
from k8s.transport.connection import Connection
from k8s.transport.deadline import Deadline
from resolvers.names import list_name, single_name, type_name
from tests.controlplane.client import connect
from tests.controlplane.cluster import Cluster
from tests.graph.fleets import connection_to
from tests.k8s.schemas.test_names import GRAPHQL_NAME

pytestmark = pytest.mark.controlplane

SDL: Final = Path(__file__).parents[3] / "schema.graphql"


class Outdated:
    """A sender that gets an index whose hashes the server no longer has, a number of times."""

    def __init__(self, connection: Connection, times: int) -> None:
        self.name = connection.name
        self.documents: list[Call] = []
        self._connection = connection
        self._times = times

    async def send(self, call: Call, deadline: Deadline, *, on_prefix: OnPrefix | None = None) -> bytes:
        body = await self._connection.send(call, deadline, on_prefix=on_prefix)
        if call.path == "/openapi/v3" and self._times:
            self._times -= 1
            return body.replace(b"?hash=", f"?hash={self._times}".encode())
        return body


@pytest.fixture(scope="module")
async def connection(operated: Cluster) -> AsyncIterator[Connection]:
    """Yields a connection to the cluster with all CRDs."""
    connection = connection_to(operated)
    yield connection
    await connection.close()


@pytest.fixture(scope="module")
async def learned(connection: Connection) -> ClusterTypes:
    """Returns what was learned of it."""
    return await learn(connection, Deadline(120), chosen=lambda _: True, before=None)


@pytest.fixture(scope="module")
def types(learned: ClusterTypes) -> FleetTypes:
    """Returns its types."""
    return fleet_types([learned], most=5000)


def versions(kinds: Iterator[KindSchema] | tuple[KindSchema, ...]) -> dict[tuple[str, str, str], KindSchema]:
    """Returns kinds by group, version and name."""
    return {(kind.group, kind.version, kind.name): kind for kind in kinds}


async def test_openapi_documents_and_definitions_give_the_same_structures(
    connection: Connection, learned: ClusterTypes
) -> None:
    source = CrdSource(connection, SchemaLimits())
    names = await source.index(Deadline(60), lambda _: True)

    kinds = [kind for name in names for kind in await source.read(name, "", Deadline(60))]

    assert len(names) == 77
    assert len(kinds) == 125
    assert versions(tuple(kinds)) == versions(learned.kinds())


async def test_every_field_has_a_type_and_nothing_is_left_out(learned: ClusterTypes) -> None:
    assert learned.all_problems == ()


async def test_argo_cds_application_sets_have_77_distinct_structures(learned: ClusterTypes, types: FleetTypes) -> None:
    [kind] = [kind for kind in learned.kinds() if kind.name == "ApplicationSet"]

    assert len(kind.structures) == 77  # of 1,796 object schemas
    assert len([name for name in types.structures if name.startswith("ArgoprojApplicationSet")]) == 77


async def test_every_kind_has_names_of_its_own(types: FleetTypes) -> None:
    schema = build_schema(SDL.read_text(), assume_valid=True)
    assert schema.query_type is not None
    taken_fields = [name.casefold() for name in schema.query_type.fields]
    taken_types = [name.casefold() for name in schema.type_map]

    fields = [name.casefold() for kind in types.kinds for name in (list_name(kind), single_name(kind))]
    names = [name.casefold() for name in types.structures]
    names += [
        f"{name}{suffix}".casefold()
        for name in types.kinds.values()
        for suffix in ("Connection", "Edge", "Grouping", "Change", "Changes")
    ]

    assert len(types.kinds) == 77
    assert types.problems == ()
    assert {kind: type_name(kind) for kind in types.kinds} == types.kinds
    assert len(set(fields)) == len(fields)
    assert not {*fields} & {*taken_fields}
    assert len(set(names)) == len(names)
    assert not {*names} & {*taken_types}
    assert all(GRAPHQL_NAME.fullmatch(name) for name in types.structures)


async def test_structures_refer_to_each_other_and_to_metadata_only(types: FleetTypes) -> None:
    targets = {field.structure for structure in types.structures.values() for field in structure.fields}

    assert targets - types.structures.keys() == {None, "ObjectMeta"}
    assert types.structures.keys() - targets == set(types.kinds.values())


@pytest.mark.parametrize(
    ("structure", "key", "leaf", "is_list"),
    [
        ("ArgoprojApplication_SpecDestination", "namespace", FieldFormat.STRING, False),
        ("CertManagerCertificate_Spec", "dnsNames", FieldFormat.STRING, True),
        ("CertManagerCertificate_Status", "notAfter", FieldFormat.TIME, False),
        ("CertManagerCertificateRequest_Spec", "request", FieldFormat.BYTES, False),
        ("GatewayNetworkingK8sHTTPRoute_SpecRulesBackendRefs", "port", FieldFormat.INT32, False),
        ("MonitoringCoreosPrometheus_SpecResources", "limits", FieldFormat.QUANTITY_MAP, False),
        ("MonitoringCoreosPrometheus_Spec", "nodeSelector", FieldFormat.STRING_MAP, False),
        ("ClusterXK8sMachine_Status", "observedGeneration", FieldFormat.INT64, False),
        ("ExtensionsIstioWasmPlugin_Spec", "pluginConfig", FieldFormat.ANY, False),
    ],
)
async def test_fields_of_operators(
    types: FleetTypes, structure: str, key: str, leaf: FieldFormat, *, is_list: bool
) -> None:
    [field] = [field for field in types.structures[structure].fields if field.key == key]

    assert (field.format, field.is_list) == (leaf, is_list)


@pytest.mark.parametrize(("times", "problems"), [(1, 0), (3, 0), (10, 1)])
async def test_a_server_with_other_hashes_answers_a_redirect_and_the_index_is_read_again(
    connection: Connection, operated: Cluster, *, times: int, problems: int
) -> None:
    sender = Outdated(connection, times)

    types = await learn(sender, Deadline(60), chosen=lambda group: group == "kustomize.toolkit.fluxcd.io", before=None)

    assert [kind.name for kind in types.kinds()] == ["Kustomization"][problems:]
    assert [problem.problem for problem in types.all_problems] == [
        "its document apis/kustomize.toolkit.fluxcd.io/v1 changes faster than it is read: "
        "3 repeated reads (FLEETGRAPH_MAX_SCHEMA_REREADS)."
    ][:problems]


async def test_what_is_stored_is_small(learned: ClusterTypes) -> None:
    structures = sum(len(kind.structures) for kind in learned.kinds())

    assert structures == 2993
    assert len(msgspec.msgpack.encode(learned.kinds())) / structures < 2000


async def test_documents_of_built_in_kinds_give_the_structures_of_the_official_client(operated: Cluster) -> None:
    """Reads the documents of another author's schemas, with references and recursion, and compares every field."""
    different: set[str] = set()
    compared = 0
    async with connect(operated) as session:
        for group, version in sorted({(kind.group, kind.version) for kind in BUILT_IN if kind.group}):
            async with session.get(f"/openapi/v3/apis/{group}/{version}") as response:
                if not response.ok:  # alpha and beta APIs are off
                    continue
                kinds = read_document(await response.read(), group, version, limits=SchemaLimits())
            for kind in kinds:
                if kind.kind in structure_names():
                    paths = _compared(kind, structure_names()[kind.kind])
                    compared += len(paths)
                    different |= {path for path, is_equal in paths.items() if not is_equal}

    assert compared > 4000
    assert different == {"PersistentVolumeClaim.apiVersion", "PersistentVolumeClaim.kind"}  # of a template


def _compared(kind: KindSchema, name: str) -> dict[str, bool]:
    """Returns whether each field below a kind is the same as in the built-in structures, by structure and key."""
    found: dict[str, bool] = {}
    seen: set[tuple[str, str]] = set()
    waiting = [("0", name)]
    while waiting:
        place, own = waiting.pop()
        if (place, own) in seen:
            continue
        seen.add((place, own))
        fields = {field.key: field for field in kind.structures[int(place)].fields}
        others = {field.key: field for field in built_in_structures()[own].fields}
        for key in fields.keys() | others.keys():
            field, other = fields.get(key), others.get(key)
            is_equal = field is not None and other is not None and _type(field) == _type(other)
            found[f"{own}.{key}"] = is_equal
            if is_equal and field and other and field.structure and other.structure != "ObjectMeta":
                waiting.append((field.structure, other.structure or ""))
    return found


def _type(field: Field) -> tuple[FieldFormat | None, bool]:
    return field.format, field.is_list
