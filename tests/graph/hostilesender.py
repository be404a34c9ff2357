"""A sender that acts as a hostile API server: its answers are true ones with arbitrary replacements."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Final

import msgspec

from k8s.errors import ClusterError
from k8s.transport.body import OnPrefix
from k8s.transport.call import Call
from k8s.transport.deadline import Deadline
from k8s.transport.sender import Sender
from k8s.transport.status import status_error
from tests.controlplane.json_object import JsonValue

_TIMES: Final = (
    *("2026-13-45T99:99:99Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2026-01-01T00:00:00", "0000-00-00"),
    *("0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "2026-01-01T00:00:00.9999999999999Z", "24:00"),
)
_NUMBERS: Final = (0, -1, 1.5, -0.0, 1e300, 2**31, 2**63, -(2**64), 10**40, 10**400)
_TEXTS: Final = (
    *("", "x", "\0", "a" * 300, "../..", "a/b", "é😀", "\u2028", "True", "None", "{}", "a=b,c", "\r\nX: y"),
    *("1e999", "1E400Gi", "-" + "9" * 60 + "Ki", "1" * 60, "NaN", "Infinity", "1_000", "٣", "100%", "-5%", "%", "1h"),
    *_TIMES,
)
_SHAPES: Final = ("[]", "{}", "[null]", "[[]]", "[{}]", '{"a": null}', '{"": {"": {}}}', '[1, "a", null]')
ODD: Final[tuple[JsonValue, ...]] = (None, True, *_NUMBERS, *_TEXTS, *map(json.loads, _SHAPES))
RAW: Final[Mapping[str, bytes]] = {
    "nothing": b"",
    "null": b"null",
    "a number": b"1",
    "a list": b"[]",
    "no JSON": b"<html>",
    "cut off": b'{"kind":"PodList","items":[{"metadata":{"na',
    "NaN": b'{"items":NaN,"status":NaN,"gitVersion":NaN}',
    "no UTF-8": b'{"kind":"\xff","items":[],"gitVersion":"\xff","status":"\xff"}',
    "lone surrogates": b'{"kind":"\\ud800","items":[],"gitVersion":"\\udc00"}',
    "deep lists": b'{"items":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "deep objects": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "deep below": b'{"items":[{"metadata":{"name":' + b"[" * 100_000,
    "deep in parts": b'{"status":{"userInfo":{"username":' + b'{"a":' * 100_000,
    "a huge integer": b'{"items":[],"metadata":{"remainingItemCount":'
    + b"9" * 5000
    + b'},"status":'
    + b"9" * 5000
    + b"}",
    "a huge float": b'{"items":[],"metadata":{"remainingItemCount":1e400},"status":1e400}',
    "a claim": b'{"items":[],"metadata":{"continue":"x","remainingItemCount":1000000000000000000}}',
    "a claim of less": b'{"items":[],"metadata":{"continue":"x","remainingItemCount":-1000000000000000000}}',
    "a long token": b'{"items":[],"metadata":{"continue":"' + b"x" * 3_000_000 + b'"}}',
    "a long version": b'{"items":[],"metadata":{"resourceVersion":"' + b"9" * 3_000_000 + b'"}}',
    "keys twice": b'{"kind":"X","kind":"","items":[],"items":null,"status":{},"status":null}',
    "numbers as items": b'{"items":[1,2,3]}',
    "nulls as items": b'{"items":[null,null]}',
    "numbers as names": b'{"items":[{"metadata":{"name":1,"namespace":2}}]}',
    "no names": b'{"items":[{"metadata":{}},{}]}',
    "no namespaces": b'{"items":[{"metadata":{"name":"a"}},{"metadata":{"name":"b"}}]}',
    "empty names": b'{"items":[{"metadata":{"name":"","namespace":""}},{"metadata":{"name":"","namespace":""}}]}',
    "a long name": b'{"items":[{"metadata":{"namespace":"a","name":"' + b"x{[," * 700_000 + b'"}}]}',
}
"""Answers that do not depend on the request."""


def mutated(value: JsonValue, random: Random, chance: float) -> JsonValue:
    """Returns a value in which each part may be replaced, left out or repeated."""
    if random.random() < chance:
        return random.choice(ODD)
    match value:
        case dict():
            return {
                key if random.random() > chance / 2 else f"{key}{key}": mutated(item, random, chance)
                for key, item in value.items()
                if random.random() > chance / 2
            }
        case list():
            repeated = [item for item in value for _ in range(random.choice((0, 2)) if random.random() < chance else 1)]
            return [mutated(item, random, chance) for item in repeated]
        case _:
            return value


def of_its_type(value: JsonValue, random: Random, chance: float) -> JsonValue:
    """Returns a value whose texts and numbers may be replaced by others: it can always be decoded."""
    match value:
        case dict():
            return {key: of_its_type(item, random, chance) for key, item in value.items()}
        case list():
            return [of_its_type(item, random, chance) for item in value]
        case str() if random.random() < chance:
            return random.choice(_TEXTS)
        case int() if not isinstance(value, bool) and random.random() < chance:
            return random.choice([number for number in _NUMBERS if isinstance(number, int)])
        case _:
            return value


Change = Callable[[JsonValue, Random, float], JsonValue]


@dataclass
class HostileSender:
    """A sender that changes the answers of another one; a refusal gets an invalid Status."""

    sender: Sender
    random: Random
    chance: float = 0.02
    change: Change = mutated

    @property
    def name(self) -> str:
        """Returns the cluster's name."""
        return self.sender.name

    async def send(self, call: Call, deadline: Deadline, *, on_prefix: OnPrefix | None = None) -> bytes:
        """Returns the changed answer."""
        if self.random.random() < self.chance:
            return self.random.choice(list(RAW.values()))
        try:
            body = await self.sender.send(call, deadline)
        except ClusterError:
            status, answer = self.random.choice((400, 401, 403, 404, 409, 410, 429, 500, 999)), self._raw()
            raise status_error(self.name, status=status, body=answer, verb=call.verb, target=call.target) from None
        return json.dumps(self.change(msgspec.json.decode(body), self.random, self.chance)).encode()

    def _raw(self) -> bytes:
        return self.random.choice(list(RAW.values()))


@dataclass
class RawSender:
    """A sender that answers everything with the same bytes."""

    name: str
    answer: bytes

    async def send(self, call: Call, deadline: Deadline, *, on_prefix: OnPrefix | None = None) -> bytes:
        """Returns the bytes."""
        if on_prefix is not None:
            on_prefix(self.answer[:1024])
        return self.answer
