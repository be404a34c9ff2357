"""The errors of the store, and their documentation."""

import inspect
import re

import pytest

from store import errors
from store.errors import InvalidValue, NameTaken, NotFound, StoreError

CLASSES = [found for _, found in inspect.getmembers(errors, inspect.isclass)]


def test_the_drawn_tree_is_that_of_the_code() -> None:
    drawn = re.findall(r"^ {4}(.*?)(\w+)(?: {2,}.*)?$", errors.__doc__ or "", re.MULTILINE)

    levels = {name: 0 if not branch else 1 + branch.index("─") // 4 for branch, name in drawn}

    assert levels == {found.__name__: len(found.mro()) - len(StoreError.mro()) for found in CLASSES} | {
        InvalidValue.__name__: 1
    }


def test_a_refused_value_is_a_value_error_too() -> None:
    assert issubclass(InvalidValue, ValueError)


@pytest.mark.parametrize("kind", [NameTaken, NotFound])
def test_errors_about_a_name_carry_it(kind: type[NameTaken | NotFound]) -> None:
    error = kind("prod", "It is so.")

    assert (error.name, str(error)) == ("prod", "It is so.")
