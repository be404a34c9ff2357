"""The release of the API server that a dump is of: what says it best, wins.

1. Our own manifest. 2. What `kubectl version` or the path `/version` answered, in a file of its own. 3. The newest
kubelet, which is never newer than the API server: a guess.
"""

import re
from typing import Final

import msgspec

from snapshots.decoding import Decoder

UNKNOWN: Final = "unknown"
_LONGEST: Final = 64
_VERSION: Final = re.compile(r"v\d{1,9}\.\d{1,9}\.\d{1,9}(?!\d)[-+.0-9A-Za-z]*", re.ASCII)
_SERVER: Final = re.compile(r"Server Version:[^\n]*?(v\d{1,9}\.\d{1,9}\.\d{1,9}(?!\d)[-+.0-9A-Za-z]*)", re.ASCII)
_NUMBERS: Final = re.compile(r"v(\d{1,9})\.(\d{1,9})\.(\d{1,9})", re.ASCII)


class _Info(msgspec.Struct, rename="camel"):
    git_version: str = ""


class _Told(msgspec.Struct, rename="camel"):
    git_version: str = ""
    server_version: _Info | None = None


class _NodeInfo(msgspec.Struct, rename="camel"):
    kubelet_version: str = ""


class _NodeStatus(msgspec.Struct, rename="camel"):
    node_info: _NodeInfo | None = None


class _Node(msgspec.Struct):
    status: _NodeStatus | None = None


_TOLD: Final = Decoder(_Told)
_NODE: Final = Decoder(_Node)


class ClusterVersion:
    """Collects what a dump says of the version."""

    def __init__(self) -> None:
        self._told = ""
        self._kubelet = ""

    @property
    def best(self) -> str:
        """The version, or `unknown`."""
        return (self._told or self._kubelet or UNKNOWN)[:_LONGEST]

    def tell(self, version: str) -> None:
        """What the dump's manifest says."""
        if found := _VERSION.match(version):
            self._told = found[0]

    def note_text(self, content: bytes) -> None:
        """A file that is called `version`."""
        text = content[:4096].decode("utf-8", "replace")
        if found := _SERVER.search(text) or _VERSION.fullmatch(text.strip()):
            self._told = self._told or found[found.lastindex or 0]

    def note_document(self, body: bytes) -> None:
        """A document that is no object."""
        try:
            told = _TOLD.decode(body)
        except msgspec.DecodeError:
            return
        self.note_text((told.server_version.git_version if told.server_version else told.git_version).encode())

    def note_node(self, body: bytes) -> None:
        """A node."""
        try:
            status = _NODE.decode(body).status
        except msgspec.DecodeError:
            return
        found = _VERSION.match(status.node_info.kubelet_version) if status and status.node_info else None
        if found:
            self._kubelet = max(self._kubelet, found[0], key=_numbers)


def _numbers(version: str) -> tuple[int, ...]:
    found = _NUMBERS.match(version)
    return tuple(int(number) for number in found.groups()) if found else ()
