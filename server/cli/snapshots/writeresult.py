"""What came of writing a snapshot: as lines for people, as JSON for programs."""

from pathlib import Path

from server.terminal.output import note, print_json, print_line
from snapshots.dumps.manifest import Manifest


def print_written(path: Path, manifest: Manifest, *, as_json: bool) -> None:
    """What is in the file, and what is not."""
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
                "skipped": [{"resource": each.resource, "cause": each.cause} for each in manifest.skipped],
            }
        )
        return
    secrets = "with" if manifest.has_secret_data else "without"
    skipped = f", {len(manifest.skipped)} skipped" if manifest.skipped else ""
    print_line(
        f"wrote     {path}: {manifest.version}, {objects} objects of {len(manifest.kinds)} kinds, "
        f"{size_bytes / 1024**2:.1f} MiB, secrets {secrets} their data{skipped}"
    )
    for each in manifest.skipped:
        note(f"skipped: {each.resource}: {each.cause}")
