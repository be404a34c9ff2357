"""The sources in `web/graphiql/`."""

import re
from pathlib import Path
from typing import Any

import msgspec

from web.build import SOURCES
from web.node import NodeJs
from web.npm import installed


def _json(name: str) -> Any:
    """Returns npm's own files; Any, since their format is npm's."""
    return msgspec.json.decode((SOURCES / name).read_bytes())


def test_each_package_has_one_version() -> None:
    package = _json("package.json")

    versions = {**package["dependencies"], **package["devDependencies"]}.values()
    assert [version for version in versions if not re.fullmatch(r"\d+\.\d+\.\d+", version)] == []


def test_the_lock_file_names_no_registry_and_checks_every_package() -> None:
    packages = {name: entry for name, entry in _json("package-lock.json")["packages"].items() if name}

    assert [name for name, entry in packages.items() if "resolved" in entry] == []
    assert [name for name, entry in packages.items() if "integrity" not in entry] == []


def test_no_package_needs_an_install_script() -> None:
    """Checks that none has one, since they are never run; optional packages for other systems are allowed one."""
    packages = _json("package-lock.json")["packages"]

    assert [
        name for name, entry in packages.items() if entry.get("hasInstallScript") and not entry.get("optional")
    ] == []


def test_the_types_fit(node: NodeJs) -> None:
    assert installed(SOURCES, node=node).run("tsc", "--noEmit") == ""


def test_source_files_stay_short() -> None:
    lengths = {path: len(path.read_text().splitlines()) for path in Path(SOURCES, "src").rglob("*.*s*")}

    assert [path for path, lines in lengths.items() if lines > 250] == []
