"""The id of a request: on its answer, in every line of the log about it, and in the audit.

A caller, or the proxy before us, may choose it, so that one id follows a request through all systems. It is taken only
if it cannot be mistaken for anything else in a log or a header.
"""

import re
from secrets import token_hex
from typing import Final

from starlette.types import Scope

HEADER: Final = "X-Request-Id"

_NAME: Final = HEADER.lower().encode()
_SANE: Final = re.compile(rb"[A-Za-z0-9][A-Za-z0-9._:=+/-]{7,127}")


def request_id(scope: Scope) -> str:
    """The id that the request brings, if it brings exactly one of 8 to 128 plain characters; else a new one."""
    given = [value for name, value in scope["headers"] if name == _NAME]
    if len(given) == 1 and _SANE.fullmatch(given[0]):
        return str(given[0], "ascii")
    return token_hex(8)
