"""Files that are written completely or not at all."""

from pathlib import Path

import pytest

from server.cli.snapshots.newfile import new_file
from server.commanderrors import InputError


def test_a_file_gets_its_name_at_the_end(tmp_path: Path) -> None:
    with new_file(tmp_path / "out", may_replace=False) as opened:
        opened.write(b"all")
        assert not (tmp_path / "out").exists()

    assert [file.name for file in tmp_path.iterdir()] == ["out"]
    assert (tmp_path / "out").read_bytes() == b"all"


@pytest.mark.parametrize("may_replace", [True, False])
def test_a_failure_leaves_nothing(tmp_path: Path, may_replace: bool) -> None:
    with pytest.raises(KeyboardInterrupt), new_file(tmp_path / "out", may_replace=may_replace):
        raise KeyboardInterrupt

    assert list(tmp_path.iterdir()) == []


def test_what_appeared_meanwhile_is_kept(tmp_path: Path) -> None:
    def write() -> None:
        with new_file(tmp_path / "out", may_replace=False) as opened:
            opened.write(b"new")
            (tmp_path / "out").write_bytes(b"other")

    with pytest.raises(InputError, match="exists"):
        write()

    assert [(file.name, file.read_bytes()) for file in tmp_path.iterdir()] == [("out", b"other")]


def test_a_link_that_leads_nowhere_is_no_free_name(tmp_path: Path) -> None:
    (tmp_path / "out").symlink_to(tmp_path / "nowhere")

    with pytest.raises(InputError, match="exists"), new_file(tmp_path / "out", may_replace=False):
        pass

    assert not (tmp_path / "nowhere").exists()
