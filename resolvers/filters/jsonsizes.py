"""How large free JSON is, looked at only as far as it may be."""

from typing import Any


def json_size(value: Any, *, most: int) -> tuple[int, int]:
    """How many values are in one, however deep, and the characters of all texts.

    Of a list only what is in it counts. Of more than `most` values no more is looked at.
    """
    values, characters = 0, 0
    waiting = [*value] if isinstance(value, list | tuple) else [value]
    while waiting and values <= most:
        each = waiting.pop()
        values += 1
        if isinstance(each, str):
            characters += len(each)
        elif isinstance(each, dict | list | tuple):
            if len(each) > most:  # to collect them would take its time
                return most + 1, characters
            if isinstance(each, dict):
                characters += sum(map(len, each))
                waiting.extend(each.values())
            else:
                characters += len(each)
                waiting.extend(each)
    return values, characters
