"""The language that is negotiated for a caller."""

import asyncio

import pytest

from resolvers.messages.language import Language, current_language, negotiated, speaking

EN, ZH = Language.ENGLISH, Language.CHINESE


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", EN),
        ("en", EN),
        ("zh", ZH),
        ("ZH-cn", ZH),
        ("zh-Hans", ZH),
        ("zh-Hans-CN", ZH),
        ("zh-TW", ZH),
        ("zh-CN,zh;q=0.9,en;q=0.8", ZH),
        ("en-GB,en;q=0.9,zh;q=0.8", EN),
        ("en;q=0.5, zh;q=0.6", ZH),
        ("zh;q=0, en", EN),
        ("zh;q=0", EN),
        ("de, fr;q=0.9, zh;q=0.1", ZH),
        ("de, *;q=0.5", EN),
        ("*", EN),
        ("zh ; q = 0.5", ZH),
        ("zh;q=1.5", EN),
        ("zh;q=abc", EN),
        ("zhx", EN),
        ("zh\x00", EN),
        (",,;;,zh", ZH),
        ("x" * 1_000_000 + ",zh", EN),
    ],
)
def test_the_most_wanted_one_that_there_is(header: str, expected: Language) -> None:
    assert negotiated(header) is expected


async def test_tasks_speak_the_language_of_who_started_them() -> None:
    async def speak() -> Language:
        return current_language()

    with speaking(ZH):
        task = asyncio.create_task(speak())

    assert (await task, current_language()) == (ZH, EN)
