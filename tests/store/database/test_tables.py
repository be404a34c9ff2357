"""Columns of times."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy.dialects import sqlite

from store.database.tables import UtcDateTime

COLUMN = UtcDateTime()
DIALECT = sqlite.dialect()
NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)


def test_a_time_is_written_in_utc() -> None:
    assert COLUMN.process_bind_param(NOON.astimezone(timezone(timedelta(hours=9))), DIALECT) == NOON


def test_a_time_without_a_zone_is_not_written() -> None:
    with pytest.raises(ValueError, match="A time without a zone cannot be stored"):
        COLUMN.process_bind_param(NOON.replace(tzinfo=None), DIALECT)


@pytest.mark.parametrize("read", [NOON.replace(tzinfo=None), NOON.astimezone(timezone(timedelta(hours=9)))])
def test_a_time_is_read_in_utc(read: datetime) -> None:
    found = COLUMN.process_result_value(read, DIALECT)

    assert found == NOON
    assert found.tzinfo is UTC


def test_no_time_stays_none() -> None:
    assert COLUMN.process_bind_param(None, DIALECT) is None
    assert COLUMN.process_result_value(None, DIALECT) is None
