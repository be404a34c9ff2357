"""`python -m web.build`: builds GraphiQL into `web/dist/`, unless it was built from the same sources before.

The server and its API work without it. Without Node or packages, the build prints a message and continues.
"""

import argparse
import gzip
import hashlib
import shutil
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from web.errors import SourcesMissing, WebError
from web.lock import alone
from web.npm import installed

SOURCES = Path(__file__).parent / "graphiql"
DIST = Path(__file__).parent / "dist"
STAMP = ".built-from"
COMPRESSED = frozenset({".js", ".css", ".html", ".svg"})
SMALLEST_COMPRESSED_BYTES = 1024
BUILD_TIMEOUT_S = 300.0


def main(arguments: Sequence[str]) -> int:
    """Runs the command, and returns its exit code."""
    parser = argparse.ArgumentParser(prog="python -m web.build", description="Builds GraphiQL into web/dist/.")
    parser.add_argument("--required", action="store_true", help="fail if it cannot be built")
    options = parser.parse_args(arguments)
    try:
        build()
    except WebError as error:
        sys.stderr.write(f"GraphiQL is not built; the API works without it, and 'make web' tries again. {error}\n")
        return 1 if options.required else 0
    return 0


def build(*, sources: Path = SOURCES, dist: Path = DIST) -> bool:
    """Builds GraphiQL if its sources have changed, and returns whether they had.

    Raises:
        SourcesMissing: There are no sources: an installed wheel has the build alone.
        NodeUnavailable: There is no Node.
        NpmFailed: The packages cannot be installed, or the sources cannot be built.
    """
    if not (sources / "package-lock.json").is_file():
        raise SourcesMissing(f"There are no sources in {sources}: GraphiQL is built in a checkout of the repository.")
    with alone(sources / "package.json"):
        digest = fingerprint(sources)
        stamp = dist / STAMP
        if stamp.is_file() and stamp.read_text() == digest:
            return False
        _build(sources, dist, stamp=digest)
    return True


def _build(sources: Path, dist: Path, *, stamp: str) -> None:
    """Builds beside the old folder, and then replaces it, so that a failure leaves it as it was."""
    draft = dist.with_name(f"{dist.name}.draft")
    vite = installed(sources)
    vite.run("vite", "build", "--outDir", str(draft), "--logLevel", "error", timeout_s=BUILD_TIMEOUT_S)
    _compress(draft)
    (draft / STAMP).write_text(stamp)
    shutil.rmtree(dist, ignore_errors=True)
    draft.rename(dist)


def fingerprint(sources: Path) -> str:
    """Returns the hash of all names and contents of source files."""
    digest = hashlib.sha256()
    for path in sorted(_files(sources)):
        digest.update(f"{path.relative_to(sources)}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _files(sources: Path) -> Iterator[Path]:
    for path in sources.iterdir():
        if path.name == "node_modules":
            continue
        yield from (inner for inner in path.rglob("*") if inner.is_file()) if path.is_dir() else (path,)


def _compress(folder: Path) -> None:
    """Writes `NAME.gz` beside each compressible file, so that the server need not compress it."""
    for path in folder.rglob("*"):
        if path.suffix in COMPRESSED and path.stat().st_size >= SMALLEST_COMPRESSED_BYTES:
            path.with_name(f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes(), mtime=0))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
