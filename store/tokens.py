"""API tokens: made once, shown once, kept as a hash.

A token has 256 random bits, so a plain SHA-256 is as strong as it is: slow hashes are for what people choose.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import uuid4

from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from store.clock import utc_now
from store.database.database import Database
from store.database.tables import ApiToken
from store.errors import InvalidValue, NameTaken, NotFound
from store.lastuse import LastUse
from store.names import is_storable, require_token_groups, require_token_name, require_token_user
from store.tokenlookup import TokenLookup

_SECRET_BYTES: Final = 32
_PREFIX_BYTES: Final = 6
_FORM: Final = re.compile(r"fgt_([0-9a-f]{12})_[A-Za-z0-9_-]{43}")  # so that scanners for leaked secrets can find it
_NO_HASH: Final = bytes(32)


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRecord:
    """What is known of a token. Times are in UTC; None means never.

    Attributes:
        name: what the token is called.
        user: whom its bearer is known as; several tokens may stand for one user.
        groups: those that its bearer is a member of.
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
        """Makes a token.

        Args:
            name: What to call it.
            is_administrator: Whether its bearer is one.
            user: Whom it stands for; left out, a user of the token's name.
            groups: Those that its bearer is a member of.
            expires_at: When it ends, with a time zone.

        Raises:
            NameTaken: A token has that name; a revoked one keeps its name, so that logs stay unambiguous.
            InvalidValue: A name is unreadable or not a token's to have, or the end is not in the future.
        """
        now = self._clock()
        require_token_name(name)
        held = sorted(set(groups))
        require_token_user(name if user is None else user)
        require_token_groups(held)
        _require_future(expires_at, now)
        prefix = secrets.token_hex(_PREFIX_BYTES)
        plaintext = f"fgt_{prefix}_{secrets.token_urlsafe(_SECRET_BYTES)}"
        row = ApiToken(
            id=str(uuid4()),
            name=name,
            prefix=prefix,
            secret_sha256=_hash(plaintext),
            user_name=name if user is None else user,
            groups=held,
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
        """Returns the token, or None if it is malformed, unknown, wrong, expired or revoked; callers cannot tell which.

        The answer is always the database's own, so a revocation holds at once. It only reads: that the token was used
        is written afterwards, at most once a minute.
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
        """Ends a token for good; the first revocation's time stays. Raises `NotFound`."""
        async with self._database.write() as session:
            statement = select(ApiToken).where(col(ApiToken.name) == name).with_for_update()
            row = (await session.exec(statement)).one_or_none() if is_storable(name) else None
            if row is None:
                raise NotFound(name, f"No token is named {name[:80]!r}.")
            row.revoked_at = row.revoked_at or self._clock()
            session.add(row)
        return _record(row)

    async def drain(self) -> None:
        """Waits until the uses that were noticed are written, or could not be."""
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
        raise InvalidValue("The end of a token needs a time zone.")
    if expires_at <= now:
        raise InvalidValue("The end of a token must be in the future.")


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
