"""Numbered tokens, and a wall clock that is moved by hand."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from k8s.credentials.credential import Secret
from k8s.credentials.tokens import IssuedToken


@dataclass
class WallClock:
    """A clock that stops until it is moved."""

    now: datetime = datetime(2026, 3, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_s(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass
class Issuer:
    """An issuer of token-1, token-2 and so on; it fails if `failure` is set, and waits if `gate` is."""

    clock: WallClock
    life: timedelta | None = timedelta(minutes=10)
    failure: Exception | None = None
    gate: asyncio.Event | None = None
    issued: int = 0
    tokens: list[str] = field(default_factory=list)

    async def __call__(self) -> IssuedToken:
        self.issued += 1
        if self.gate is not None:
            await self.gate.wait()
        if self.failure is not None:
            raise self.failure
        self.tokens.append(f"token-{self.issued}")
        return IssuedToken(Secret(self.tokens[-1]), None if self.life is None else self.clock() + self.life)
