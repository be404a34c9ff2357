"""Tests for a change, for `scripts/quick`: those of the folders that mirror the changed ones.

python -m tests.changes                  # of what differs from the main branch, or else of the last commit
python -m tests.changes k8s/kubeconfig   # of one package, or of one file
"""

import subprocess
import sys
from collections.abc import Iterable
from itertools import chain
from pathlib import Path, PurePosixPath
from typing import Final

MAIN: Final = "main"
TESTS: Final = "tests"


def changed_files(root: Path) -> list[str]:
    """Returns the paths that differ from where this branch left the main one; on it, also those of the last commit.

    What is not committed and not ignored counts. Both paths of what was renamed are there, and those of removed files.
    """
    left_main = _git(root, "merge-base", MAIN, "HEAD") or ["HEAD"]
    files = {*_changed_since(root, left_main[0]), *_git(root, "ls-files", "--others", "--exclude-standard")}
    return sorted(files or _changed_since(root, "HEAD~1"))


def mirrored_tests(path: str, root: Path) -> list[str]:
    """Returns what to give pytest for one path, relative to the root; nothing where no folder of tests mirrors it.

    A package has all tests below its folder; a module those that lie directly in its package's folder. Where there is
    no such folder, the closest parent's count: of them the file named after the module, or else after the first package
    without a folder, if there is one.
    """
    changed = PurePosixPath(path)
    if changed.parts[:1] == (TESTS,):
        return _tests_of_test(changed, root)
    if (root / changed).is_dir() and _has_tests(root / TESTS / changed):
        return [f"{TESTS}/{changed}"]
    for folder in changed.parents:
        if folder.name and _has_tests(root / TESTS / folder):
            return _tests_in(folder, changed.relative_to(folder), root)
    return []


def _tests_of_test(changed: PurePosixPath, root: Path) -> list[str]:
    """Returns the file itself, or what uses a helper: the tests of its folder. All tests together are too many."""
    if (root / changed).is_dir() or (changed.name.startswith("test_") and (root / changed).is_file()):
        return [str(changed)]
    if len(changed.parts) > 2:
        return [str(changed.parent)] if _has_tests(root / changed.parent) else []
    own = changed.with_name(f"test_{changed.name}")
    return [str(own)] if (root / own).is_file() else []


def _tests_in(folder: PurePosixPath, below: PurePosixPath, root: Path) -> list[str]:
    tests = root / TESTS / folder
    if len(below.parts) > 1:
        for name in (below.stem, below.parts[0]):
            if (tests / f"test_{name}.py").is_file():
                return [f"{TESTS}/{folder}/test_{name}.py"]
    files = sorted(file.name for file in tests.glob("test_*.py"))
    return [f"{TESTS}/{folder}/{name}" for name in files] or [f"{TESTS}/{folder}"]


def _has_tests(folder: Path) -> bool:
    return any(folder.rglob("test_*.py"))


def _changed_since(root: Path, commit: str) -> list[str]:
    return _git(root, "diff", "--name-only", "--no-renames", commit)


def _git(root: Path, *arguments: str) -> list[str]:
    """Returns the lines of git's answer; none where it fails, as without a main branch."""
    result = subprocess.run(["git", *arguments], cwd=root, capture_output=True, text=True, check=False)
    return result.stdout.splitlines() if result.returncode == 0 else []


def without_repeats(tests: Iterable[str]) -> list[str]:
    """Returns each once, in order, without what lies in a folder that is there, too."""
    once = {PurePosixPath(test) for test in tests}
    return [str(test) for test in sorted(once) if once.isdisjoint(test.parents)]


def main(arguments: list[str]) -> int:
    """Prints what to give pytest, one a line; on stderr, what has no tests of its own."""
    root = Path(__file__).parent.parent
    asked = [argument.rstrip("/") for argument in arguments]
    chosen = {path: mirrored_tests(path, root) for path in asked or changed_files(root)}
    without = [path for path, tests in chosen.items() if not tests]
    if asked and without:
        sys.stderr.write(
            f"No tests mirror {', '.join(without)}: name a folder or a file, such as k8s or k8s/endpoint.py.\n"
        )
        return 2
    for path in without:
        sys.stderr.write(f"no tests of its own: {path}\n")
    sys.stdout.writelines(f"{test}\n" for test in without_repeats(chain(*chosen.values())))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
