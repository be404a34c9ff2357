"""Conversion of errors of the drivers into errors of the store."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from store.database.url import DatabaseUrl
from store.errors import StoreUnavailable


@contextmanager
def outages_reported(url: DatabaseUrl) -> Iterator[None]:
    """Converts errors of drivers into `StoreUnavailable`, chained.

    An `IntegrityError` passes: only the repository knows the violated rule.
    """
    try:
        yield
    except IntegrityError:
        raise
    except PoolTimeoutError as error:
        raise StoreUnavailable(f"The database {url} is overloaded: no connection became free in time.") from error
    except DBAPIError as error:
        raise StoreUnavailable(f"The database {url} is unavailable: {cause_of(error)}.") from error
    except OSError as error:
        raise StoreUnavailable(f"The database {url} cannot be reached: {_first_line(error)}.") from error


def cause_of(error: DBAPIError) -> str:
    """Returns the driver's own message, without the statement; SQLAlchemy's asyncpg adapter wraps it once more."""
    driver_error = error.orig
    if driver_error is None:
        return type(error).__name__
    return _first_line(driver_error.__cause__ or driver_error)


def _first_line(error: BaseException) -> str:
    lines = str(error).splitlines()
    if isinstance(error, TimeoutError):
        return "it did not answer in time"
    return lines[0].rstrip(".") if lines else type(error).__name__
