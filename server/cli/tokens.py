"""`tokens create`, `list` and `revoke`."""

import asyncio
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from resolvers.audit.commandline import on_record
from resolvers.authorization import subjects_of
from resolvers.caller import Caller
from server.cli.arguments import parse_duration
from server.cli.changes import changeable_registry
from server.composition.registry import opened_registry
from server.settings.settings import load_settings
from server.terminal.output import Json, note, print_json, print_line, print_table
from store.audit.event import AuditAction
from store.tokens import CreatedToken, TokenRecord

_SECONDARY: Final = ("LAST USED", "GROUPS", "CREATED", "PREFIX")


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenOptions:
    """The options of `tokens create`.

    Attributes:
        user: The user of the token; None: a user with the name of the token.
        expires: A duration; None: never.
    """

    name: str
    user: str | None = None
    groups: Sequence[str] = ()
    is_administrator: bool = False
    expires: str | None = None


def create_token(options: TokenOptions) -> None:
    """Prints a new token and nothing else on stdout.

    Raises:
        InputError: The duration is invalid.
        InvalidValue: A name is invalid.
        NameTaken: A token has that name.
    """
    expires_at = None if options.expires is None else datetime.now(UTC) + parse_duration(options.expires)

    async def create() -> tuple[CreatedToken, bool]:
        async with changeable_registry(load_settings()) as registry:
            async with on_record(registry.audit, AuditAction.TOKEN_CREATE, resource="tokens", name=options.name):
                created = await registry.tokens.create(
                    options.name,
                    is_administrator=options.is_administrator,
                    user=options.user,
                    groups=options.groups,
                    expires_at=expires_at,
                )
            record = created.record
            caller = Caller(name=record.user, groups=record.groups, is_administrator=record.is_administrator)
            return created, caller.is_administrator or bool(await registry.grants.of(subjects_of(caller)))

    created, sees_clusters = asyncio.run(create())
    print_line(created.plaintext)
    note(f"Token {options.name} for {_bearer(created.record)}, {_validity(created.record)}. It is not shown again.")
    if not sees_clusters:
        note(
            f"{created.record.user} has no grants yet, so no cluster exists for this token. Grant some, such as with: "
            f"fleetgraph grants add --user {shlex.quote(created.record.user)} --all-clusters --cluster-role view"
        )


def list_tokens(*, as_json: bool) -> None:
    """Prints all tokens, sorted by name."""
    records = asyncio.run(_records())
    if as_json:
        print_json([_token_json(record) for record in records])
    elif not records:
        note("There are no tokens; create one with: fleetgraph tokens create --name NAME")
    else:
        columns = ("NAME", "PREFIX", "USER", "GROUPS", "ROLE", "STATE", "CREATED", "EXPIRES", "LAST USED")
        print_table(columns, [_token_row(record) for record in records], secondary=_SECONDARY)


def revoke_token(name: str) -> None:
    """Ends a token; raises NotFound."""

    async def revoke() -> TokenRecord:
        async with (
            changeable_registry(load_settings()) as registry,
            on_record(registry.audit, AuditAction.TOKEN_REVOKE, resource="tokens", name=name),
        ):
            return await registry.tokens.revoke(name)

    print_line(f"revoked   {asyncio.run(revoke()).name}")


async def _records() -> tuple[TokenRecord, ...]:
    async with opened_registry(load_settings()) as registry:
        return await registry.tokens.all()


def _token_row(record: TokenRecord) -> tuple[str, ...]:
    times = (record.created_at, record.expires_at, record.last_used_at)
    bearer = (record.user, ", ".join(sorted(record.groups)), _role(record))
    return (record.name, record.prefix, *bearer, _state(record), *(_minute(time) for time in times))


def _token_json(record: TokenRecord) -> Json:
    return {
        "name": record.name,
        "prefix": record.prefix,
        "user": record.user,
        "groups": sorted(record.groups),
        "role": _role(record),
        "state": _state(record),
        "createdAt": _iso(record.created_at),
        "expiresAt": _iso(record.expires_at),
        "lastUsedAt": _iso(record.last_used_at),
        "revokedAt": _iso(record.revoked_at),
    }


def _role(record: TokenRecord) -> str:
    return "administrator" if record.is_administrator else "user"


def _bearer(record: TokenRecord) -> str:
    return f"the administrator {record.user}" if record.is_administrator else f"the user {record.user}"


def _state(record: TokenRecord) -> str:
    if record.revoked_at is not None:
        return "revoked"
    return "expired" if record.expires_at is not None and record.expires_at <= datetime.now(UTC) else "valid"


def _validity(record: TokenRecord) -> str:
    return "valid for ever" if record.expires_at is None else f"valid until {_minute(record.expires_at)}"


def _minute(time: datetime | None) -> str:
    return "never" if time is None else time.strftime("%Y-%m-%d %H:%M UTC")


def _iso(time: datetime | None) -> str | None:
    return None if time is None else time.isoformat()
