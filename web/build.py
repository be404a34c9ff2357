"""`python -m web.build`: builds GraphiQL into `web/dist/`, unless what is there was built from the same sources.

The server and its API work without it, so whoever has no Node or packages, and cannot get them, is told so and goes on.
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
    """The command; gives its exit code."""
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
    """Builds what has changed; gives whether there was something to do.

    Raises:
        SourcesMissing: an installed wheel has what was built, but not what it was built from.
        NodeUnavailable: there is no Node.
        NpmFailed: the packages cannot be had, or the sources cannot be built.
    """
    if not (sources / "package-lock.json").is_file():
        raise SourcesMissing(f"There are no sources in {sources}: GraphiQL is built in a checkout of the repository.")
    with alone(sources / "package.json"):
        wanted = fingerprint(sources)
        stamp = dist / STAMP
        if stamp.is_file() and stamp.read_text() == wanted:
            return False
        _build(sources, dist, stamp=wanted)
    return True


def _build(sources: Path, dist: Path, *, stamp: str) -> None:
    """Beside the old folder first, so that a failure leaves that as it was."""
    draft = dist.with_name(f"{dist.name}.draft")
    vite = installed(sources)
    vite.run("vite", "build", "--outDir", str(draft), "--logLevel", "error", timeout_s=BUILD_TIMEOUT_S)
    _compress(draft)
    (draft / STAMP).write_text(stamp)
    shutil.rmtree(dist, ignore_errors=True)
    draft.rename(dist)


def fingerprint(sources: Path) -> str:
    """Of every source file's name and content."""
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
    """Writes `NAME.gz` beside what gets smaller, once, so that the server need not."""
    for path in folder.rglob("*"):
        if path.suffix in COMPRESSED and path.stat().st_size >= SMALLEST_COMPRESSED_BYTES:
            path.with_name(f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes(), mtime=0))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
