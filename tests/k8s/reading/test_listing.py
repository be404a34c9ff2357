"""The numbers of objects with which pages of lists are requested."""

import pytest

from k8s.kinds.builtin import CONFIG_MAP, POD
from k8s.kinds.kind import Kind
from k8s.reading.listing import WHOLE, ListRequest, ObjectSizes, PageSizes, Window
from k8s.reading.selection import selection_of

PODS = ListRequest(POD, "Pod", selection_of(["metadata.name", "status.phase"]))
NAMES = ListRequest(CONFIG_MAP, "ConfigMap", selection_of(["metadata.name"]))
VALUES = ListRequest(CONFIG_MAP, "ConfigMap", selection_of(["metadata.name", "data"]))
CUSTOM = ListRequest(Kind("example.com", "v1", "Widget", "widgets"), "Widget", selection_of(["spec"]))


def _sizes(request: ListRequest, known: ObjectSizes, window: Window = WHOLE) -> tuple[int, int]:
    sizes = PageSizes("alpha", request, window, known)
    return sizes.first, sizes.next


@pytest.mark.parametrize(("request_", "first"), [(PODS, 1000), (NAMES, 1000), (VALUES, 500), (CUSTOM, 500)])
def test_first_pages_of_objects_that_are_probably_small_are_large(request_: ListRequest, first: int) -> None:
    assert _sizes(request_, ObjectSizes()) == (first, 500)


@pytest.mark.parametrize(
    ("object_bytes", "first", "following"),
    [(1000, 1000, 1000), (6500, 1000, 1000), (13_000, 1000, 500), (130_000, 100, 100), (20_000_000, 1, 1)],
)
def test_known_sizes_give_pages_of_some_megabytes(object_bytes: int, first: int, following: int) -> None:
    known = ObjectSizes()
    PageSizes("alpha", CUSTOM, WHOLE, known).note(100, 100 * object_bytes)

    assert _sizes(CUSTOM, known) == (first, following)
    assert _sizes(VALUES, known) == (500, 500)


def test_few_objects_say_nothing_about_others() -> None:
    known = ObjectSizes()
    PageSizes("alpha", PODS, WHOLE, known).note(24, 24 * 1_000_000)

    assert _sizes(PODS, known) == (1000, 500)


def test_sizes_of_another_cluster_and_of_metadata_alone_are_others() -> None:
    known = ObjectSizes()
    PageSizes("beta", VALUES, WHOLE, known).note(100, 100 * 130_000)
    PageSizes("alpha", NAMES, WHOLE, known).note(100, 100 * 130_000)

    assert _sizes(VALUES, known) == (500, 500)


def test_sizes_of_few_lists_are_remembered() -> None:
    known = ObjectSizes()
    for number in range(1001):
        known.note(f"cluster-{number}", PODS, 7)

    assert known.of("cluster-0", PODS) is None
    assert known.of("cluster-1", PODS) == 7


@pytest.mark.parametrize(
    ("window", "first", "following"),
    [
        (Window(first=10), 10, 10),
        (Window(first=800), 800, 500),
        (Window(first=10, after=("a", "b"), skipped=30), 40, 40),
        (Window(first=10, after=("a", "b")), 1000, 500),
        (Window(first=10, after=("a", "b"), token="t"), 10, 10),
    ],
)
def test_no_page_has_more_objects_than_the_window(window: Window, first: int, following: int) -> None:
    assert _sizes(PODS, ObjectSizes(), window) == (first, following)


def test_pages_that_are_too_large_shrink_to_those_of_unknown_objects_first() -> None:
    sizes, seen = PageSizes("alpha", PODS, WHOLE, ObjectSizes()), []
    while sizes.shrink(is_first=True):
        seen.append((sizes.first, sizes.next))

    assert seen == [(500, 500), (25, 25), (1, 1)]
