"""Points in time."""

from datetime import UTC

from store.utctime import utc_now


def test_now_is_in_utc() -> None:
    assert utc_now().tzinfo is UTC
