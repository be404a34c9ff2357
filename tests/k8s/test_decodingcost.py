"""What decoding costs, estimated: normal pages are decoded at once, and what is dense is found wherever it stands."""

import msgspec
import pytest

from k8s.decodingcost import LONGEST_S, SMALL_BYTES, decoding_s, field_decoding_s, number_decoding_s
from tests.controlplane.objects import FleetSize, generate

_MIB = 2**20


@pytest.fixture(scope="module")
def page() -> bytes:
    """A page of pods as API servers send it."""
    objects = generate(FleetSize(namespaces=4, nodes=4, deployments=20, pods=500))
    pods = [each for each in objects if each["kind"] == "Pod"]
    return msgspec.json.encode({"kind": "PodList", "metadata": {}, "items": pods})


def test_a_normal_page_is_decoded_at_once(page: bytes) -> None:
    assert len(page) > SMALL_BYTES
    assert decoding_s(page) < LONGEST_S
    assert field_decoding_s(page) < decoding_s(page)


@pytest.mark.parametrize(
    "part", [b"[],", b"{},", b'{"a":1},', b"[[[[]]]],", b'"a":1,', b"1" * 4000 + b",", b"\\n" * 100]
)
def test_what_is_dense_is_dear(part: bytes) -> None:
    assert decoding_s(part * (10 * _MIB // len(part))) > LONGEST_S


def test_text_is_cheap() -> None:
    assert decoding_s(b'"' + b"x" * 30 * _MIB + b'"') < LONGEST_S


@pytest.mark.parametrize("place", range(8))
def test_a_dense_part_is_found_wherever_it_stands(place: int) -> None:
    dense = b"[]," * (2 * _MIB // 3)
    text = b"x" * _MIB

    assert decoding_s(text * place + dense + text * (8 - place)) > LONGEST_S


def test_dense_and_thin_parts_in_turn_are_found() -> None:
    """Whatever their length: a sample at the same places in each stride would miss half of them."""
    for length in (1000, 16 * 1024, 32 * 1024, 64 * 1024):
        assert decoding_s((b"[]," * (length // 3) + b"x" * length) * (8 * _MIB // (2 * length))) > LONGEST_S


@pytest.mark.parametrize("number", [b"1.79e308,", b"1.5e-320,", b"1.1E+305,"])
def test_extreme_numbers_are_dear_where_there_are_typed_ones(number: bytes) -> None:
    assert number_decoding_s(number * 20_000) > LONGEST_S
