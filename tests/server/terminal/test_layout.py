"""Tables and trees in a terminal of any width: no word is broken."""

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from server.terminal.layout import Branch, table_layout, tree_lines, wrapped

COLUMNS = ("NAME", "STATE", "MESSAGE")
ROWS = (("alpha", "ok", "the quick brown fox jumps over the lazy dog"), ("a-long-name", "bad", "日本 語"))

WORDS = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=20)
TEXTS = st.lists(WORDS, max_size=8).map(" ".join)


def test_a_pipe_has_all_of_it_in_one_line_a_row() -> None:
    layout = table_layout(COLUMNS, ROWS, width=None)

    assert layout.left_out == ()
    assert layout.lines == [
        "NAME         STATE  MESSAGE",
        "alpha        ok     the quick brown fox jumps over the lazy dog",
        "a-long-name  bad    日本 語",
    ]


def test_long_texts_are_wrapped_between_words_first() -> None:
    layout = table_layout(COLUMNS, ROWS, width=54)

    assert layout.left_out == []
    assert layout.lines == [
        "NAME         STATE  MESSAGE",
        "alpha        ok     the quick brown fox jumps over the",
        "                    lazy dog",
        "a-long-name  bad    日本 語",
    ]


def test_columns_that_do_not_fit_are_left_out_by_priority() -> None:
    assert table_layout(COLUMNS, ROWS, width=45).left_out == ["MESSAGE"]
    assert table_layout(COLUMNS, ROWS, width=45, secondary=("STATE",)).left_out == ["STATE"]
    assert table_layout(COLUMNS, ROWS, width=40, secondary=("STATE",)).left_out == ["STATE", "MESSAGE"]


def test_a_column_without_texts_is_left_out_first() -> None:
    layout = table_layout(("A", "EMPTY", "C"), [("one", "", "two")], width=10, secondary=("C",))

    assert (layout.lines, layout.left_out) == (["A    C", "one  two"], ["EMPTY"])


def test_the_first_column_stays_though_it_does_not_fit() -> None:
    layout = table_layout(COLUMNS, ROWS, width=4)

    assert (layout.lines, layout.left_out) == (["NAME", "alpha", "a-long-name"], ["STATE", "MESSAGE"])


@given(st.lists(st.tuples(TEXTS, TEXTS, TEXTS), max_size=6), st.integers(1, 120))
def test_no_word_is_broken_and_no_line_is_too_long(rows: list[tuple[str, str, str]], width: int) -> None:
    layout = table_layout(("A", "B", "C"), rows, width=width, secondary=("B",))

    kept = [at for at, column in enumerate(("A", "B", "C")) if column not in layout.left_out]
    expected = sorted(word for row in rows for at in kept for word in row[at].split())
    printed = sorted(word for line in layout.lines[1:] for word in line.split())
    assert printed == expected
    if len(kept) > 1:
        assert max(map(cell_len, layout.lines)) <= width


@given(TEXTS, st.integers(1, 60))
def test_a_wrapped_text_has_its_words_in_order(text: str, width: int) -> None:
    lines = wrapped(text, width)

    assert " ".join(lines).split() == text.split()
    assert all(cell_len(line) <= width or " " not in line for line in lines)


def test_a_tree_wraps_below_its_beginning() -> None:
    tree: Branch = ("root", [("one two three", [("leaf", ())]), ("four five six", ())])

    assert list(tree_lines(tree, width=14)) == [
        "root",
        "├── one two",
        "│   │   three",
        "│   └── leaf",
        "└── four five",
        "    six",
    ]
    assert len(list(tree_lines(tree, width=None))) == 4
