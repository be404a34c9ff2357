"""Untrusted text without control characters on the terminal."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.terminal.terminal import printable, printable_json, sentence


def test_what_a_terminal_would_obey_is_spelt_out() -> None:
    assert printable("a\x1b[31m\r\n\x9b\u202eb") == r"a\x1b[31m\x0d\x0a\x9b\u202eb"


def test_other_text_stays_as_it_is() -> None:
    assert printable("naïve 日本 🚀") == "naïve 日本 🚀"


@given(st.text())
def test_printable_text_is_one_printable_line(text: str) -> None:
    shown = printable(text)

    assert len(shown.splitlines()) <= 1
    assert all(ord(character) >= 0x20 and not 0x7F <= ord(character) < 0xA0 for character in shown)
    shown.encode()


@given(st.text())
def test_printable_json_means_the_same(text: str) -> None:
    shown = printable_json(json.dumps([text], ensure_ascii=False))

    assert json.loads(shown) == [text]
    assert "\x9b" not in shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("no connection", "no connection."),
        ("no connection.", "no connection."),
        ("no connection..", "no connection."),
        ("did you mean a?", "did you mean a?"),
        ("did you mean a?.", "did you mean a?"),
        ("it begins with ...", "it begins with ..."),
        ("it does not answer (refused)", "it does not answer (refused)."),
        ("Register some with: fleetgraph clusters import", "Register some with: fleetgraph clusters import"),
        ("", "."),
    ],
)
def test_a_message_ends_in_one_full_stop(text: str, shown: str) -> None:
    assert sentence(text) == shown
