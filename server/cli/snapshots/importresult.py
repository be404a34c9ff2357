"""What came of the import of a dump: as lines for people, as JSON for programs."""

from typing import Final

from server.terminal.output import Json, note, print_line
from snapshots.dumps.dump import Dump, DumpedKind
from store.clusters.snapshots import StoredSnapshot

_MOST_NAMED: Final = 20


def print_snapshot(stored: StoredSnapshot, dump: Dump) -> None:
    """One line that says what happened, and on stderr one for each thing that one should know."""
    tally = dump.tally
    kinds = sum(1 for kind in dump.kinds if kind.objects)
    what = f"{dump.version}, taken {dump.taken_at:%Y-%m-%d %H:%M} UTC, {_count(dump.objects, 'object')} of "
    skipped = f", {tally.broken_count} skipped" if tally.broken_count else ""
    print_line(f"{_word(stored):9} {stored.record.name}: {what}{_count(kinds, 'kind')}{skipped}")
    for broken in tally.broken[:_MOST_NAMED]:
        note(f"skipped: {broken}")
    if tally.broken_count > _MOST_NAMED:
        note(f"skipped: {tally.broken_count - _MOST_NAMED} more; --json names them.")
    if tally.duplicates:
        note(f"{_count(tally.duplicates, 'object')} stood there more than once; the newest of each is kept.")
    if tally.ignored_files:
        note(f"{_count(tally.ignored_files, 'file')} without objects, as logs, left out.")
    for guessed in (kind for kind in dump.kinds if kind.is_guessed):
        note(f"guessed: {_guess_words(guessed)}; no CustomResourceDefinition says it.")
    if dump.manifest is not None:
        for missing in dump.manifest.skipped:
            note(f"not in the snapshot: {missing.resource}: {missing.cause}")


def snapshot_json(stored: StoredSnapshot, dump: Dump) -> Json:
    """The same for programs."""
    tally = dump.tally
    return {
        "name": stored.record.name,
        "context": None,
        "result": _word(stored),
        "version": dump.version,
        "takenAt": dump.taken_at.isoformat(),
        "objects": dump.objects,
        "kinds": [
            {
                "apiVersion": dumped.kind.api_version,
                "kind": dumped.kind.name,
                "plural": dumped.kind.plural,
                "namespaced": dumped.kind.namespaced,
                "objects": dumped.objects,
                "isGuessed": dumped.is_guessed,
            }
            for dumped in dump.kinds
        ],
        "skipped": tally.broken_count,
        "skippedPlaces": [{"path": each.path, "line": each.line, "cause": each.cause} for each in tally.broken],
        "duplicates": tally.duplicates,
        "ignoredFiles": tally.ignored_files,
        "error": None,
    }


def _word(stored: StoredSnapshot) -> str:
    return "added" if stored.replaced is None else "replaced"


def _count(count: int, thing: str) -> str:
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"


def _guess_words(guessed: DumpedKind) -> str:
    scope = "in namespaces" if guessed.kind.namespaced else "without namespaces"
    return f"{guessed.kind.api_version} {guessed.kind.name} is taken for {guessed.kind.plural}, {scope}"
