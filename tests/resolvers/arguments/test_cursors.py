"""Cursors: valid for one list, at every replica, and impossible to forge (PT-4)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolvers.arguments.cursors import CursorPlace, CursorSigner, ObjectKey, number_behind
from resolvers.arguments.listarguments import ClusterChoice, ListArguments
from resolvers.errors import BadUserInput

SIGNER = CursorSigner(b"k" * 32, owner="ann")
KEY: ObjectKey = ("alpha", "shop", "web-0")
SCOPE = ListArguments().scope("pods")
PLACE = CursorPlace([], KEY)
CURSOR = SIGNER.cursor(PLACE, scope=SCOPE)


@pytest.mark.parametrize("key", [KEY, ("alpha", "", "node-1"), ("c" * 63, "n" * 63, "x" * 253)])
def test_a_cursor_is_read_back(key: ObjectKey) -> None:
    place = CursorPlace([1, None, "x"], key, "token")

    assert SIGNER.place(SIGNER.cursor(place, scope=SCOPE), scope=SCOPE) == place


def test_another_signer_with_the_same_key_reads_it() -> None:
    assert CursorSigner(b"k" * 32, owner="ann").place(CURSOR, scope=SCOPE) == PLACE


def test_another_key_does_not() -> None:
    with pytest.raises(BadUserInput):
        CursorSigner(b"K" * 32, owner="ann").place(CURSOR, scope=SCOPE)


@pytest.mark.parametrize("owner", ["", "an", "anna", "Ann", "ann\0", "bob", "system:ann"])
def test_pt_4_a_cursor_of_another_caller_is_refused(owner: str) -> None:
    with pytest.raises(BadUserInput, match="to the same caller"):
        CursorSigner(b"k" * 32, owner=owner).place(CURSOR, scope=SCOPE)


@pytest.mark.parametrize(
    "other",
    [
        ListArguments().scope("services"),
        ListArguments(namespaces=("shop",)).scope("pods"),
        ListArguments(label_selector="a=b").scope("pods"),
        ListArguments(field_selector="a=b").scope("pods"),
        ListArguments(clusters=ClusterChoice(names=("alpha",))).scope("pods"),
        ListArguments(clusters=ClusterChoice(ids=("alpha",))).scope("pods"),
        ListArguments(clusters=ClusterChoice(labels=(("a", "b"),))).scope("pods"),
        ListArguments().scope("pods", "web"),
        b"",
    ],
)
def test_pt_4_a_cursor_of_another_list_is_refused(other: bytes) -> None:
    with pytest.raises(BadUserInput, match="after: this is no cursor of this list"):
        SIGNER.place(CURSOR, scope=other)


def test_the_page_is_no_part_of_the_list() -> None:
    assert ListArguments(first=5, after="x").scope("pods") == SCOPE


@pytest.mark.parametrize("place", range(len(CURSOR)))
def test_pt_4_an_edited_cursor_is_refused(place: int) -> None:
    for character in "A_9":
        edited = CURSOR[:place] + character + CURSOR[place + 1 :]
        if edited != CURSOR:
            with pytest.raises(BadUserInput):
                SIGNER.place(edited, scope=SCOPE)


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        " ",
        "a",
        "=",
        "====",
        f"{CURSOR}=",
        f"{CURSOR} ",
        f"{CURSOR}!",
        f"!{CURSOR}",
        CURSOR[:-1],
        f"{CURSOR}A",
        CURSOR * 200,
        "é",
        "a" * 10_240,
        "\0",
        CURSOR[:10] + "\n" + CURSOR[10:],
        CURSOR.swapcase(),
    ],
)
def test_pt_4_no_cursors(cursor: str) -> None:
    with pytest.raises(BadUserInput):
        SIGNER.place(cursor, scope=SCOPE)


@given(st.text())
def test_no_text_is_a_cursor(text: str) -> None:
    with pytest.raises(BadUserInput):
        SIGNER.place(text, scope=SCOPE)


def test_a_cursor_shows_no_key() -> None:
    assert "kkk" not in CURSOR


@pytest.mark.parametrize(
    ("token", "number"),
    [
        ("behind:30", 30),
        ("", 0),
        ("30", 0),
        ("behind:", 0),
        ("behind:-1", 0),
        ("behind:٣", 0),
        (f"behind:{'9' * 99}", 0),
    ],
)
def test_a_token_of_a_cluster_is_no_number(token: str, number: int) -> None:
    assert number_behind(token) == number
