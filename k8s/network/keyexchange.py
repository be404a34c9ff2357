"""Limits of the work that a server can cause a client in a TLS handshake; the key exchange is checked in advance.

OpenSSL before 3.5 offers finite-field groups of up to 8,192 bits, which take a client 170 ms of the event loop. Later
versions offer none above 3,072 bits, unless they are configured to. Python before 3.15 can set one group alone, which
would refuse servers with another, and certificates with keys of another. A configuration file of OpenSSL
(`OPENSSL_CONF`) can set several, but replaces the system's, with its policies and FIPS provider.

The server's first message contains its choice, unencrypted: OpenSSL sends a key for its first group, X25519, and a
server that wants another answers with a HelloRetryRequest (RFC 8446, section 4.1.4). OpenSSL lets it choose once.
"""

import ssl
from time import thread_time
from typing import Final, cast

_HANDSHAKE: Final = 22
_SERVER_HELLO: Final = 2
_KEY_SHARE: Final = 51
_FINITE_FIELD: Final = range(0x0100, 0x0200)
"""Finite-field groups (RFC 7919; RFC 8446, section 4.2.7)."""
_QUICK: Final = frozenset({0x0100, 0x0101})
"""The groups ffdhe2048 and ffdhe3072, which take 4 and 10 ms; ffdhe4096 takes 22 ms, ffdhe6144 70 ms."""
_NAMES: Final = {0x0102: "ffdhe4096", 0x0103: "ffdhe6144", 0x0104: "ffdhe8192"}
_HEAD: Final = 5
"""Bytes before a record: one of its type, two of the version, two of the size."""
_MOST_RECORDS: Final = 64
"""The limit of records of the first message; usual servers send one."""
_MOST_BYTES: Final = 20_000
"""The limit of the first message, as in OpenSSL 3.0; usual ones have 100 bytes."""
_MOST_HANDSHAKE_BYTES: Final = 16_384
"""The limit of a server's bytes in a handshake; usual servers send 2,000 to 8,000. A chain of certificates that the
cluster's own authority has signed takes OpenSSL 0.3 to 4.5 ms a kilobyte in one stretch, depending on the type of
its keys."""
_LONGEST_S: Final = 0.05
"""The limit of processor time of one step of the handshake; usual ones take 1 to 10 ms."""


class HandshakeRefused(ssl.SSLError):
    """A server that causes a client too much work; the message names the cause."""

    def __init__(self, cause: str) -> None:
        super().__init__(ssl.SSL_ERROR_SSL, cause)


class KeyExchangeRefused(HandshakeRefused):
    """A server that chooses a group that takes too long; `group` is its name, such as ffdhe8192."""

    def __init__(self, group: str) -> None:
        super().__init__(f"the server chooses {group} for the key exchange, which takes too long")
        self.group = group


class HandshakeTooLarge(HandshakeRefused):
    """A server that sends more than `most_bytes`."""

    def __init__(self) -> None:
        self.most_bytes = _MOST_HANDSHAKE_BYTES
        super().__init__(f"the server sends more than {self.most_bytes} bytes in the handshake")


class HandshakeTooSlow(HandshakeRefused):
    """A step of the handshake that took too long: `milliseconds` of processor time."""

    def __init__(self, milliseconds: int) -> None:
        super().__init__(f"the handshake took {milliseconds} ms of processor time")
        self.milliseconds = milliseconds


class _Handshake(ssl.SSLObject):
    """A handshake that reads the server's bytes record by record up to the end of the first message."""

    incoming: ssl.MemoryBIO
    first_message: "_FirstMessage | None" = None
    _received_bytes = 0
    _unread_bytes = 0

    def do_handshake(self) -> None:
        if self.first_message is not None and self.first_message.is_passed_on():
            self.first_message = None
        self._received_bytes += self.incoming.pending - self._unread_bytes
        if self._received_bytes > _MOST_HANDSHAKE_BYTES:
            raise HandshakeTooLarge
        started_s = thread_time()
        try:
            super().do_handshake()
        finally:
            self._unread_bytes = self.incoming.pending
            took_s = thread_time() - started_s
            if took_s > _LONGEST_S:
                raise HandshakeTooSlow(round(took_s * 1000))


