"""Global ids: they lead back to the same object, and invalid ones are refused."""

from base64 import urlsafe_b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from k8s.kinds.builtin import API_SERVICE, BUILT_IN, EVENT, EVENTS_EVENT, NODE, POD
from k8s.kinds.kind import Kind
from k8s.kinds.models import built_in_structures
from resolvers.arguments.globalids import GlobalId, object_id, parse_object_id, place_in
from resolvers.errors import BadUserInput
from resolvers.typedkinds import TypedKinds, built_in_kinds

WIDGET = Kind("example.com", "v1", "Widget", "widgets")
ID = object_id("c1", POD, "shop", "web-0")


def _encoded(text: str) -> str:
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


@pytest.mark.parametrize("kind", BUILT_IN, ids=str)
def test_an_id_of_every_kind_is_read_back(kind: object) -> None:
    wanted = GlobalId("c1", kind, "shop" if kind.namespaced else None, "web")  # type: ignore[attr-defined, arg-type]  # parametrized

    assert parse_object_id(str(wanted), built_in_kinds()) == wanted


def test_kinds_of_one_name_have_different_ids() -> None:
    assert object_id("c1", EVENT, "shop", "e") != object_id("c1", EVENTS_EVENT, "shop", "e")


@given(cluster=st.uuids(), name=st.text(st.characters(codec="utf-8"), min_size=1, max_size=1024))
def test_any_name_is_read_back(cluster: object, name: str) -> None:
    text = object_id(str(cluster), API_SERVICE, None, name)
    assert parse_object_id(text, built_in_kinds()).name == name
    assert place_in(text) == (str(cluster), "", name)
    assert place_in(object_id(str(cluster), POD, "shop", name)) == (str(cluster), "shop", name)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "é",
        f"{ID}=",
        f"{ID}!",
        f" {ID}",
        ID[:-1],
        ID * 400,
        _encoded("2|c1||Pod|shop|web"),
        _encoded("1|c1||Pod|shop"),
        _encoded("1|c1||Pod||web"),
        _encoded("1|c1||Pod|shop|"),
        _encoded("1|c1||Node|shop|n1"),
        _encoded("1|c1||Un known|shop|web"),
        _encoded("1|c1||__Pod|shop|web"),
        _encoded("1|c1|apps.|Widget|shop|web"),
        _encoded("1|c1|a/b|Widget|shop|web"),
        _encoded(f"1|c1|example.com|{'W' * 64}|shop|web"),
        urlsafe_b64encode(b"1|c1||Pod|shop|\xff").decode().rstrip("="),
    ],
)
def test_no_ids(text: str) -> None:
    with pytest.raises(BadUserInput, match="id: this is no object id"):
        parse_object_id(text, built_in_kinds())


@given(st.text())
def test_no_text_is_an_id(text: str) -> None:
    with pytest.raises(BadUserInput):
        parse_object_id(text, built_in_kinds())


def test_an_object_of_the_whole_cluster_has_no_namespace() -> None:
    assert parse_object_id(object_id("c1", NODE, None, "n1"), built_in_kinds()).namespace is None


def test_the_version_of_a_custom_kind_is_that_of_its_type() -> None:
    wanted = GlobalId("c1", WIDGET, "shop", "web")

    found = parse_object_id(str(wanted), TypedKinds(built_in_structures(), [WIDGET]))

    assert found == wanted
    assert found.is_typed


@pytest.mark.parametrize("namespace", ["shop", None])
def test_a_kind_without_a_type_is_read_back_without_version_and_plural(namespace: str | None) -> None:
    text = object_id("c1", WIDGET, namespace, "web")

    found = parse_object_id(text, built_in_kinds())

    assert (found.kind.group, found.kind.name) == ("example.com", "Widget")
    assert (found.namespace, found.name) == (namespace, "web")
    assert not found.is_typed
    assert str(found) == text
