"""Folders, archives and files of dumps, also malicious ones."""

import gzip
import io
import os
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from snapshots.dumps.errors import DumpRefused, DumpTooLarge
from snapshots.dumps.limits import DumpLimits
from tests.snapshots.dumps.dumping import NODE, POD, Files, Read, folder, gzipped, tar, zipped

FILES: Files = {"a/pod.yaml": POD, "a/b/node.json": NODE, "a/logs.txt": "kind: Pod\n", "README": "hello"}
CUT = "the gzip data ends early: it was cut off"


@pytest.mark.parametrize("form", ["folder", "tar", "tar.gz", "zip"])
def test_every_form_holds_the_same(tmp_path: Path, form: str) -> None:
    makers: dict[str, Callable[[], Path]] = {
        "folder": lambda: folder(tmp_path / "dump", FILES),
        "tar": lambda: tar(tmp_path / "dump", FILES, mode="w"),
        "tar.gz": lambda: tar(tmp_path / "dump", FILES),
        "zip": lambda: zipped(tmp_path / "dump", FILES),
    }

    read = Read(makers[form]())

    assert read.names == {"nodes": ["n1"], "pods": ["web-0"]}
    assert (read.broken, read.tally.files, read.tally.ignored_files) == ([], 2, 2)


def test_a_file_alone_is_read_whatever_it_is_called(tmp_path: Path) -> None:
    (tmp_path / "dump").write_text(POD)

    assert Read(tmp_path / "dump").names == {"pods": ["web-0"]}


def test_a_packed_file_alone_and_among_others(tmp_path: Path) -> None:
    gzipped(tmp_path / "alone", POD)
    folder(tmp_path / "dump", {"pod.yaml.gz": gzip.compress(POD.encode()), "x.log.gz": gzip.compress(b"kind: Pod")})

    assert Read(tmp_path / "alone").names == {"pods": ["web-0"]}
    assert Read(tmp_path / "dump").names == {"pods": ["web-0"]}
    assert Read(tar(tmp_path / "dump.tgz", {"p.yml.gz": gzip.compress(POD.encode())})).names == {"pods": ["web-0"]}


def test_gzip_of_several_members_is_one_file(tmp_path: Path) -> None:
    (tmp_path / "dump.gz").write_bytes(
        gzip.compress(POD.encode()) + gzip.compress(b"---\n" + NODE.encode()) + b"\0" * 9
    )

    assert Read(tmp_path / "dump.gz").names == {"nodes": ["n1"], "pods": ["web-0"]}


def test_links_out_of_a_folder_are_not_followed(tmp_path: Path) -> None:
    outside = folder(tmp_path / "outside", {"secret.yaml": POD})
    dump = folder(tmp_path / "dump", {"node.json": NODE})
    (dump / "folder").symlink_to(outside)
    (dump / "file.yaml").symlink_to(outside / "secret.yaml")
    (dump / "loop").symlink_to(dump)

    assert Read(dump).names == {"nodes": ["n1"]}


def test_a_pipe_in_a_folder_is_left_alone(tmp_path: Path) -> None:
    dump = folder(tmp_path / "dump", {"node.json": NODE})
    os.mkfifo(dump / "pipe.yaml")

    assert Read(dump).names == {"nodes": ["n1"]}


def test_links_and_paths_of_an_archive_lead_nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    (tmp_path / "secret.yaml").write_text(NODE)
    archive = tar(tmp_path / "dump.tgz", {"../up.yaml": POD, "/abs.yaml": POD.replace("web-0", "web-1")})
    with tarfile.open(tmp_path / "links.tar", "w") as links:
        for name, kind in (("a.yaml", tarfile.SYMTYPE), ("b.yaml", tarfile.LNKTYPE)):
            member = tarfile.TarInfo(name)
            member.type, member.linkname = kind, str(tmp_path / "secret.yaml")
            links.addfile(member)
    before = sorted(tmp_path.rglob("*"))

    assert Read(archive).names == {"pods": ["web-0", "web-1"]}
    with pytest.raises(DumpRefused, match="holds no Kubernetes objects"):
        Read(tmp_path / "links.tar")
    assert sorted(tmp_path.rglob("*")) == before


def test_a_link_in_a_zip_leads_nowhere(tmp_path: Path) -> None:
    path = zipped(tmp_path / "dump.zip", {"node.json": NODE})
    with zipfile.ZipFile(path, "a") as archive:
        link = zipfile.ZipInfo("link.yaml")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")

    read = Read(path)

    assert (read.names, read.broken) == ({"nodes": ["n1"]}, [])


def test_a_cut_archive_gives_what_is_before_the_cut(tmp_path: Path) -> None:
    whole = tar(tmp_path / "whole.tgz", {"node.json": NODE, "noise.json": os.urandom(50_000).hex(), "pod.yaml": POD})
    (tmp_path / "cut.tgz").write_bytes(whole.read_bytes()[:30_000])

    read = Read(tmp_path / "cut.tgz")

    assert read.names == {"nodes": ["n1"]}
    assert read.broken == [f"noise.json: {CUT}", f"the archive: {CUT}; the rest is lost"]


