"""Bounds of caches, whatever callers send."""

import gc
from itertools import count

from graph.document.documents import Documents
from graph.document.lrucache import LruCache
from graph.engine import Engine
from graph.planning.emitted import emitted_type
from resolvers.filters.shorttexts import remembered
from resolvers.limits import DocumentLimits


def test_the_one_that_was_not_used_for_longest_goes_first() -> None:
    cache = LruCache[str, int](2, weight=100)
    cache.add("a", 1, 1)
    cache.add("b", 2, 1)

    assert cache.find("a") == 1
    cache.add("c", 3, 1)

    assert (cache.find("a"), cache.find("b"), cache.find("c")) == (1, None, 3)


def test_as_many_are_kept_as_the_weight_allows() -> None:
    cache = LruCache[int, int](100, weight=10)
    for number in range(20):
        cache.add(number, number, 4)

    assert [cache.find(number) for number in range(17, 20)] == [None, 18, 19]


def test_what_weighs_too_much_is_not_kept_and_takes_no_place() -> None:
    cache = LruCache[str, int](100, weight=10)
    cache.add("small", 1, 5)

    cache.add("large", 2, 11)
    cache.add("small", 3, 6)

    assert (cache.find("large"), cache.find("small"), len(cache)) == (None, 3, 1)


async def test_documents_are_kept_within_a_sum_of_tokens(engine: Engine) -> None:
    documents = Documents(engine.schema, DocumentLimits())
    for number in range(40):
        await documents.read(_document(f"a{number}", tokens=900))

    assert 10 < documents.figures.cached < 20


async def test_a_document_needs_no_garbage_collector(engine: Engine) -> None:
    documents = Documents(engine.schema, DocumentLimits(tokens=30_000))
    gc.collect()
    gc.disable()
    try:
        before = len(gc.get_objects())
        await documents.read(_document("a", tokens=25_000))  # more than all that are kept may have
        assert len(gc.get_objects()) < before + 25_000
    finally:
        gc.enable()


def test_classes_of_long_response_keys_are_not_kept() -> None:
    before = _emitted()
    for number in range(50):
        emitted_type((f"{'x' * 2000}{number}",))
    gc.collect()

    assert _emitted() == before


def test_long_texts_are_not_remembered() -> None:
    calls = count()
    made = remembered(10)(lambda _text: next(calls))

    assert (made("short"), made("short")) == (0, 0)
    assert (made("x" * 101), made("x" * 101)) == (1, 2)


def _emitted() -> int:
    return sum(1 for item in gc.get_objects() if isinstance(item, type) and item.__name__ == "Emitted")


def _document(alias: str, *, tokens: int) -> str:
    namespaces = '"x" ' * tokens
    return f"{{ {alias}: pods(namespaces: [{namespaces}]) {{ totalCount }} }}"
