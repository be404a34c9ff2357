"""The results of an import and of a new snapshot: for people, with everything that is missing, and as JSON."""

from pathlib import Path
from typing import Final

from server.terminal.output import Json, note, print_json, print_line
from server.terminal.terminal import sentence
from snapshots.dumps.dump import Dump, DumpedKind, Tally
from snapshots.dumps.errors import Lost
from snapshots.dumps.manifest import Manifest
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


def print_written(path: Path, manifest: Manifest, *, as_json: bool) -> None:
    """Prints the content of the file, and the skipped kinds."""
    objects = sum(kind.objects for kind in manifest.kinds)
    size_bytes = path.stat().st_size
    if as_json:
        print_json(
            {
                "cluster": manifest.cluster,
                "file": str(path),
                "bytes": size_bytes,
                "version": manifest.version,
                "takenAt": manifest.taken_at.isoformat(),
                "objects": objects,
                "kinds": len(manifest.kinds),
                "hasSecretData": manifest.has_secret_data,
                "skipped": [{"resource": kind.resource, "cause": kind.cause} for kind in manifest.skipped],
            }
        )
        return
    secrets = "with" if manifest.has_secret_data else "without"
    skipped = f", {len(manifest.skipped)} skipped" if manifest.skipped else ""
    print_line(
        f"wrote     {path}: {manifest.version}, {objects} objects of {len(manifest.kinds)} kinds, "
        f"{size_bytes / 1024**2:.1f} MiB, secrets {secrets} their data{skipped}"
    )
    for kind in manifest.skipped:
        note(sentence(f"skipped: {kind.resource}: {kind.cause}"))
