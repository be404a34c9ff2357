"""`keys list`, `rotate` and `prune`."""

import asyncio
from collections.abc import Mapping

from resolvers.audit.commandline import on_record
from server.cli.changes import changeable_registry
from server.commanderrors import ExitCode
from server.composition.registry import opened_registry
from server.settings.settings import load_settings
from server.terminal.output import Json, note, note_warning, print_json, print_line, print_table
from server.terminal.progressbar import progress_bar
from store.audit.event import AuditAction
from store.keys.keyring import KeyRing
from store.keys.rotation import KeyUse, Pruned, Rotated, key_use


def list_keys(*, as_json: bool) -> None:
    """Prints all keys, by version."""
    keys, uses = asyncio.run(_read())
    if as_json:
        print_json([_key_json(version, keys, uses) for version in keys.versions])
    else:
        print_table(("VERSION", "STATE", "CREDENTIALS", "SNAPSHOT PARTS"), _rows(keys, uses))


def rotate_keys(*, as_json: bool) -> ExitCode:
    """Adds a key and encrypts everything again; raises KeyRingError if the keys cannot be changed."""

    async def rotate() -> Rotated:
        async with changeable_registry(load_settings()) as registry:
            uses = await key_use(registry.database)
            total = sum(len(use.clusters) + use.parts for use in uses.values())
            with progress_bar("Encrypting", total=total) as advance:

                def advance_by(rows: int) -> None:
                    for _ in range(rows):
                        advance()

                async with on_record(registry.audit, AuditAction.KEY_ROTATE, resource="keys"):
                    return await registry.rotation.rotate(on_done=advance_by)

    rotated = asyncio.run(rotate())
    if as_json:
        print_json(_rotated_json(rotated))
    else:
        _print_rotated(rotated)
    for name in sorted(rotated.reencrypted.unreadable):
        note_warning(f"{name} cannot be decrypted and is still under its old key; import it again, or remove it.")
    return ExitCode.FAILED if rotated.reencrypted.unreadable else ExitCode.OK


def prune_keys(*, as_json: bool) -> None:
    """Removes keys that nothing needs; raises KeyRingError if the file cannot be changed."""

    async def prune() -> Pruned:
        async with (
            changeable_registry(load_settings()) as registry,
            on_record(registry.audit, AuditAction.KEY_ROTATE, resource="keys/unused"),
        ):
            return await registry.rotation.prune()

    pruned = asyncio.run(prune())
    names = ", ".join(f"v{version}" for version in pruned.versions)
    if as_json:
        print_json({"removed" if pruned.is_done else "unused": list(pruned.versions)})
    elif not pruned.versions:
        print_line("Every key is needed.")
    elif pruned.is_done:
        print_line(f"removed   {names}")
    else:
        print_line(f"unused    {names}: remove it from FLEETGRAPH_ENCRYPTION_KEYS on every replica.")


async def _read() -> tuple[KeyRing, Mapping[int, KeyUse]]:
    async with opened_registry(load_settings()) as registry:
        return registry.keys, await key_use(registry.database)


def _rows(keys: KeyRing, uses: Mapping[int, KeyUse]) -> list[tuple[str, ...]]:
    return [_row(version, keys, uses.get(version, KeyUse())) for version in keys.versions]


def _row(version: int, keys: KeyRing, use: KeyUse) -> tuple[str, ...]:
    return (f"v{version}", _state(version, keys, use), str(len(use.clusters)), str(use.parts))


def _key_json(version: int, keys: KeyRing, uses: Mapping[int, KeyUse]) -> Json:
    use = uses.get(version, KeyUse())
    return {
        "version": version,
        "state": _state(version, keys, use),
        "clusters": list(use.clusters),
        "snapshotParts": use.parts,
    }


def _state(version: int, keys: KeyRing, use: KeyUse) -> str:
    """Returns `current` (encrypts), `needed` (only decrypts) or `unused` (may be pruned)."""
    if version == keys.current_version:
        return "current"
    return "needed" if use.clusters or use.parts else "unused"


def _print_rotated(rotated: Rotated) -> None:
    reencrypted = rotated.reencrypted
    origin = "a new key" if rotated.is_new else "which was there already"
    print_line(
        f"rotated   v{rotated.version} ({origin}): {reencrypted.clusters} credentials and {reencrypted.parts} "
        "snapshot parts encrypted again"
    )
    if rotated.is_new:
        note("Keep a copy of the key file. The old key goes with: fleetgraph keys prune")


def _rotated_json(rotated: Rotated) -> Json:
    reencrypted = rotated.reencrypted
    return {
        "version": rotated.version,
        "isNew": rotated.is_new,
        "credentials": reencrypted.clusters,
        "snapshotParts": reencrypted.parts,
        "unreadable": sorted(reencrypted.unreadable),
    }
