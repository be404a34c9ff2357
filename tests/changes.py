"""The tests of a change, for `scripts/quick`: those in the folders that mirror the changed ones.

python -m tests.changes                  # for the changes since the main branch, or else for the last commit
python -m tests.changes k8s/kubeconfig   # for one package or one file
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
    """Returns the paths that changed since this branch left the main one; if there are none, those of the last commit.

    Uncommitted and untracked files count, ignored ones do not. A renamed file has both of its paths.
    """
    left_main = _git(root, "merge-base", MAIN, "HEAD") or ["HEAD"]
    files = {*_changed_since(root, left_main[0]), *_git(root, "ls-files", "--others", "--exclude-standard")}
    return sorted(files or _changed_since(root, "HEAD~1"))


def mirrored_tests(path: str, root: Path) -> list[str]:
    """Returns pytest's arguments for one path, relative to the root; an empty list if no folder of tests mirrors it.

    For a package these are all tests below its folder, for a module those directly in its package's folder. Without
    such a folder they are the tests of the closest parent with one: the file named after the module, or else after the
    first package without a folder, or else all files.
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
    """Returns a test file itself; for a helper the tests of its folder, but never all tests of the repository."""
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
    """Returns the lines of git's output; an empty list if git fails, for example without a main branch."""
    result = subprocess.run(["git", *arguments], cwd=root, capture_output=True, text=True, check=False)
    return result.stdout.splitlines() if result.returncode == 0 else []


def without_repeats(tests: Iterable[str]) -> list[str]:
    """Returns the sorted tests without duplicates, and without those in a folder that is in the list."""
    once = {PurePosixPath(test) for test in tests}
    return [str(test) for test in sorted(once) if once.isdisjoint(test.parents)]


def main(arguments: list[str]) -> int:
    """Prints pytest's arguments, one a line, and on stderr the paths that have no tests."""
    root = Path(__file__).parent.parent
    named = [argument.rstrip("/") for argument in arguments]
    chosen = {path: mirrored_tests(path, root) for path in named or changed_files(root)}
    without = [path for path, tests in chosen.items() if not tests]
    if named and without:
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