def test_a_cut_file_is_refused_with_the_cause(tmp_path: Path) -> None:
    (tmp_path / "pod.yaml.gz").write_bytes(gzip.compress(POD.encode())[:-12])

    with pytest.raises(DumpRefused, match=rf"holds no Kubernetes objects\. Skipped: pod\.yaml\.gz: {CUT}\."):
        Read(tmp_path / "pod.yaml.gz")


def test_a_cut_zip_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "dump.zip", FILES)
    path.write_bytes(path.read_bytes()[:-30])

    with pytest.raises(DumpRefused, match="it is not a complete zip archive"):
        Read(path)


def test_a_damaged_member_costs_no_other(tmp_path: Path) -> None:
    path = tmp_path / "dump.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("pod.yaml", POD)
        archive.writestr("node.json", NODE)
    path.write_bytes(path.read_bytes().replace(b"web-0", b"web-9", 1))

    read = Read(path)

    assert (read.names, read.broken) == ({"nodes": ["n1"]}, ["pod.yaml: it is damaged"])


@pytest.mark.parametrize("make", [tar, zipped])
def test_a_bomb_ends_at_the_limit_of_all_bytes(tmp_path: Path, make: Callable[[Path, Files], Path]) -> None:
    bomb = make(tmp_path / "bomb", {f"{number}.yaml": b" " * 900_000 for number in range(5)})

    with pytest.raises(DumpTooLarge, match=r"^It has more than 2000000 bytes, unpacked\.$") as raised:
        Read(bomb, DumpLimits(total_bytes=2_000_000, file_bytes=1_000_000))

    assert (raised.value.limit, bomb.stat().st_size < 20_000) == ("total_bytes", True)


def test_what_a_packed_archive_skips_counts_too(tmp_path: Path) -> None:
    bomb = tar(tmp_path / "bomb", {"pod.yaml": POD, "huge.log": b"\0" * 3_000_000})

    with pytest.raises(DumpTooLarge):
        Read(bomb, DumpLimits(total_bytes=2_000_000))


@pytest.mark.parametrize("make", [folder, tar, zipped])
def test_more_files_than_allowed(tmp_path: Path, make: Callable[[Path, Files], Path]) -> None:
    dump = make(tmp_path / "dump", {f"{number}.log": "" for number in range(11)})

    with pytest.raises(DumpTooLarge, match=r"^It has more than 10 files\.$"):
        Read(dump, DumpLimits(files=10))


def test_a_huge_file_is_named_and_costs_no_other(tmp_path: Path) -> None:
    dump = folder(tmp_path / "dump", {"node.json": NODE, "huge.yaml.gz": gzip.compress(b" " * 1_000_000)})

    read = Read(dump, DumpLimits(file_bytes=300_000))

    assert (read.names, read.broken) == ({"nodes": ["n1"]}, ["huge.yaml.gz: it has more than 300000 bytes"])


def test_a_header_that_asks_for_memory_is_refused(tmp_path: Path) -> None:
    member = tarfile.TarInfo("x")
    member.type, member.size = tarfile.XHDTYPE, 4 * 1024**3
    (tmp_path / "dump.tar").write_bytes(member.tobuf(tarfile.USTAR_FORMAT) + b"\0" * 10_240)

    with pytest.raises(DumpRefused, match=r"a header has 4294967296 bytes"):
        Read(tmp_path / "dump.tar")


def test_long_names_of_both_dialects(tmp_path: Path) -> None:
    for number, dialect in enumerate((tarfile.PAX_FORMAT, tarfile.GNU_FORMAT)):
        name = f"{'deep/' * 40}{number}.yaml"
        with tarfile.open(tmp_path / f"{number}.tar", "w", format=dialect) as archive:
            member = tarfile.TarInfo(name)
            member.size = len(POD)
            archive.addfile(member, io.BytesIO(POD.encode()))
            archive.addfile(tarfile.TarInfo(f"{'deep/' * 40}empty.yaml"))

        assert Read(tmp_path / f"{number}.tar").names == {"pods": ["web-0"]}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"BZh91AY", "is compressed with bzip2; unpack it, or use a .tar.gz or .zip"),
        (b"\xfd7zXZ\x00", "is compressed with xz"),
        (b"\x28\xb5\x2f\xfd", "is compressed with zstd"),
        (b"", "holds no Kubernetes objects"),
        (b"\x1f\x8bgarbage", "the gzip data is damaged"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_way_out(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "dump").write_bytes(content)

    with pytest.raises(DumpRefused, match=message):
        Read(tmp_path / "dump")


def test_a_path_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(DumpRefused, match=r"nowhere: no such file\.$"):
        Read(tmp_path / "nowhere")
