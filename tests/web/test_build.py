"""`python -m web.build`."""

import gzip
from pathlib import Path

import pytest

import web.build
from tests.web.fakenode import fake_node, write_program
from web.build import build, main
from web.errors import NodeUnavailable, NpmFailed, SourcesMissing, WebError

VITE = """
mkdir -p "$3/assets"
echo once >> ../builds
head -c 5000 /dev/zero | tr '\\0' a > "$3/assets/index.js"
echo '<html>' > "$3/index.html"
"""


@pytest.fixture
def sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Sources that a shell script builds."""
    sources = tmp_path / "graphiql"
    sources.mkdir()
    for name in ("package.json", "package-lock.json"):
        (sources / name).write_text("{}")
    node = fake_node(tmp_path / "bin", "mkdir -p node_modules/.bin")
    monkeypatch.setattr("web.npm.find_node", lambda: node)
    write_program(sources / "node_modules" / ".bin" / "vite", VITE)
    return sources


def test_what_is_built_is_served_compressed_too(sources: Path, tmp_path: Path) -> None:
    assert build(sources=sources, dist=tmp_path / "dist")

    script = tmp_path / "dist" / "assets" / "index.js"
    assert gzip.decompress(script.with_name("index.js.gz").read_bytes()) == script.read_bytes()
    assert not (tmp_path / "dist" / "index.html.gz").exists()


def test_the_same_sources_are_built_once(sources: Path, tmp_path: Path) -> None:
    assert build(sources=sources, dist=tmp_path / "dist")
    assert not build(sources=sources, dist=tmp_path / "dist")

    assert (tmp_path / "builds").read_text() == "once\n"


def test_changed_sources_are_built_again(sources: Path, tmp_path: Path) -> None:
    build(sources=sources, dist=tmp_path / "dist")
    (sources / "index.html").write_text("new")

    assert build(sources=sources, dist=tmp_path / "dist")


def test_a_failed_build_leaves_the_one_before(sources: Path, tmp_path: Path) -> None:
    build(sources=sources, dist=tmp_path / "dist")
    write_program(sources / "node_modules" / ".bin" / "vite", "echo wrong type >&2; exit 1")
    (sources / "index.html").write_text("new")

    with pytest.raises(NpmFailed, match="wrong type"):
        build(sources=sources, dist=tmp_path / "dist")

    assert (tmp_path / "dist" / "index.html").read_text() == "<html>\n"


def test_an_installed_wheel_has_no_sources(tmp_path: Path) -> None:
    with pytest.raises(SourcesMissing, match="built in a checkout of the repository"):
        build(sources=tmp_path / "graphiql", dist=tmp_path / "dist")


@pytest.mark.parametrize(("arguments", "code"), [([], 0), (["--required"], 1)])
@pytest.mark.parametrize("error", [NodeUnavailable("no Node; install it"), NpmFailed("'npm ci' failed with code 1")])
def test_what_cannot_be_built_is_said_and_need_not_stop_anything(
    error: WebError,
    arguments: list[str],
    code: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def unavailable() -> None:
        raise error

    monkeypatch.setattr(web.build, "build", unavailable)

    assert main(arguments) == code
    assert capsys.readouterr().err == (
        f"GraphiQL is not built; the API works without it, and 'make web' tries again. {error}\n"
    )
