"""The page and the table of kubectl's columns, compared with the cells that tests/printed compares with API servers."""

from graph.planning.fieldpaths import FieldPaths
from graph.schema.catalogue import catalogue
from resolvers.kinds.printercolumns import columns_by_kind
from resolvers.names import type_name
from tests.docs.blocks import ROOT
from tests.docs.columns import columns, letters, page


def test_the_page_has_all_columns() -> None:
    assert (ROOT / "docs" / "columns.md").read_text() == page(), (
        "write it again: .venv/bin/python -m tests.docs.columns > docs/columns.md"
    )


def test_the_table_has_the_columns_whose_names_are_no_paths() -> None:
    expected = {
        str(kind): {
            letters(heading): tuple(paths)
            for heading, paths in by_heading.items()
            if paths and letters(heading) not in paths
        }
        for kind, by_heading in columns().items()
    }

    assert columns_by_kind() == {kind: table for kind, table in expected.items() if table}


def test_each_of_them_is_a_path() -> None:
    paths = FieldPaths(catalogue())
    for kind, by_heading in columns().items():
        for found in by_heading.values():
            for path in found:
                paths.find(type_name(kind), path)
