"""Malicious dumps: each is refused with a cause, in time and memory proportional to its size."""

import gzip
import io
import struct
import tracemalloc
import zipfile
from pathlib import Path

import pytest

from snapshots.dumps.errors import DumpRefused, DumpTooLarge
from snapshots.dumps.limits import DumpLimits
from tests.snapshots.dumps.dumping import NODE, POD, Read, zipped
from tests.snapshots.dumps.hostile import (
    good_tar_member,
    tar_header,
    tar_member,
    with_end_of_zip,
    with_entry_of_zip,
    written,
    zip_bytes,
)

NO_NUMBER = "the archive: it is damaged: a size in a header is not a number; the rest is lost"
CUT = "it ends early: it was cut off"


@pytest.mark.parametrize("size", [b"-1", b"-7", b"1_0", b"0o7", b"+7", b"8", b"1 7", b"1\x007", b"\xff" * 12, b"zzz"])
def test_a_tar_whose_size_is_no_number_ends_there(tmp_path: Path, size: bytes) -> None:
    read = Read(written(tmp_path, good_tar_member() + tar_header(b"a.yaml", size)))

    assert (read.names, read.broken) == ({"pods": ["web-0"]}, [NO_NUMBER])


@pytest.mark.parametrize("size", [b"77777777777", b"\x80" + b"\xff" * 11, b"\x80\0\0\0\x02" + b"\0" * 7])
def test_a_tar_that_claims_more_than_there_is_was_cut_off(tmp_path: Path, size: bytes) -> None:
    read = Read(written(tmp_path, good_tar_member() + tar_header(b"a.yaml", size)))

    assert read.names == {"pods": ["web-0"]}
    assert read.broken == [f"a.yaml: {CUT}", f"the archive: {CUT}; the rest is lost"]


@pytest.mark.parametrize("modified", [b"\xff" * 12, b"\x80" + b"\xff" * 11, b"zzz", b"77777777777"])
def test_a_time_that_cannot_be_costs_no_content(tmp_path: Path, modified: bytes) -> None:
    read = Read(written(tmp_path, tar_member(b"good.yaml", POD.encode(), modified=modified)))

    assert (read.names, read.broken) == ({"pods": ["web-0"]}, [])


@pytest.mark.parametrize("kind", [b"1", b"2", b"3", b"4", b"5", b"6", b"S", b"V", b"M", b"?"])
def test_what_is_no_file_is_passed_over(tmp_path: Path, kind: bytes) -> None:
    read = Read(written(tmp_path, tar_member(b"a.yaml", NODE.encode(), kind=kind) + good_tar_member()))

    assert (read.names, read.broken) == ({"pods": ["web-0"]}, [])


@pytest.mark.parametrize("size", [b"-1", b"9" * 400, b"1e9", b"\xd9\xa1"])
def test_a_pax_size_that_is_none_is_not_believed(tmp_path: Path, size: bytes) -> None:
    record = b" size=" + size + b"\n"
    length = next(index for index in range(9, 999) if len(b"%d" % index) + len(record) == index)
    pax = tar_member(b"pax", b"%d" % length + record, kind=b"x")

    assert Read(written(tmp_path, pax + good_tar_member())).names == {"pods": ["web-0"]}


def test_paths_of_megabytes_cost_their_own_file_and_are_not_kept(tmp_path: Path) -> None:
    long = tar_member(b"long", b"x" * 1_000_000 + b".yaml", kind=b"L")
    data = b"".join(long + tar_member(b"a.yaml", NODE.encode()) for _ in range(20)) + good_tar_member()

    read = Read(written(tmp_path, data))

    assert read.names == {"pods": ["web-0"]}
    assert read.broken == [f"{'x' * 100}...: its path has 1000005 characters; the limit is 4096"] * 20


def test_pax_records_without_end_are_not_kept(tmp_path: Path) -> None:
    records = b"".join(b"15 key%06d=x\n" % index for index in range(10_000))
    path = written(tmp_path, tar_member(b"pax", records, kind=b"x") * 8 + good_tar_member())

    tracemalloc.start()
    try:
        assert Read(path).names == {"pods": ["web-0"]}
        assert tracemalloc.get_traced_memory()[1] < 4_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("by", [-30, -1, 1, 10, 1000, 2**31, 2**32 - 1])
def test_a_zip_with_a_shifted_directory_is_refused(tmp_path: Path, by: int) -> None:
    archive = zip_bytes(tmp_path)
    place = archive.index(b"PK\1\2")

    with pytest.raises(DumpRefused, match=r"it is damaged|it is not a complete zip archive"):
        Read(written(tmp_path, with_end_of_zip(archive, at=16, value=place + by)))


