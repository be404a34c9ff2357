"""Pages: decoded at once, in pieces, or object by object, in slices of the event loop."""

from collections.abc import Sequence

import msgspec
import pytest

from k8s.kinds.builtin import CONTROLLER_REVISION
from k8s.reading import pagedecoder, pagepieces
from k8s.reading.decoder import Decoder, TooMuchToDecode, Undecodable
from k8s.reading.pagedecoder import objects_on, read_split_page
from k8s.reading.rowdecoders import page_decoder
from k8s.reading.selection import selection_of

DECODER = page_decoder("ControllerRevision", selection_of(["metadata.name", "data"]), CONTROLLER_REVISION)
DENSE = b"[" + b"[]," * 20_000 + b"1]"


def _page(data: Sequence[bytes], *, is_alike: bool = True) -> bytes:
    """Returns a page of objects; if the first one begins with another key than the others, it has no pieces."""
    parts = [(b'"metadata":{"name":"r-%d"}' % number, b'"data":%b' % item) for number, item in enumerate(data)]
    items = [b"{%b,%b}" % (part if is_alike or number else part[::-1]) for number, part in enumerate(parts)]
    return b'{"kind":"ControllerRevisionList","metadata":{"continue":"t"},"items":[' + b",".join(items) + b"]}"


@pytest.fixture
def decoded_bytes(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Returns the lengths of the texts that are decoded at once."""
    lengths: list[int] = []
    decoded = Decoder._decoded

    def noted(decoder: Decoder[object], body: bytes) -> object:
        lengths.append(len(body))
        return decoded(decoder, body)

    monkeypatch.setattr(Decoder, "_decoded", noted)
    return lengths


async def test_a_page_of_many_values_is_decoded_object_by_object(monkeypatch: pytest.MonkeyPatch) -> None:
    stretches = 0

    async def breathe(_self: object) -> None:
        nonlocal stretches
        stretches += 1

    monkeypatch.setattr("k8s.turns.turns.Pace.breathe", breathe)

    found = await DECODER.read(_page([DENSE] * 50, is_alike=False))

    assert [row.metadata.name for row in found.items or ()] == [f"r-{number}" for number in range(50)]
    assert {len(row.data) for row in found.items or ()} == {20_001}
    assert (found.kind, found.metadata.continue_token) == ("ControllerRevisionList", "t")
    assert stretches == 2 * 50  # copied, and decoded


@pytest.mark.parametrize(
    "data",
    [
        [DENSE] * 50,
        [DENSE] * 49 + [b'"},{\\"metadata\\":{"'],
        [b'[{"a":1},{"metadata":{"name":"r-0"},"data":[1]}]', *[DENSE] * 49],
        [DENSE, b"1" + b" " * 400_000] * 25,
    ],
    ids=["alike", "a place in a text", "a place in an object that fits none", "long objects"],
)
@pytest.mark.parametrize("has_metadata_last", [False, True], ids=["", "metadata last"])
async def test_a_page_of_many_values_is_decoded_in_pieces(
    decoded_bytes: list[int], data: list[bytes], has_metadata_last: bool
) -> None:
    page = _page(data)
    kind, metadata, items = page[1:-1].split(b",", 2)
    if has_metadata_last:
        page = b"{" + b",".join((items, kind, metadata)) + b"}"

    found = await DECODER.read(page)

    assert [row.metadata.name for row in found.items or ()] == [f"r-{number}" for number in range(50)]
    assert [row.data for row in found.items or ()] == [msgspec.json.decode(value) for value in data]
    assert (found.kind, found.metadata.continue_token) == ("ControllerRevisionList", "t")
    assert len(decoded_bytes) <= 50
    assert max(decoded_bytes) < 2**20


async def test_a_page_cut_inside_an_object_is_split() -> None:
    """Checks a list in an object whose elements are as long as a piece and begin like the objects of the page."""
    inner = b"[" + b",".join([b'{"metadata":{"name":"inner"},"data":%b}' % DENSE] * 20) + b"]"
    data = [inner, DENSE, inner]

    found = await DECODER.read(_page(data))

    assert [row.data for row in found.items or ()] == [msgspec.json.decode(value) for value in data]


@pytest.mark.parametrize("key", [b"other", b"items"])
@pytest.mark.parametrize("pieces", [1, 50], ids=["in the last piece", "earlier"])
async def test_a_page_with_a_second_list_is_read_as_a_whole(
    decoded_bytes: list[int], monkeypatch: pytest.MonkeyPatch, key: bytes, pieces: int
) -> None:
    monkeypatch.setattr(pagepieces, "_PIECE_BYTES", 1000)
    first = _page([DENSE] * 50)
    second = b",".join([b'{"metadata":{"name":"s"},"data":[%b]}' % (b" " * 400)] * pieces)
    body = first[:-1] + b',"%b":[%b]}' % (key, second)

    found = await DECODER.read(body)

    names = [f"r-{number}" for number in range(50)] if key == b"other" else ["s"] * pieces
    assert [row.metadata.name for row in found.items or ()] == names
    assert decoded_bytes[0] < 0.1 * len(body)


@pytest.mark.parametrize("text", ["a", "a/", "img@sha256:" + "a" * 2000, "1.", "x" * 200 + r"\""])
async def test_a_page_of_long_texts_is_decoded_object_by_object(decoded_bytes: list[int], text: str) -> None:
    """Checks 28 MB of texts, which took 60 ms at once: half of it for the new memory of their copies."""
    value = b"[" + b",".join([b'"' + (text * (2**20 // len(text))).encode() + b'"'] * 14) + b"]"
    body = _page([value, value])

    found = await DECODER.read(body)

    assert [len(row.data) for row in found.items or ()] == [14, 14]
    split_bytes, *objects_bytes = decoded_bytes
    assert split_bytes == len(body)
    assert max(objects_bytes) < 0.6 * len(body)


async def test_a_page_of_usual_texts_is_decoded_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    text = b'"' + rb"server: a # b\n  key = value; and so on, and on\n" * 400 + b'"'

    async def refuse(_body: bytes) -> None:
        raise AssertionError

    monkeypatch.setattr("k8s.reading.pagedecoder.read_split_page", refuse)

    assert len((await DECODER.read(_page([text] * 500))).items or ()) == 500


async def test_text_that_is_no_unicode_is_replaced_in_each_object_alone() -> None:
    found = await DECODER.read(_page([DENSE, b'"\xff"']))

    assert list(found.items or ())[1].data == "\ufffd"


async def test_an_object_of_too_many_values_is_refused() -> None:
    with pytest.raises(TooMuchToDecode) as raised:
        await DECODER.read(_page([b"1", b"[" + b"[]," * 10**6 + b"1]"]))
    assert raised.value.is_one_object


async def test_a_page_that_is_too_large_to_be_split_is_refused() -> None:
    with pytest.raises(TooMuchToDecode) as raised:
        await DECODER.read(_page([DENSE] * 300, is_alike=False))
    assert not raised.value.is_one_object


async def test_more_objects_than_a_page_has_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(TooMuchToDecode):
        await read_split_page(b'{"kind":"PodList","items":[' + b"{}," * pagedecoder._MOST_OBJECTS + b"{}]}")

    many = await read_split_page(b'{"kind":"PodList","items":[' + b"{}," * (pagedecoder._MOST_OBJECTS - 1) + b"{}]}")
    assert len(many.items or ()) == pagedecoder._MOST_OBJECTS


def test_objects_are_counted() -> None:
    assert objects_on(b'{"items":[{},{}]}') == 2
    for body in (b'{"items":null}', b"[", b"", b"[" * 10**6, b" " * 2**25):
        assert objects_on(body) == 0


async def test_what_is_no_list_is_refused() -> None:
    for body in (b"[]", b"{}", b'{"items":1}', b'{"items":{}}'):
        with pytest.raises(Undecodable):
            await read_split_page(body)


async def test_text_that_is_no_unicode_is_replaced_in_a_page_that_is_too_large_for_it() -> None:
    """Checks three megabytes, the size of 500 pods: too much to replace text at once."""
    texts = [b'"' + b"x" * 100_000 + b'"'] * 30

    found = await DECODER.read(_page([*texts, b'"\xff"']))

    assert [row.data for row in found.items or ()] == ["x" * 100_000] * 30 + ["\ufffd"]


async def test_text_that_is_no_unicode_is_replaced_in_a_page_that_is_split() -> None:
    found = await DECODER.read(_page([*[DENSE] * 50, b'"\xff"']))

    assert list(found.items or ())[-1].data == "\ufffd"
