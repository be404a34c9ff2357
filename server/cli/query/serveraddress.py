"""The server that a command asks: its address, the token for it, and the authorities that its certificate needs.

A token is sent only to the server that it is for: never in plain text over a network, and that of the environment never
to another server than that of the environment.
"""

import os
import re
import ssl
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import Final
from urllib.parse import SplitResult, urlsplit

from server.commanderrors import InputError
from server.settings.clientvariables import CLIENT_TOKEN, CLIENT_TOKEN_FILE, CLIENT_URL

_PATH: Final = "/graphql"
_TOKEN: Final = re.compile(r"[!-~]+", re.ASCII)
_MAX_TOKEN_BYTES: Final = 65_536


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerOptions:
    """The options that choose a server.

    Attributes:
        url: Its address; None: that of the environment; empty: no server.
        token_file: A file with a token for it, or - for stdin.
        ca_file: Authorities in PEM that its certificate is verified with, instead of the system's.
    """

    url: str | None = None
    token_file: Path | None = None
    ca_file: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerAddress:
    """A server to ask.

    Attributes:
        url: The URL of its GraphQL endpoint, without user, query and fragment.
        token: The token to send; None sends none.
        withheld: The variable of a token that is for another server, and is not sent.
        ca_file: See `ServerOptions`.
    """

    url: str
    token: str | None = field(default=None, repr=False)
    withheld: str | None = None
    ca_file: Path | None = None

    def tls(self) -> ssl.SSLContext:
        """Returns the context that verifies its certificate; raises InputError."""
        if self.ca_file is None:
            return ssl.create_default_context()
        try:
            return ssl.create_default_context(cafile=str(self.ca_file))
        except ssl.SSLError:
            raise InputError(f"--ca-file {self.ca_file} has no certificate in PEM.") from None
        except OSError as error:
            raise InputError(f"--ca-file {self.ca_file} cannot be read: {error.strerror}.") from error


def server_address(options: ServerOptions, environment: Mapping[str, str] = os.environ) -> ServerAddress | None:
    """Returns the server that the options or the environment choose; None for this process.

    Raises:
        InputError: The address is invalid, a file cannot be read, or a token would cross the network in plain text.
    """
    text = options.url if options.url is not None else environment.get(CLIENT_URL, "")
    if not text:
        for name, value in (("--token-file", options.token_file), ("--ca-file", options.ca_file)):
            if value is not None:
                raise InputError(f"{name} is for a server; give its address with --url or {CLIENT_URL}.")
        return None
    parts = _parts(text, "--url" if options.url is not None else CLIENT_URL)
    url = parts.geturl()
    token, withheld = _token(options, parts, environment)
    if token is not None and parts.scheme == "http" and not _is_loopback(parts.hostname or ""):
        raise InputError(
            f"The token would cross the network to {parts.netloc} in plain text, so nothing was sent. Use https, or "
            "reach the server at 127.0.0.1, such as by kubectl port-forward."
        )
    return ServerAddress(url=url, token=token, withheld=withheld, ca_file=options.ca_file)


def _parts(text: str, source: str) -> SplitResult:
    """Returns the URL of the endpoint; messages never repeat the text, which may have a password or a token."""
    example = "such as https://fleetgraph.example.com or http://127.0.0.1:8000"
    try:
        parts = urlsplit(text.strip())
        host, _port = parts.hostname, parts.port
    except ValueError:
        raise InputError(f"{source} is not a URL; write one {example}.") from None
    if parts.scheme not in ("http", "https") or not host or not text.isprintable() or " " in text.strip():
        raise InputError(f"{source} is not an http or https URL; write one {example}.")
    if parts.username is not None or parts.password is not None or parts.query or parts.fragment:
        raise InputError(
            f"{source} must not have a user, a password, a query or a fragment; give the token with {CLIENT_TOKEN} or "
            "--token-file."
        )
    return parts._replace(path=parts.path.rstrip("/") or _PATH, query="", fragment="")


def _token(options: ServerOptions, parts: SplitResult, environment: Mapping[str, str]) -> tuple[str | None, str | None]:
    """Returns the token to send, and the variable of one that is for another server."""
    if options.token_file is not None:
        return _from_file(options.token_file, "--token-file"), None
    variable = next((name for name in (CLIENT_TOKEN, CLIENT_TOKEN_FILE) if environment.get(name)), None)
    if variable is None:
        return None, None
    own = environment.get(CLIENT_URL, "")
    if options.url is not None and own and _origin(_parts(own, CLIENT_URL)) != _origin(parts):
        return None, variable
    value = environment[variable]
    return (_checked(value, variable) if variable == CLIENT_TOKEN else _from_file(Path(value), variable)), None


def _origin(parts: SplitResult) -> tuple[str, str | None, int]:
    return parts.scheme, parts.hostname, parts.port or (443 if parts.scheme == "https" else 80)


def _from_file(file: Path, source: str) -> str:
    try:
        if str(file) == "-":
            text = sys.stdin.buffer.read(_MAX_TOKEN_BYTES + 1)
        else:
            with file.open("rb") as opened:
                text = opened.read(_MAX_TOKEN_BYTES + 1)
    except OSError as error:
        raise InputError(f"{source} {file} cannot be read: {error.strerror}.") from error
    return _checked(text.decode("latin-1"), f"{source} {file}")


def _checked(text: str, source: str) -> str:
    """Returns the token, which must be one word: it becomes a header."""
    token = text.strip()
    if not _TOKEN.fullmatch(token) or len(token) > _MAX_TOKEN_BYTES:
        raise InputError(f"{source} does not have a token: one word of visible ASCII characters.")
    return token


def is_local_name(host: str) -> bool:
    """Returns whether a name is that of this machine (RFC 6761, section 6.3)."""
    return host == "localhost" or host.endswith(".localhost")


def _is_loopback(host: str) -> bool:
    if is_local_name(host):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
