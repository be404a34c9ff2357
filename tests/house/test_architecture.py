"""docs/architecture.md and its picture name folders and files that exist."""

import re
from typing import Final

import pytest

from tests.house.production import PACKAGES, ROOT, production

PAGE: Final = (ROOT / "docs" / "architecture.md").read_text()
PICTURE: Final = (ROOT / "docs" / "images" / "architecture.svg").read_text()
PATH: Final = re.compile(rf"(?:{'|'.join(PACKAGES)}|tests)/[a-z0-9_/.]+[a-z0-9_]")


@pytest.mark.parametrize("path", sorted({*PATH.findall(PAGE), *PATH.findall(PICTURE)}))
def test_a_named_path_exists(path: str) -> None:
    assert (ROOT / path).exists()


@pytest.mark.parametrize("package", ["server", "graph", "resolvers", "k8s", "store"])
def test_the_picture_shows_every_room_of_a_layer(package: str) -> None:
    rooms = {module.name.partition(".")[2] for module in production() if module.is_tour and module.name.count(".") == 1}
    here = {room for room in rooms if (ROOT / package / room).is_dir()}
    shown = set(re.findall(r">([a-z0-9/]+)</text>", PICTURE))

    assert {room for room in here if room not in shown and f"{package}/{room}" not in shown} == set()
