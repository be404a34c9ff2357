"""Variables of commands that ask a server; they are no settings. Apart from those, whose import takes half a second."""

from typing import Final

CLIENT_URL: Final = "FLEETGRAPH_URL"
CLIENT_TOKEN: Final = "FLEETGRAPH_TOKEN"  # noqa: S105  a name, not a token
CLIENT_TOKEN_FILE: Final = "FLEETGRAPH_TOKEN_FILE"  # noqa: S105  a name, not a token

CLIENT_VARIABLES: Final = frozenset({CLIENT_URL, CLIENT_TOKEN, CLIENT_TOKEN_FILE})