class ClientContext(ssl.SSLContext):
    """A client's context whose handshakes over memory, as event loops make them, refuse costly work.

    `do_handshake` raises KeyExchangeRefused before any computation, HandshakeTooLarge before many certificates are
    verified, and HandshakeTooSlow after a step that took too long: the error opens the circuit breaker. Sockets of
    `wrap_socket` raise none of them.
    """

    sslobject_class = _Handshake

    def wrap_bio(
        self,
        incoming: ssl.MemoryBIO,
        outgoing: ssl.MemoryBIO,
        server_side: bool = False,
        server_hostname: str | bytes | None = None,
        session: ssl.SSLSession | None = None,
    ) -> ssl.SSLObject:
        """Returns one end of a connection, as the base class does."""
        handshake = cast("_Handshake", super().wrap_bio(incoming, outgoing, server_side, server_hostname, session))
        handshake.incoming, handshake.first_message = incoming, _FirstMessage(incoming)
        return handshake


class _FirstMessage:
    """A server's first message, in records that arrive in pieces.

    The TLS library gets each record when it is complete and checked. It fails by itself on malformed records, on data
    that is no TLS, and on other messages than a ServerHello.
    """

    def __init__(self, incoming: ssl.MemoryBIO) -> None:
        self._incoming = incoming
        self._pending = bytearray()
        self._message = bytearray()
        self._records = 0

    def is_passed_on(self) -> bool:
        """Passes on the records that are known to be harmless; returns whether nothing is held back any more.

        Raises:
            KeyExchangeRefused: The server chooses a slow group.
            SSLError: The message has more records or bytes than any usual server's.
        """
        self._pending += self._incoming.read()
        size = 0
        is_judged = False
        while not is_judged and (record := _record(self._pending, size)):
            size += len(record)
            is_judged = self._is_judged(record)
        if is_judged:
            size = len(self._pending)
        self._incoming.write(self._pending[:size])
        del self._pending[:size]
        return is_judged

    def _is_judged(self, record: bytes) -> bool:
        if not _is_tls(record):
            return True
        if record[0] == _HANDSHAKE:
            self._message += record[_HEAD:]
        self._records += 1
        greetings = len(self._message) - len(self._message.lstrip(b"\0"))
        del self._message[: greetings - greetings % 4]  # HelloRequests, four zeros each, are ignored by the TLS library
        size = 4 + int.from_bytes(self._message[1:4], "big")
        if self._records > _MOST_RECORDS or size > _MOST_BYTES:
            raise ssl.SSLError(ssl.SSL_ERROR_SSL, "the server's first message is too large")
        if len(self._message) < size:
            return False
        group = _group(bytes(self._message[:size]))
        if group is not None and group in _FINITE_FIELD and group not in _QUICK:
            raise KeyExchangeRefused(_NAMES.get(group, f"the finite-field group {group:#06x}"))
        return True


def _is_tls(record: bytes) -> bool:
    return record[1] == 3  # the major version of all of them


def _record(data: bytearray, start: int) -> bytes:
    """Returns the record at an offset, or nothing while it is incomplete; of data that is no TLS, its first bytes."""
    head = bytes(data[start : start + _HEAD])
    if len(head) < _HEAD:
        return b""
    size = _HEAD + (int.from_bytes(head[3:], "big") if _is_tls(head) else 0)
    return bytes(data[start : start + size]) if start + size <= len(data) else b""


def _group(message: bytes) -> int | None:
    """Returns the group of a ServerHello or HelloRetryRequest of TLS 1.3; None if the message has none."""
    if message[0] != _SERVER_HELLO:
        return None
    place = 39 + int.from_bytes(message[38:39], "big") + 5  # behind session, suite, compression, size of extensions
    while place < len(message):
        if int.from_bytes(message[place : place + 2], "big") == _KEY_SHARE:
            return int.from_bytes(message[place + 4 : place + 6], "big")
        place += 4 + int.from_bytes(message[place + 2 : place + 4], "big")
    return None
