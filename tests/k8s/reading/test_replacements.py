"""Invalid Unicode, replaced as in Go, beside any other text."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from k8s.reading import replacements
from k8s.reading.replacements import is_suspicious, replaced_in_turns, with_replacements

_ESCAPE = re.compile(r"\\(?:u[dD][89abAB]..\\u[dD][c-fC-F]..|(?P<lone>u[dD][89a-fA-F]..)|.)", re.DOTALL)
_NO_UTF_8 = re.compile("[\udc80-\udcff]")
_PARTS = (
    *(b"\\\\", b'\\"', b"\\n", b"\\ud83d", b"\\ude00", b"\\uD800", b"\\uDFFF", b"\\u0041", b"ud800", b"a", b'"', b","),
    *(b"\xff", b"\xc3", b"\xc3\xa9", b"\xe2\x82", b"\xf0\x9f\x98\x80", b"\xed\xa0\x80", b"\x80", b"\xf4\x90\x80\x80"),
)
bodies = st.lists(st.sampled_from(_PARTS), max_size=60).map(b"".join)


def one_by_one(body: bytes) -> bytes:
    """Returns the same, escape by escape, for comparison with the fast function."""
    text = _NO_UTF_8.sub("\ufffd", body.decode("utf-8", "surrogateescape"))
    return _ESCAPE.sub(lambda match: "\ufffd" if match["lone"] else match[0], text).encode()


@settings(max_examples=200, deadline=None)
@given(body=bodies, slice_bytes=st.sampled_from((24, 65536)))
async def test_it_is_the_same_as_escape_by_escape(body: bytes, slice_bytes: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(replacements, "_SLICE_BYTES", slice_bytes)

        assert with_replacements(body) == await replaced_in_turns(body) == one_by_one(body)


@given(body=bodies)
def test_what_is_changed_was_suspicious(body: bytes) -> None:
    assert is_suspicious(body) or with_replacements(body) == body


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        (b'"\\ud800"', '"\ufffd"'),
        (b'"\\\\ud800"', '"\\\\ud800"'),
        (b'"\\ud800\\ud83d\\ude00\\udc00"', '"\ufffd\\ud83d\\ude00\ufffd"'),
        (b'"\xff\xe2\x82"', '"\ufffd\ufffd\ufffd"'),
        (b'"\\ud8zz"', '"\\ud8zz"'),  # no escape at all, for Go either
        (b'"\0\\ud800"', '"\0\\ud800"'),  # not JSON
    ],
)
def test_texts(body: bytes, wanted: str) -> None:
    assert with_replacements(body) == wanted.encode()
