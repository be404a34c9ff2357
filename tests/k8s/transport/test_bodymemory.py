"""The memory of all bodies: limited, shared by clusters, and without deadlocks."""

import asyncio

from k8s.transport.bodymemory import FREE_BYTES, BodyMemory, Portion

ANSWER = 1000


def _portion(memory: BodyMemory, cluster: str, *, is_wanted: bool = True) -> Portion:
    portion = Portion(is_wanted=is_wanted)
    portion.begin(memory, cluster)
    return portion


async def _grows(portion: Portion, size_bytes: int) -> "asyncio.Task[None]":
    task = asyncio.create_task(portion.grow(size_bytes))
    for _ in range(5):
        await asyncio.sleep(0)
    return task


async def test_short_bodies_take_nothing() -> None:
    memory = BodyMemory(ANSWER)

    await _portion(memory, "a").grow(FREE_BYTES)

    assert memory.taken_bytes == 0


async def test_beyond_the_whole_one_body_grows_and_others_wait_for_room() -> None:
    memory = BodyMemory(ANSWER)
    for number in range(4):
        await _portion(memory, f"c{number}").grow(FREE_BYTES + ANSWER)
    first, second = _portion(memory, "x"), _portion(memory, "y")

    await first.grow(FREE_BYTES + ANSWER)
    waiting = await _grows(second, FREE_BYTES + ANSWER)

    assert not waiting.done()
    assert memory.taken_bytes == 5 * ANSWER
    first.release()
    await waiting
    assert memory.taken_bytes == 5 * ANSWER


async def test_a_cluster_has_its_share_and_one_body_beyond() -> None:
    memory = BodyMemory(ANSWER)
    for _ in range(2):
        await _portion(memory, "a").grow(FREE_BYTES + ANSWER)

    waiting = await _grows(_portion(memory, "a"), FREE_BYTES + 1)
    await _portion(memory, "b").grow(FREE_BYTES + ANSWER)

    assert not waiting.done()
    waiting.cancel()


async def test_a_body_that_nobody_waits_for_yet_goes_beyond_nothing() -> None:
    memory = BodyMemory(ANSWER)
    ahead = _portion(memory, "a", is_wanted=False)
    await ahead.grow(FREE_BYTES + ANSWER)

    waiting = await _grows(ahead, 1)

    assert not waiting.done()
    ahead.want()
    await waiting


async def test_what_is_given_back_is_gone() -> None:
    memory = BodyMemory(ANSWER)
    portion = _portion(memory, "a")
    await portion.grow(FREE_BYTES + 10)

    portion.release()
    portion.release()

    assert memory.taken_bytes == 0
