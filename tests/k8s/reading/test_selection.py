"""Selections: cached in thousands, without cost for the garbage collector."""

import gc

from k8s.reading.selection import selection_of


def test_selections_of_the_same_paths_are_equal_and_have_one_hash() -> None:
    first, second = selection_of(["metadata.name", "spec"]), selection_of(["metadata.name", "spec"])

    assert first == second
    assert hash(first) == hash(second)
    assert first != selection_of(["spec", "metadata.name"])


def test_the_garbage_collector_does_not_walk_selections() -> None:
    selections = [selection_of(["metadata.name", f"spec.{number}", "status.phase"]) for number in range(100)]
    for _ in range(5):  # tuples within tuples, one level at a time
        gc.collect()

    assert not any(map(gc.is_tracked, selections))
    assert not any(gc.is_tracked(selection.branches) for selection in selections)
