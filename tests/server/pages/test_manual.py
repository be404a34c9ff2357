"""The manual as pages: ours, as it is, and Markdown that wants more than it may."""

import re
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import httpx
import pytest

from server.pages.manual import manual_folder
from server.pages.markdown import address_of, render, slug_of
from tests.docs.blocks import blocks
from tests.server.http_parts import client_of, pages_app

NAMES = sorted(path.stem for path in manual_folder().glob("*.md"))


class _Tags(HTMLParser):
    """The elements of HTML with their attributes, as a browser parses them."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))


ELEMENTS = {"p", "a", "h1", "pre", "code", "table", "thead", "tbody", "tr", "th", "td"}
LINK = re.compile(r'(?:href|src)="([^"]*)"')


async def _get(path: str) -> httpx.Response:
    async with client_of(pages_app()) as client:
        return await client.get(path)


@pytest.mark.parametrize("name", NAMES)
async def test_each_page_is_served_with_its_title(name: str) -> None:
    response = await _get(f"/docs/{name}")

    (title,) = re.findall(r"<title>(.+) · fleetgraph</title>", response.text)
    assert (response.status_code, response.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert f">{unescape(title)}</h1>" in response.text
    assert f'href="/docs/{name}" aria-current="page"' in response.text


async def test_the_index_names_all_pages() -> None:
    response = await _get("/docs/")

    main = response.text.partition("<main")[2]
    assert sorted(re.findall(r'<dt><a href="/docs/([\w-]+)">', main)) == NAMES


async def test_every_link_leads_somewhere() -> None:
    async with client_of(pages_app()) as client:
        pages = {f"/docs/{name}": (await client.get(f"/docs/{name}")).text for name in NAMES}
        links = {(page, link) for page, text in pages.items() for link in LINK.findall(text)}
        dead = []
        for page, link in sorted(links):
            path, _, fragment = link.partition("#")
            if path.startswith("http") or path == "/graphiql":  # its fragment is a query
                continue
            answer = await client.get(path or page)
            if answer.status_code not in (200, 503) or (fragment and f'id="{fragment}"' not in answer.text):
                dead.append((page, link))

    assert dead == []


async def test_each_query_opens_in_graphiql() -> None:
    text = (await _get("/docs/demo")).text

    queries = [unquote(link) for link in re.findall(r'class="run" href="/graphiql#query=([^"]*)"', text)]
    written = [block.text.strip() for block in blocks(manual_folder() / "demo.md") if block.language == "graphql"]
    assert queries == written
    assert len(queries) > 5


async def test_the_search_has_every_heading() -> None:
    entries = (await _get("/docs/search.json")).json()

    found = {(entry["path"], entry["title"]) for entry in entries}
    assert {f"/docs/{name}" for name in NAMES} <= {path for path, _ in found}
    assert ("/docs/schema#lists", "Lists") in found
    (lists,) = (entry for entry in entries if entry["path"] == "/docs/schema#lists")
    assert (lists["page"], "query Page($cursor: String)" in lists["text"]) == ("Schema conventions", True)


async def test_the_contents_of_a_page_are_below_its_link() -> None:
    text = (await _get("/docs/settings")).text

    contents = text.partition('aria-current="page"')[2].partition("</ul>")[0]
    assert re.findall(r'<a href="#([\w-]+)">', contents) == re.findall(r'<h2 id="([\w-]+)">', text)


async def test_the_name_of_the_file_leads_to_the_page() -> None:
    response = await _get("/docs/cli.md")

    assert (response.status_code, response.headers["location"]) == (308, "/docs/cli")


@pytest.mark.parametrize(
    ("href", "address"),
    [
        ("schema.md", "/docs/schema"),
        ("./schema.md#lists", "/docs/schema#lists"),
        ("#lists", "#lists"),
        ("https://kubernetes.io/docs/", "https://kubernetes.io/docs/"),
        ("../schema.graphql", "/schema.graphql"),
        ("../CONTRIBUTING.md", None),
        ("../examples/python", None),
        ("/etc/passwd", None),
        ("javascript:alert(1)", None),
        ("//evil.example/x", None),
        ("sub/page.md", None),
    ],
)
def test_where_links_lead(href: str, address: str | None) -> None:
    assert address_of(href) == address


def test_a_link_that_leads_nowhere_is_its_text() -> None:
    assert render("See [how](../CONTRIBUTING.md), [names](schema.md).").html == (
        '<p>See how, <a href="/docs/schema">names</a>.</p>\n'
    )


def test_links_to_others_tell_them_nothing() -> None:
    html = render("[k](https://kubernetes.io/)").html

    assert html == '<p><a href="https://kubernetes.io/" rel="noopener noreferrer">k</a></p>\n'


@pytest.mark.parametrize(
    "markdown",
    [
        "<script>alert(1)</script>",
        "text <img src=x onerror=alert(1)> text",
        "<div onclick=alert(1)>\n\ntext\n</div>",
        "<!-- a --><script>alert(1)</script>",
        "[x](javascript:alert(1))",
        "![x](javascript:alert(1))",
        '[x](schema.md "t\\" onmouseover=alert(1)")',
        "# <svg onload=alert(1)>",
        "| a |\n|---|\n| <iframe src=//evil.example> |",
        '<https://a/" onclick=alert(1)>',
    ],
)
def test_no_html_of_the_source_is_html_of_the_page(markdown: str) -> None:
    tags = _Tags()
    tags.feed(render(markdown).html)

    assert {name for name, _ in tags.elements} <= ELEMENTS
    assert {attribute for _, attributes in tags.elements for attribute in attributes} <= {"href", "title", "id", "rel"}
    assert not [value for _, attributes in tags.elements for value in attributes.values() if "javascript:" in value]


@pytest.mark.parametrize(
    ("language", "code", "html"),
    [
        ("graphql", "{ a }", '<span class="p">{'),
        ("json", '{"a": 1}', '<span class="mi">1</span>'),
        ("nonsense", "<b>&", "&lt;b&gt;&amp;"),
        ("", "<b>", "&lt;b&gt;"),
        ("graphql", 'type A { a: String } # </code><script src="x">', "&lt;/code&gt;&lt;script"),
    ],
)
def test_code_is_highlighted_and_stays_text(language: str, code: str, html: str) -> None:
    rendered = render(f"```{language}\n{code}\n```\n").html

    tags = _Tags()
    tags.feed(rendered)
    assert html in rendered
    assert {name for name, _ in tags.elements} <= {"div", "pre", "code", "span", "a"}


@pytest.mark.parametrize(
    ("language", "code", "is_linked"),
    [
        ("graphql", "query A { a }", True),
        ("graphql", "mutation { a }", True),
        ("json", "{}", False),
    ],
)
def test_only_queries_have_a_link(language: str, code: str, is_linked: bool) -> None:
    assert ('class="run"' in render(f"```{language}\n{code}\n```\n").html) is is_linked


def test_comments_are_for_who_edits_the_page() -> None:
    html = render("<!-- begin -->\ntext <!-- inner --> goes on\n\n<!-- several\nlines -->\n").html

    assert "begin" not in html
    assert "inner" not in html
    assert "several" not in html
    assert "text  goes on" in html


def test_images_are_the_manuals_own() -> None:
    html = render("![A picture](images/graphiql.png) ![Another](https://evil.example/x.png)").html

    assert html == '<p><img src="/docs/images/graphiql.png" alt="A picture"> Another</p>\n'.replace(
        'alt="A picture">', 'alt="A picture" />'
    )


def test_headings_have_githubs_anchors() -> None:
    html = render("# One: `two` & three\n\n## Again\n\n## Again\n").html

    assert re.findall(r'id="([^"]*)"', html) == ["one-two--three", "again", "again-1"]
    assert slug_of("`fleetgraph clusters import`".replace("`", "")) == "fleetgraph-clusters-import"


def test_title_and_summary_are_text() -> None:
    page = render("# A `title`\n\nThe *first*\nparagraph.\n\nThe second.\n")

    assert (page.title, page.summary) == ("A title", "The first paragraph.")


def test_without_a_heading_there_is_no_title(tmp_path: Path) -> None:
    assert render("").title == ""
