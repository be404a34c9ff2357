"""Media ranges are parsed by the grammar, and in linear time for any header."""

import pytest

from server.http.mediaranges import MOST_ITEMS, media_ranges, media_type
from server.http.mediatypes import is_html_preferred, is_json, negotiate, payload_format_of
from tests.server.hostileinput import PIECES, require_linear_and_short


@pytest.mark.parametrize(
    ("header", "ranges"),
    [
        ("", []),
        ("text/html", [("text/html", {})]),
        (" Text/HTML ;Q=0.5\t, */*", [("text/html", {"q": "0.5"}), ("*/*", {})]),
        ('a/b;c="d,e;f"; g=h,i/j', [("a/b", {"c": "d,e;f", "g": "h"}), ("i/j", {})]),
        (r'a/b;c="\"\\d"', [("a/b", {"c": '"\\d'})]),
        ("a/b;;c=d;", [("a/b", {"c": "d"})]),
        ("a/b;c=1;c=2", [("a/b", {"c": "1"})]),
        (",, a/b ,", [("a/b", {})]),
        ("text, a/b, c/d e, f/g;h, i/j; k = l, m/n;o=", [("a/b", {})]),
        ('a/b, c/d;e="f, g/h', [("a/b", {})]),
        ('a/b;c="d\\', []),
    ],
)
def test_a_list_is_read_by_the_grammar(header: str, ranges: list[tuple[str, dict[str, str]]]) -> None:
    assert [tuple(media_range) for media_range in media_ranges(header)] == ranges


@pytest.mark.parametrize("header", ["", "application", "a/b, c/d", "a/b,", 'a/b;c="d', "a/b c"])
def test_a_body_has_one_well_formed_type(header: str) -> None:
    assert media_type(header) is None


def test_no_more_is_read_than_anybody_needs() -> None:
    assert len(list(media_ranges("a/b," * 5000))) == MOST_ITEMS
    assert list(media_ranges("a/b" + ";c=d" * 5000)) == []


@pytest.mark.parametrize(
    "start", ["", 'text/html;"', 'text/html;a="', "text/html;", "text/html;a=", "text/html ", "text"]
)
@pytest.mark.parametrize("piece", PIECES)
def test_a_hostile_header_is_read_in_linear_time(piece: str, start: str) -> None:
    require_linear_and_short(_read, start, piece)


def _read(header: str) -> None:
    negotiate(header)
    payload_format_of(header)
    is_html_preferred(header)
    is_json(header)