@pytest.mark.parametrize("size", [0, 1, 45, 2**31, 2**32 - 1])
def test_a_zip_whose_directory_has_another_size_is_refused(tmp_path: Path, size: int) -> None:
    with pytest.raises(DumpRefused, match=r"holds no Kubernetes objects|it is not a complete zip archive"):
        Read(written(tmp_path, with_end_of_zip(zip_bytes(tmp_path), at=12, value=size)))


@pytest.mark.parametrize(
    ("at", "form", "value"),
    [
        (42, "<L", 1),  # the place of the member
        (42, "<L", 2**31),
        (42, "<L", 2**32 - 1),
        (20, "<L", 3),  # its packed size
        (24, "<L", 3),  # its size
        (16, "<L", 1),  # its checksum
        (8, "<H", 1),  # it is encrypted
        (10, "<H", 14),  # by LZMA
        (10, "<H", 999),
    ],
)
def test_a_zip_entry_that_lies_costs_itself(tmp_path: Path, at: int, form: str, value: int) -> None:
    read = Read(written(tmp_path, with_entry_of_zip(zip_bytes(tmp_path), at=at, form=form, value=value)))

    assert read.names == {"nodes": ["n1"]}
    assert len(read.broken) == 1


def test_entries_of_a_zip_that_share_a_member_count_each_time(tmp_path: Path) -> None:
    """Counts overlapping entries each time, as in a zip bomb."""
    archive = zipped(tmp_path / "one.zip", {"a.json": " " * 400_000}).read_bytes()
    directory = archive[archive.index(b"PK\1\2") : archive.rindex(b"PK\5\6")]
    end = bytearray(archive[archive.rindex(b"PK\5\6") :])
    struct.pack_into("<HHL", end, 8, 1000, 1000, len(directory) * 1000)
    bomb = archive[: archive.index(b"PK\1\2")] + directory * 1000 + bytes(end)

    with pytest.raises(DumpRefused, match=r"more than 4000000 bytes, unpacked|is damaged"):  # newer Pythons see it
        Read(written(tmp_path, bomb), DumpLimits(total_bytes=4_000_000))


def test_a_zip_with_very_many_entries_is_refused_before_they_are_read(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "many.zip", "w") as archive:
        for number in range(6000):
            archive.writestr(f"{'x' * 200}{number}.log", b"")

    with pytest.raises(DumpTooLarge, match="Its directory has") as refused:
        Read(tmp_path / "many.zip", DumpLimits(files=100))
    assert refused.value.limit == "files"


def test_names_lead_nowhere_and_cost_nothing(tmp_path: Path) -> None:
    names = ("../../a.yaml", "/etc/b.yaml", "c\0.yaml", "C:\\d.yaml", "e" * 60_000 + ".yaml", "")
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for number, name in enumerate(names):
            archive.writestr(zipfile.ZipInfo(name), POD.replace("web-0", f"web-{number}"))

    read = Read(written(tmp_path, data.getvalue()))

    assert set(read.names["pods"]) >= {"web-0", "web-1", "web-3"}
    assert read.broken == [f"{'e' * 100}...: its path has 60005 characters; the limit is 4096"]


def test_archives_in_archives_are_not_opened(tmp_path: Path) -> None:
    inner = zip_bytes(tmp_path)

    read = Read(zipped(tmp_path / "outer.zip", {"in.zip": inner, "in.tar.gz": b"\x1f\x8b", "b.json": NODE}))

    assert (read.names, read.tally.ignored_files) == ({"nodes": ["n1"]}, 2)


def test_gzip_of_empty_members_is_damaged(tmp_path: Path) -> None:
    with pytest.raises(DumpRefused, match="more than 100 parts of the gzip data in a row are empty"):
        Read(written(tmp_path, gzip.compress(POD.encode()) + gzip.compress(b"") * 5000, "dump.yaml.gz"))


def test_a_gzip_bomb_ends_at_the_limit_of_a_file(tmp_path: Path) -> None:
    path = written(tmp_path, gzip.compress(b" " * 50_000_000), "dump.json.gz")

    tracemalloc.start()
    try:
        with pytest.raises(DumpRefused, match="it has more than 1000000 bytes"):
            Read(path, DumpLimits(file_bytes=1_000_000))
        assert tracemalloc.get_traced_memory()[1] < 8_000_000
    finally:
        tracemalloc.stop()
