"""Files that share something costly are given to one worker."""

from pathlib import Path

import pytest

from tests.workers import LONG, TOGETHER, is_last_of_control_planes, piece_of_work, shared_by

TESTS = Path(__file__).parent


@pytest.mark.parametrize("what", TOGETHER)
def test_files_that_share_something_are_one_piece_of_work(what: str) -> None:
    sharing = [file.relative_to(TESTS.parent) for file in TESTS.rglob("test_*.py") if shared_by(file) == what]

    assert len(sharing) > 1
    assert {piece_of_work(f"{file}::test_it", TESTS.parent) for file in sharing} == {what}


def test_another_file_is_one_of_its_own() -> None:
    assert piece_of_work("tests/test_workers.py::test_it[a]", TESTS.parent) == "tests/test_workers.py"


def test_what_needs_control_planes_has_their_mark(request: pytest.FixtureRequest) -> None:
    needing = {item.path for item in request.session.items if "control_planes" in getattr(item, "fixturenames", ())}

    assert {shared_by(file) for file in needing} <= {"control planes", "other control planes"}


def test_what_needs_the_kinds_of_operators_shares_one_server(request: pytest.FixtureRequest) -> None:
    needing = {item.path for item in request.session.items if "operated" in getattr(item, "fixturenames", ())}

    assert {shared_by(file) for file in needing} <= {"other control planes"}


def test_long_files_exist() -> None:
    assert [name for name in LONG if not (TESTS / name).is_file()] == []


def test_control_planes_are_not_needed_behind_the_last_file_with_their_mark() -> None:
    shapes, links = (TESTS / "faults" / name for name in ("test_shapes.py", "test_links.py"))

    assert is_last_of_control_planes(shapes, TESTS / "test_workers.py")
    assert not is_last_of_control_planes(shapes, links)
    assert not is_last_of_control_planes(TESTS / "docs" / "test_commands.py", shapes)
    assert not is_last_of_control_planes(TESTS / "test_workers.py", TESTS / "test_changes.py")
