"""Estimates of decoding times: normal pages are decoded at once, and dense data is found anywhere in a page."""

from collections.abc import Iterator
from functools import partial
from random import Random
from statistics import median
from typing import Any, Final

import msgspec
import pytest

from k8s.reading.decoder import Decoder
from k8s.reading.decodingcost import LONGEST_S, SMALL_BYTES, decoding_s, field_decoding_s, skipping_s, uncounted_s
from tests.controlplane.objects import FleetSize, generate
from tests.processortime import fastest_s

_MIB = 2**20


@pytest.fixture(autouse=True)
def same_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    """Samples the same places in each run: a sample may be far off once in thousands of runs."""
    monkeypatch.setattr("k8s.reading.decodingcost.token_bytes", Random(5).randbytes)  # noqa: S311  no secret


@pytest.fixture(scope="module")
def page() -> bytes:
    """A page of pods as API servers send it."""
    objects = generate(FleetSize(namespaces=4, nodes=4, deployments=20, pods=500))
    pods = [item for item in objects if item["kind"] == "Pod"]
    return msgspec.json.encode({"kind": "PodList", "metadata": {}, "items": pods})


def test_a_normal_page_is_decoded_at_once(page: bytes) -> None:
    assert len(page) > SMALL_BYTES
    assert decoding_s(page) < LONGEST_S
    assert field_decoding_s(page) < decoding_s(page)


