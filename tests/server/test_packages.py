"""The packages of a wheel: they are listed by name, and none is missing."""

import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
SHIPPED = ("server", "graph", "resolvers", "k8s", "store", "snapshots", "demo", "web")


def test_every_package_is_in_the_wheel() -> None:
    listed = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]

    packages = {
        ".".join(file.parent.relative_to(ROOT).parts)
        for name in SHIPPED
        for file in (ROOT / name).rglob("*.py")
        if "node_modules" not in file.parts and "dist" not in file.parts
    }

    assert packages <= set(listed)
    assert [name for name in listed if not (ROOT / name.replace(".", "/")).is_dir() and name != "server.manual"] == []


def test_every_package_is_in_the_build_of_the_container() -> None:
    allowed = (ROOT / ".dockerignore").read_text().splitlines()

    assert [name for name in SHIPPED if f"!{name}" not in allowed] == []
