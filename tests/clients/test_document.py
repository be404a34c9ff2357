"""docs/clients.md and the installed packages of the tests are the same."""

import json
import re
import shlex
from pathlib import Path

import pytest

from tests.clients.document import Command, File, steps

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
OF_TESTS = {"jsdom": "26", "react": "19", "react-dom": "19", "@types/react": "19", "@types/react-dom": "19"}
"""Packages for the component of docs/live.md, and the page that it is rendered in."""


def test_the_tests_install_what_the_document_tells_to_install() -> None:
    package = json.loads((HERE / "package.json").read_text())
    told = dict(_told_packages())

    exact = package["dependencies"] | package["devDependencies"]

    assert told | OF_TESTS == {name: version.partition(".")[0] for name, version in exact.items()}


def test_the_lock_file_has_no_addresses() -> None:
    assert '"resolved"' not in (HERE / "package-lock.json").read_text()


def test_every_scalar_of_the_schema_has_a_type_in_both_configurations() -> None:
    scalars = set(re.findall(r"^scalar ([A-Z]\w*)", (ROOT / "schema.graphql").read_text(), re.MULTILINE))
    files = {step.name: step.text for step in steps() if isinstance(step, File)}

    codegen = files["codegen.ts"].partition("scalars: {")[2].partition("}")[0]

    assert set(re.findall(r"(\w+): \"", codegen)) == scalars
    assert set(json.loads(files["relay.config.json"])["customScalarTypes"]) == scalars


@pytest.mark.parametrize("name", ["trouble.py", "images.py", "pages.py"])
def test_every_example_is_named(name: str) -> None:
    assert (ROOT / "examples" / name).is_file()
    assert f"`{name}`" in (ROOT / "docs" / "clients.md").read_text()


def _told_packages() -> list[tuple[str, str]]:
    found = []
    for step in steps():
        if isinstance(step, Command) and step.text.startswith("npm install "):
            for word in shlex.split(step.text)[2:]:
                name, _, major = word.rpartition("@")
                found += [(name, major)] if not word.startswith("--") else []
    return found
