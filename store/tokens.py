"""API tokens: created and shown once, stored as a hash, with the time of their last use.

A token has 256 random bits, so a plain SHA-256 is strong enough: slow hashes are for passwords that people choose.
"""

import asyncio
import hashlib
import hmac
import logging
import re
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import uuid4

from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select, update

from store.database.database import Database
from store.database.tables import ApiToken
from store.errors import InvalidValue, NameTaken, NotFound, StoreUnavailable
from store.names import is_storable, require_token_groups, require_token_name, require_token_user
from store.tokenlookup import TokenLookup
from store.utctime import utc_now

_log = logging.getLogger("store.lastuse")

PRECISION: Final = timedelta(minutes=1)  # of the time of the last use, which limits the number of writes
_SECRET_BYTES: Final = 32
_PREFIX_BYTES: Final = 6
_FORM: Final = re.compile(r"fgt_([0-9a-f]{12})_[A-Za-z0-9_-]{43}")  # a pattern for scanners of leaked secrets
_NO_HASH: Final = bytes(32)


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRecord:
    """A stored token without its secret. Times are in UTC; None means never.

    Attributes:
        name: The name of the token.
        user: The user of its bearer; several tokens may have the same user.
        groups: The groups of its bearer.
    """

    id: str
    name: str
    prefix: str
    user: str
    groups: frozenset[str]
    is_administrator: bool
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CreatedToken:
    """A new token, with the only copy of its text."""

    plaintext: str = field(repr=False)
    record: TokenRecord


class Tokens:
    """The repository of API tokens. Every call raises `StoreUnavailable` if the database does not answer."""

    def __init__(self, database: Database, *, clock: Callable[[], datetime] = utc_now) -> None:
        self._database = database
        self._clock = clock
        self._lookup = TokenLookup(database)
        self._last_use = LastUse(database)

    async def create(
        self,
        name: str,
        *,
        is_administrator: bool,
        user: str | None = None,
        groups: Iterable[str] = (),
        expires_at: datetime | None = None,
    ) -> CreatedToken:
        """Creates a token.

        Args:
            name: The name of the token.
            is_administrator: Whether its bearer is an administrator.
            user: The user of its bearer; None means a user with the token's name.
            groups: The groups of its bearer.
            expires_at: The time of expiry, with a time zone.

        Raises:
            NameTaken: A token has that name; so does a revoked one, so that logs stay unambiguous.
            InvalidValue: A name is invalid or reserved, or the time of expiry is not in the future.
        """
        now = self._clock()
        require_token_name(name)
        group_names = sorted(set(groups))
        require_token_user(name if user is None else user)
        require_token_groups(group_names)
        _require_future(expires_at, now)
        prefix = secrets.token_hex(_PREFIX_BYTES)
        plaintext = f"fgt_{prefix}_{secrets.token_urlsafe(_SECRET_BYTES)}"
        row = ApiToken(
            id=str(uuid4()),
            name=name,
            prefix=prefix,
            secret_sha256=_hash(plaintext),
            user_name=name if user is None else user,
            groups=group_names,
            is_administrator=is_administrator,
            created_at=now,
            expires_at=expires_at,
        )
        try:
            async with self._database.write() as session:
                session.add(row)
        except IntegrityError as error:  # the prefix, 48 random bits, does not repeat
            raise NameTaken(name, f"A token named {name!r} exists or was revoked. Choose another name.") from error
        return CreatedToken(plaintext=plaintext, record=_record(row))

    async def verify(self, plaintext: str) -> TokenRecord | None:
        """Returns the token, or None if it is malformed, unknown, wrong, expired or revoked, without the cause.

        It always reads the database, so a revocation holds at once. The use of the token is written later, at most once
        a minute.
        """
        matched = _FORM.fullmatch(plaintext)
        if matched is None:
            return None
        row = await self._lookup.row(matched.group(1))
        expected = _NO_HASH if row is None else row.secret_sha256
        if not hmac.compare_digest(expected, _hash(plaintext)) or row is None:
            return None
        return self._accepted(_record(row))

    async def all(self) -> tuple[TokenRecord, ...]:
        """Returns every token, revoked and expired ones included, ordered by name."""
        async with self._database.read() as session:
            rows = [_record(row) for row in await session.exec(select(ApiToken))]
        return tuple(sorted(rows, key=lambda record: record.name))

    async def revoke(self, name: str) -> TokenRecord:
        """Revokes a token for good; the time of the first revocation stays. Raises `NotFound`."""
        async with self._database.write() as session:
            statement = select(ApiToken).where(col(ApiToken.name) == name).with_for_update()
            row = (await session.exec(statement)).one_or_none() if is_storable(name) else None
            if row is None:
                raise NotFound(name, f"No token is named {name[:80]!r}.")
            row.revoked_at = row.revoked_at or self._clock()
            session.add(row)
        return _record(row)

    async def drain(self) -> None:
        """Waits until all noted uses are written, or failed."""
        await self._last_use.drain()

    def _accepted(self, record: TokenRecord) -> TokenRecord | None:
        now = self._clock()
        is_expired = record.expires_at is not None and record.expires_at <= now
        if is_expired or record.revoked_at is not None:
            return None
        self._last_use.note(record.id, record.last_used_at, now=now)
        return record


def _hash(plaintext: str) -> bytes:
    return hashlib.sha256(plaintext.encode()).digest()


def _require_future(expires_at: datetime | None, now: datetime) -> None:
    if expires_at is None:
        return
    if expires_at.tzinfo is None:
        raise InvalidValue("The time of expiry needs a time zone.")
    if expires_at <= now:
        raise InvalidValue("The time of expiry must be in the future.")


def _record(row: ApiToken) -> TokenRecord:
    return TokenRecord(
        id=row.id,
        name=row.name,
        prefix=row.prefix,
        user=row.user_name,
        groups=frozenset(row.groups),
        is_administrator=row.is_administrator,
        created_at=row.created_at,
        expires_at=row.expires_at,
        last_used_at=row.last_used_at,
        revoked_at=row.revoked_at,
    )


class LastUse:
    """The times of the last uses of tokens; drain it before its database is closed.

    A locked or slow database must not delay a request that only reads, so each use is written by a separate task, one
    a token at a time. After a failure, the next use tries again; only the time in the list of tokens depends on it.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._writing: dict[str, asyncio.Task[None]] = {}

    def note(self, token_id: str, previous: datetime | None, *, now: datetime) -> None:
        """Starts to write the use, unless the previous one is recent or a write of this token is running."""
        if token_id in self._writing or (previous is not None and now - previous < PRECISION):
            return
        task = asyncio.create_task(self._write(token_id, now))
        self._writing[token_id] = task
        task.add_done_callback(lambda _: self._writing.pop(token_id, None))

    async def drain(self) -> None:
        """Waits for all running writes."""
        await asyncio.gather(*self._writing.values())

    async def _write(self, token_id: str, now: datetime) -> None:
        try:
            async with self._database.write() as session:
                await session.exec(update(ApiToken).where(col(ApiToken.id) == token_id).values(last_used_at=now))
        except StoreUnavailable as error:
            _log.warning("the last use of an API token was not written: %s", error)
