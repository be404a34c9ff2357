"""Garbage is collected, and memory given back, when the process has grown and is not busy."""

from dataclasses import dataclass, field

from resolvers.limits import MIB
from resolvers.memory import MemoryBudget
from server.upkeep import Upkeep


@dataclass
class Process:
    """A process whose memory is what a test says."""

    resident_bytes: int = 100 * MIB
    done: list[str] = field(default_factory=list)

    def upkeep(self, budget: MemoryBudget) -> Upkeep:
        return Upkeep(
            budget,
            resident=lambda: self.resident_bytes,
            collect=lambda: self.done.append("collected"),
            give_back=self._give_back,
        )

    def _give_back(self) -> None:
        self.done.append("given back")
        self.resident_bytes -= 20 * MIB


async def test_a_process_that_has_grown_collects_and_gives_back() -> None:
    process, budget = Process(), MemoryBudget()
    upkeep = process.upkeep(budget)
    process.resident_bytes = 150 * MIB

    await upkeep.look()
    await upkeep.look()

    assert process.done == ["collected", "given back"]
    assert budget.settled_bytes == 130 * MIB


async def test_one_that_has_not_grown_does_nothing() -> None:
    process, budget = Process(), MemoryBudget()
    upkeep = process.upkeep(budget)
    process.resident_bytes += 5 * MIB

    await upkeep.look()

    assert process.done == []
    assert budget.settled_bytes == 100 * MIB


async def test_it_does_not_stop_operations_that_hold_much() -> None:
    process, budget = Process(), MemoryBudget()
    upkeep = process.upkeep(budget)
    process.resident_bytes += 500 * MIB
    share = budget.share("a")
    share.charge(10 * MIB)

    await upkeep.look()
    assert process.done == []
    share.close()
    await upkeep.look()
    assert process.done == ["collected", "given back"]


async def test_where_memory_cannot_be_measured_nothing_is_done() -> None:
    process, budget = Process(resident_bytes=0), MemoryBudget()

    await process.upkeep(budget).look()

    assert (process.done, budget.settled_bytes) == ([], MemoryBudget().settled_bytes)
