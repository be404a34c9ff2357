"""What decoding costs, estimated: normal pages are decoded at once, and what is dense is found wherever it stands."""

from time import process_time

import pytest

from k8s.decoder import Decoder
from k8s.decodingcost import LONGEST_S, SMALL_BYTES, decoding_s
from k8s.decoding import page_decoder
from k8s.selection import selection_of
from tests.controlplane.pods import pod_page

_MIB = 2**20


def _list(values: bytes) -> bytes:
    return b'{"kind":"PodList","metadata":{},"items":[' + values + b"]}"


def test_a_normal_page_is_decoded_at_once() -> None:
    body = pod_page(500)

    assert SMALL_BYTES < len(body)
    assert decoding_s(body) < LONGEST_S


@pytest.mark.parametrize(
    "part", [b"[],", b"{},", b'{"a":1},', b"[[[[]]]],", b'"a":1,', b"1" * 4000 + b",", b"\\n" * 100]
)
def test_what_is_dense_is_dear(part: bytes) -> None:
    assert decoding_s(part * (10 * _MIB // len(part))) > LONGEST_S


def test_text_is_cheap() -> None:
    assert decoding_s(b'"' + b"x" * 30 * _MIB + b'"') < LONGEST_S


@pytest.mark.parametrize("place", range(0, 8))
def test_a_dense_part_is_found_wherever_it_stands(place: int) -> None:
    dense = b"[]," * (2 * _MIB // 3)
    text = b"x" * _MIB

    assert decoding_s(text * place + dense + text * (8 - place)) > LONGEST_S


def test_dense_and_thin_parts_in_turn_are_found() -> None:
    """Whatever their length: a sample at the same places in each stride would miss half of them."""
    for length in (1000, 16 * 1024, 32 * 1024, 64 * 1024):
        assert decoding_s((b"[]," * (length // 3) + b"x" * length) * (8 * _MIB // (2 * length))) > LONGEST_S


def test_looking_costs_little_of_decoding() -> None:
    body = pod_page(500)
    decoder = Decoder(page_decoder("Pod", selection_of(["metadata.name", "metadata.namespace"])).page_type)

    assert _shortest_s(lambda: decoding_s(body)) < _shortest_s(lambda: decoder.decode(body)) / 5


def _shortest_s(work: object) -> float:
    assert callable(work)
    took_s: list[float] = []
    for _ in range(20):
        began_s = process_time()
        work()
        took_s.append(process_time() - began_s)
    return min(took_s)
