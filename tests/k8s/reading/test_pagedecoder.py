"""Pages: decoded at once, or object by object, in slices of the event loop."""

from collections.abc import Sequence

import pytest

from k8s.kinds.builtin import CONTROLLER_REVISION
from k8s.reading import pagedecoder
from k8s.reading.decoder import Decoder, TooMuchToDecode, Undecodable
from k8s.reading.pagedecoder import objects_on, read_split_page
from k8s.reading.rowdecoders import page_decoder
from k8s.reading.selection import selection_of

DECODER = page_decoder("ControllerRevision", selection_of(["metadata.name", "data"]), CONTROLLER_REVISION)
DENSE = b"[" + b"[]," * 20_000 + b"1]"


def _page(data: Sequence[bytes]) -> bytes:
    items = b",".join(b'{"metadata":{"name":"r-%d"},"data":%b}' % (number, item) for number, item in enumerate(data))
    return b'{"kind":"ControllerRevisionList","metadata":{"continue":"t"},"items":[' + items + b"]}"


async def test_a_page_of_many_values_is_decoded_object_by_object(monkeypatch: pytest.MonkeyPatch) -> None:
    stretches = 0

    async def breathe(_self: object) -> None:
        nonlocal stretches
        stretches += 1

    monkeypatch.setattr("k8s.turns.turns.Pace.breathe", breathe)

    found = await DECODER.read(_page([DENSE] * 50))

    assert [row.metadata.name for row in found.items or ()] == [f"r-{number}" for number in range(50)]
    assert {len(row.data) for row in found.items or ()} == {20_001}
    assert (found.kind, found.metadata.continue_token) == ("ControllerRevisionList", "t")
    assert stretches == 2 * 50  # copied, and decoded


@pytest.mark.parametrize("text", ["a", "a/", "img@sha256:" + "a" * 2000, "1.", "x" * 200 + r"\""])
async def test_a_page_of_long_texts_is_decoded_object_by_object(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """Checks 28 MB of texts, which took 60 ms at once: half of it for the new memory of their copies."""
    decoded_bytes: list[int] = []

    def noted(decoder: Decoder[object], body: bytes) -> object:
        decoded_bytes.append(len(body))
        return decoded(decoder, body)

    decoded = Decoder._decoded
    monkeypatch.setattr(Decoder, "_decoded", noted)
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
        await DECODER.read(_page([DENSE] * 300))
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
