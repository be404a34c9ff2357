"""A folder is served as it was listed."""

import gzip
from pathlib import Path

from server.pages.files import served_folder, served_path


def test_only_plain_files_of_known_types_are_listed(tmp_path: Path) -> None:
    outside = tmp_path / "outside.js"
    outside.write_text("secret")
    folder = tmp_path / "folder"
    (folder / "inner.js").mkdir(parents=True)
    (folder / "link.js").symlink_to(outside)
    (folder / "known.js").write_text("1")
    for name in ("unknown.exe", ".env", "known.js.map", ".built-from"):
        (folder / name).write_text("secret")

    assert list(served_folder(folder)) == ["known.js"]


def test_a_folder_that_is_not_there_has_no_files(tmp_path: Path) -> None:
    assert served_folder(tmp_path / "none") == {}


def test_what_was_compressed_before_is_used(tmp_path: Path) -> None:
    compressed = gzip.compress(b"x" * 2000, compresslevel=1)
    (tmp_path / "a.css").write_bytes(b"x" * 2000)
    (tmp_path / "a.css.gz").write_bytes(compressed)

    file = served_path(tmp_path / "a.css")

    assert (file.compressed, file.content, file.media_type) == (compressed, b"x" * 2000, "text/css; charset=utf-8")


def test_a_link_is_no_compressed_file(tmp_path: Path) -> None:
    (tmp_path / "a.css").write_bytes(b"x" * 20)
    (tmp_path / "secret").write_bytes(b"s")
    (tmp_path / "a.css.gz").symlink_to(tmp_path / "secret")

    assert served_path(tmp_path / "a.css").content == b"x" * 20