@pytest.mark.parametrize(
    "part", [b"[],", b"{},", b'{"a":1},', b"[[[[]]]],", b'"a":1,', b"1" * 4000 + b",", b"\\n" * 100]
)
def test_what_is_dense_is_dear(part: bytes) -> None:
    assert decoding_s(part * (12 * _MIB // len(part))) > LONGEST_S


def test_text_is_cheap() -> None:
    assert decoding_s(b'"' + b"x" * 20 * _MIB + b'"') < LONGEST_S


def test_new_memory_for_very_long_texts_is_dear() -> None:
    """Checks text with a few marks as well: each one counts for a part of a window only."""
    for text in (b"x", b"x" * 62 + rb"\"", b"x" * 400 + b'","'):
        assert decoding_s(b'"' + text * (28 * _MIB // len(text)) + b'"') > LONGEST_S


def test_text_is_skipped_without_new_memory() -> None:
    for text in (b"x", b"x/", b"1."):
        assert skipping_s(b'"' + text * (30 * _MIB // len(text)) + b'"') < LONGEST_S


@pytest.mark.parametrize("part", [b"[],", b"{},", b"[[[[]]]],", b"1,", b'"a",', b"\\n"])
def test_what_is_dense_is_dear_to_skip(part: bytes) -> None:
    dense = part * (12 * _MIB // len(part))

    assert skipping_s(dense) > LONGEST_S
    assert skipping_s(dense + b"x" * 4 * _MIB) > LONGEST_S


@pytest.mark.parametrize("place", range(8))
def test_a_dense_part_is_found_wherever_it_stands(place: int) -> None:
    dense = b"[]," * (2 * _MIB // 3)
    text = b"x" * _MIB

    assert decoding_s(text * place + dense + text * (8 - place)) > LONGEST_S


def test_dense_and_thin_parts_in_turn_are_found() -> None:
    """Checks numbers of any length: a sample at the same places in each stride would miss half of them."""
    for length in (1000, 16 * 1024, 32 * 1024, 64 * 1024):
        assert decoding_s((b"[]," * (length // 3) + b"x" * length) * (8 * _MIB // (2 * length))) > LONGEST_S


def _layouts(dense: bytes, thin: bytes) -> Iterator[tuple[int, ...]]:
    """Yields lengths of alternately dense and sparse stretches that a sample missed or may miss."""
    yield from ((window, window) for window in (32, 64, 100, 128, 256, 512, 1000, 4096, 16384, 32768, 65536))
    yield from ((len(dense), len(thin)), (0, len(thin), len(dense)), (len(dense) // 2, len(thin), len(dense) // 2))
    random = Random(11)  # noqa: S311  no secret
    yield from (tuple(random.choices(range(1, 5000), k=8)) for _ in range(20))


def _laid_out(dense: bytes, thin: bytes, lengths: tuple[int, ...]) -> bytes:
    parts, taken, number = [], [0, 0], 0
    while min(taken[0] - len(dense), taken[1] - len(thin)) < 0:
        which, text = number % 2, (dense, thin)[number % 2]
        parts.append(text[taken[which] : taken[which] + lengths[number % len(lengths)]])
        taken[which] += lengths[number % len(lengths)]
        number += 1
    return b"".join(parts)


@pytest.mark.parametrize("unit", [b"[],", b'{"a":1},', b"1e1,", b'"\xc3\xa9",'])
def test_no_layout_hides_what_is_dense(unit: bytes) -> None:
    """Checks dense data in half of 4 MiB, at any place: as expensive as 2 MiB of it and 2 MiB of text."""
    dense, thin = unit * (2 * _MIB // len(unit)), b"x" * 2 * _MIB
    whole_s = decoding_s(dense) + decoding_s(thin)

    for lengths in _layouts(dense, thin):
        estimated_s = decoding_s(_laid_out(dense, thin, lengths))
        assert 0.6 * whole_s < estimated_s < 1.6 * whole_s, lengths


_CONTENTS: Final = {
    "lists": b"[],",
    "nested lists": b"[[[[]]]],",
    "objects": b"{},",
    "objects with a key": b'{"a":1},',
    "nested objects": b'{"a":{"a":{}}},',
    "integers": b"1,",
    "long integers": b"1234567890123456789012345,",
    "huge integers": b"1" * 4000 + b",",
    "texts": b'"a",',
    "short texts": b'"abc",',
    "texts that are not ASCII": b'"\xc3\xa9",',
    "wide texts": '"\U0001f600",'.encode(),
    "floats": b"1e1,",
    "fractions": b"-0.5,",
    "long fractions": b"0.12345678901234567,",
    "very long fractions": b"0." + b"1234567890" * 10 + b",",
    "extreme numbers": b"1.79e308,",
    "white space": b" " * 1000 + b"1,",
    "escapes": b'"' + b"\\n" * 1000 + b'",',
    "escaped characters": b'"' + b"\\u30c4" * 1000 + b'",',
    "long texts": b'"' + b"x" * 100_000 + b'",',
}


def test_estimates_are_near_what_is_measured() -> None:
    """Compares ratios of the times: another machine, or a busy one, is slower in all of them."""
    decoder = Decoder(Any, cost_s=uncounted_s)
    bodies = {name: b"[" + unit * (_MIB // len(unit)) + b"1]" for name, unit in _CONTENTS.items()}

    measured_s = fastest_s(*(partial(decoder.decode, body) for body in bodies.values()))
    ratios = {name: decoding_s(body) / each_s for (name, body), each_s in zip(bodies.items(), measured_s, strict=True)}

    usual = median(ratios.values())
    assert {name: ratio / usual for name, ratio in ratios.items() if not usual / 5 < ratio < usual * 5} == {}


@pytest.mark.parametrize("character", ["\U0001f600", "\u0130", "\\ud83d\\ude00"])
def test_one_wide_character_makes_a_long_text_dear(character: str) -> None:
    text = b'"' + b"x" * 20 * _MIB

    assert decoding_s(text + b'\\u003c"') < LONGEST_S
    assert decoding_s(text + character.encode() + b'"') > LONGEST_S
    assert decoding_s(text + character.encode() + b'"') > 2 * decoding_s(text + b'"')


def test_addresses_and_hashes_are_no_numbers() -> None:
    body = b"[" + b'"10.0.1.1", "registry.k8s.io/pause:3.9.1@sha256:3e4f5e6a", ' * 80_000 + b"1]"

    assert decoding_s(body) < 1.5 * decoding_s(body.replace(b".", b"x").replace(b"e", b"x"))
