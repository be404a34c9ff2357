"""The size of free JSON, counted up to a limit."""

from typing import Any


def json_size(value: Any, *, most: int) -> tuple[int, int]:
    """Returns the number of values at any depth, and the characters of all texts.

    The outermost list itself does not count. Counting stops after `most` values.
    """
    values, characters = 0, 0
    stack = [*value] if isinstance(value, list | tuple) else [value]
    while stack and values <= most:
        item = stack.pop()
        values += 1
        if isinstance(item, str):
            characters += len(item)
        elif isinstance(item, dict | list | tuple):
            if len(item) > most:  # to collect them would take long
                return most + 1, characters
            if isinstance(item, dict):
                characters += sum(map(len, item))
                stack.extend(item.values())
            else:
                characters += len(item)
                stack.extend(item)
    return values, characters
