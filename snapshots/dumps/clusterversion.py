"""The release of a dump's API server, from the best source.

1. Our own manifest. 2. The output of `kubectl version` or of the path `/version`, in a separate file. 3. The newest
kubelet, which is never newer than the API server: a guess.
"""

import re
from typing import Final

import msgspec

from snapshots.lenientdecoder import LenientDecoder

UNKNOWN: Final = "unknown"
_LONGEST: Final = 64
_VERSION: Final = re.compile(r"v\d{1,9}\.\d{1,9}\.\d{1,9}(?!\d)[-+.0-9A-Za-z]*", re.ASCII)
_SERVER: Final = re.compile(r"Server Version:[^\n]*?(v\d{1,9}\.\d{1,9}\.\d{1,9}(?!\d)[-+.0-9A-Za-z]*)", re.ASCII)
_NUMBERS: Final = re.compile(r"v(\d{1,9})\.(\d{1,9})\.(\d{1,9})", re.ASCII)


class _Info(msgspec.Struct, rename="camel"):
    git_version: str = ""


class _VersionAnswer(msgspec.Struct, rename="camel"):
    git_version: str = ""
    server_version: _Info | None = None


class _NodeInfo(msgspec.Struct, rename="camel"):
    kubelet_version: str = ""


class _NodeStatus(msgspec.Struct, rename="camel"):
    node_info: _NodeInfo | None = None


class _Node(msgspec.Struct):
    status: _NodeStatus | None = None


_ANSWER: Final = LenientDecoder(_VersionAnswer)
_NODE: Final = LenientDecoder(_Node)


class ClusterVersion:
    """The versions in a dump, best one first."""

    def __init__(self) -> None:
        self._server = ""
        self._kubelet = ""

    @property
    def best(self) -> str:
        """Returns the version, or `unknown`."""
        return (self._server or self._kubelet or UNKNOWN)[:_LONGEST]

    def note_manifest(self, version: str) -> None:
        """Notes the version of the dump's manifest."""
        if match := _VERSION.match(version):
            self._server = match[0]

    def note_text(self, content: bytes) -> None:
        """Notes the content of a file named `version`."""
        text = content[:4096].decode("utf-8", "replace")
        if match := _SERVER.search(text) or _VERSION.fullmatch(text.strip()):
            self._server = self._server or match[match.lastindex or 0]

    def note_document(self, body: bytes) -> None:
        """Notes a document that is not an object."""
        try:
            answer = _ANSWER.decode(body)
        except msgspec.DecodeError:
            return
        version = answer.server_version.git_version if answer.server_version else answer.git_version
        self.note_text(version.encode())

    def note_node(self, body: bytes) -> None:
        """Notes the kubelet version of a node."""
        try:
            status = _NODE.decode(body).status
        except msgspec.DecodeError:
            return
        match = _VERSION.match(status.node_info.kubelet_version) if status and status.node_info else None
        if match:
            self._kubelet = max(self._kubelet, match[0], key=_numbers)


def _numbers(version: str) -> tuple[int, ...]:
    match = _NUMBERS.match(version)
    return tuple(int(number) for number in match.groups()) if match else ()
