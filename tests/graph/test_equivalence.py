"""Breadth-first execution against graphql-core's own: the same documents, the same data, the same answers."""

from collections.abc import Callable
from random import Random

import pytest
from graphql import GraphQLSchema
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from k8s.connection import Sender
from k8s.kinds import BUILT_IN, POD
from resolvers.globalids import object_id
from resolvers.names import list_name
from tests.graph.bodies import NAMES, NAMESPACES, MadeObjects
from tests.graph.comparison import assert_same
from tests.graph.documents import Document, DocumentWriter, Places
from tests.graph.fleets import Asking
from tests.graph.senders import DownSender, ObjectsSender, RememberingSender

KINDS_BY_LIST = {list_name(kind): str(kind) for kind in BUILT_IN}
property_test = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def document(schema: GraphQLSchema, random: Random, places: Places) -> Document:
    return DocumentWriter(schema, random, places).write()


def made_places(*clusters: str) -> Places:
    ids = [object_id(f"id-{clusters[0]}", POD, namespace, name) for namespace in NAMESPACES for name in NAMES]
    return Places(clusters, NAMESPACES, NAMES, ids, KINDS_BY_LIST)


@property_test
@given(random=st.randoms(use_true_random=False), seed=st.integers(0, 50), has_dead_cluster=st.booleans())
async def test_made_objects(
    ask: Callable[..., Asking], schema: GraphQLSchema, random: Random, seed: int, has_dead_cluster: bool
) -> None:
    senders: list[Sender] = [ObjectsSender("one", MadeObjects(seed)), ObjectsSender("two", MadeObjects(seed + 1))]
    senders += [DownSender("dead")] if has_dead_cluster else []
    written = document(schema, random, made_places("one", "two", *(["dead"] if has_dead_cluster else [])))
    asking = ask(*senders)

    ours = await asking(written.query, written.variables)
    ordinary = await asking.ordinary(written.query, written.variables)

    assert ours.executed, ours.errors
    assert_same(ours, ordinary)
