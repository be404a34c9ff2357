"""The result of the import of a dump: for people, with everything that is missing, and as JSON."""

from typing import Final

from server.terminal.output import Json, note, print_line
from server.terminal.terminal import sentence
from snapshots.dumps.dump import Dump, DumpedKind, Tally
from snapshots.dumps.errors import Lost
from store.clusters.snapshots import StoredSnapshot

_MOST_NAMED: Final = 20
_LOST_WORDS: Final = {
    Lost.OBJECT: ("object", "objects"),
    Lost.DOCUMENT: ("unreadable document", "unreadable documents"),
    Lost.TEXT: ("text around the objects", "texts around the objects"),
}


def print_snapshot(stored: StoredSnapshot, dump: Dump) -> None:
    """Prints one line with the result, and notes on stderr for skipped, duplicate and guessed objects."""
    tally = dump.tally
    kinds = sum(1 for kind in dump.kinds if kind.objects)
    summary = f"{dump.version}, taken {dump.taken_at:%Y-%m-%d %H:%M} UTC, {_count(dump.objects, 'object')} of "
    skipped = f", {tally.broken_count} skipped" if tally.broken_count else ""
    print_line(f"{_word(stored):9} {stored.record.name}: {summary}{_count(kinds, 'kind')}{skipped}")
    for broken in tally.broken[:_MOST_NAMED]:
        note(sentence(f"skipped: {broken}"))
    if tally.broken_count > _MOST_NAMED:
        note(f"skipped: {tally.broken_count - _MOST_NAMED} more; --json names them.")
    if tally.duplicates:
        note(f"{_count(tally.duplicates, 'object')} occurred more than once; the newest of each is used.")
    if tally.ignored_files:
        note(f"{_count(tally.ignored_files, 'file')} without objects, such as logs, left out.")
    for guessed in (kind for kind in dump.kinds if kind.is_guessed):
        note(f"guessed: {_guess_words(guessed)}; the dump has no CustomResourceDefinition for it.")
    if dump.manifest is not None:
        for missing in dump.manifest.skipped:
            note(sentence(f"not in the snapshot: {missing.resource}: {missing.cause}"))
    if tally.lost:
        note(_lost_words(dump.objects, tally))


def snapshot_json(stored: StoredSnapshot, dump: Dump) -> Json:
    """Returns the same for programs."""
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
                "canBeQueried": True,  # `objects` has every kind
            }
            for dumped in dump.kinds
        ],
        "skipped": tally.broken_count,
        "skippedPlaces": [{"path": broken.path, "line": broken.line, "cause": broken.cause} for broken in tally.broken],
        "leftOut": {
            "objects": tally.lost[Lost.OBJECT],
            "documents": tally.lost[Lost.DOCUMENT],
            "texts": tally.lost[Lost.TEXT],
        },
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
    return f"{guessed.kind.api_version} {guessed.kind.name} is treated as {guessed.kind.plural}, {scope}"


def _lost_words(objects: int, tally: Tally) -> str:
    """Returns the numbers of everything that is missing."""
    counts = ((tally.lost[what], words) for what, words in _LOST_WORDS.items())
    lost = ", ".join(f"{count} {one if count == 1 else many}" for count, (one, many) in counts if count)
    return f"{_count(objects, 'object')} of {objects + tally.lost[Lost.OBJECT]} read; left out: {lost}."
