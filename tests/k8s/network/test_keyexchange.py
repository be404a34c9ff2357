"""Groups of TLS 1.3 that servers choose, in handshakes over memory and over event loops."""

import asyncio
import ssl
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
import uvloop
from hypothesis import given
from hypothesis import strategies as st

from k8s.network.keyexchange import ClientContext, HandshakeTooLarge, HandshakeTooSlow, KeyExchangeRefused
from tests.k8s.kubeconfig_samples import authority
from tests.k8s.tlswire import (
    ALERT,
    FFDHE8192,
    HANDSHAKE,
    SECP384R1,
    Wire,
    answers_with_a_key,
    choosing,
    in_records,
    record,
    records,
    retry,
    server_hello,
)
from tests.processortime import thread_seconds

SLOW = {0x0102: "ffdhe4096", 0x0103: "ffdhe6144", FFDHE8192: "ffdhe8192", 0x01FF: "the finite-field group 0x01ff"}
"""Groups that `retry` makes up, since newer versions of OpenSSL offer none of them."""
QUICK = ("X25519", "prime256v1", "X448", "secp384r1", "secp521r1", "ffdhe2048", "ffdhe3072")
CHANGE, DATA, UNKNOWN = 20, 23, 99
HELLO_REQUEST = b"\0\0\0\0"
WARNING = b"\1\x70"
"""The alert `unrecognized_name`, which servers send before they continue."""


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Returns the certificate and key of a server."""
    return authority().issue().write(tmp_path_factory.mktemp("server"), "server")


@pytest.fixture(scope="module")
def client() -> ssl.SSLContext:
    return _trusting(ClientContext(ssl.PROTOCOL_TLS_CLIENT))


@pytest.fixture(scope="module")
def unguarded() -> ssl.SSLContext:
    return _trusting(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))


def _trusting(context: ssl.SSLContext) -> ssl.SSLContext:
    context.load_verify_locations(cadata=authority().pem.decode())
    return context


def server(files: tuple[Path, Path], group: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*files)
    context.set_ecdh_curve(group)
    return context


@pytest.mark.parametrize("group", QUICK)
def test_a_server_with_a_quick_group_is_accepted(client: ssl.SSLContext, files: tuple[Path, Path], group: str) -> None:
    wire = Wire(client, server(files, group))

    assert wire.is_agreed()
    assert wire.client.version() == "TLSv1.3"


@pytest.mark.parametrize(("group", "name"), SLOW.items(), ids=SLOW.values())
def test_a_server_with_a_slow_group_is_refused(
    client: ssl.SSLContext, files: tuple[Path, Path], group: int, name: str
) -> None:
    wire = Wire(client, server(files, "X25519"))
    wire.to_client.write(record(HANDSHAKE, retry(wire.client_hello(), group)))

    with pytest.raises(KeyExchangeRefused, match=f"the server chooses {name} for") as refused:
        wire.client.do_handshake()

    assert refused.value.group == name


def test_a_client_whose_first_key_is_slow_does_not_compute_with_it(files: tuple[Path, Path]) -> None:
    """An operator may have configured OpenSSL so: the server chooses in its ServerHello, without a retry."""
    client = _trusting(ClientContext(ssl.PROTOCOL_TLS_CLIENT))
    client.set_ecdh_curve("ffdhe4096")

    with pytest.raises(KeyExchangeRefused, match="ffdhe4096"):
        Wire(client, server(files, "ffdhe4096")).is_agreed()


def test_the_refusal_takes_less_time_than_a_quick_key(client: ssl.SSLContext, files: tuple[Path, Path]) -> None:
    def taken_s(group: int) -> float:
        wire = Wire(client, server(files, "X25519"))
        arriving = record(HANDSHAKE, retry(wire.client_hello(), group))
        return thread_seconds(lambda: answers_with_a_key(wire, arriving))

    assert min(taken_s(FFDHE8192) for _ in range(20)) < min(taken_s(SECP384R1) for _ in range(20))


def _certificate(directory: Path, name_characters: int) -> tuple[Path, Path]:
    """Returns a server's certificate with names of so many characters together."""
    names = tuple(f"{number:050}.invalid" for number in range(name_characters // 58))
    return authority().issue(("localhost", *names)).write(directory, "server")


@pytest.mark.parametrize("maximum", ["TLSv1_2", "TLSv1_3"])
@pytest.mark.parametrize("pieces", [1, 7])
def test_a_server_that_sends_much_is_refused_before_that_is_verified(
    client: ssl.SSLContext, tmp_path: Path, maximum: str, pieces: int
) -> None:
    context = server(_certificate(tmp_path, 40_000), "X25519")
    context.maximum_version = ssl.TLSVersion[maximum]

    def cut(flight: bytes) -> list[bytes]:
        size = -(-len(flight) // pieces)
        return [flight[start : start + size] for start in range(0, len(flight), size)]

    with pytest.raises(HandshakeTooLarge, match="sends more than 16384 bytes in the handshake"):
        Wire(client, context).is_agreed(cut)


def test_a_server_that_sends_a_little_less_is_accepted(client: ssl.SSLContext, tmp_path: Path) -> None:
    assert Wire(client, server(_certificate(tmp_path, 12_000), "X25519")).is_agreed()


def test_a_server_whose_handshake_took_long_is_refused(
    client: ssl.SSLContext, files: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("k8s.network.keyexchange._LONGEST_S", -1.0)

    with pytest.raises(HandshakeTooSlow, match=r"the handshake took \d+ ms of processor time"):
        Wire(client, server(files, "X25519")).is_agreed()


@pytest.mark.parametrize(
    "before",
    [
        b"",
        record(HANDSHAKE, HELLO_REQUEST),
        record(HANDSHAKE, HELLO_REQUEST * 3),
        record(ALERT, WARNING),
        record(ALERT, WARNING) + record(HANDSHAKE, HELLO_REQUEST),
    ],
    ids=["nothing", "a-greeting", "greetings", "a-warning", "both"],
)
@pytest.mark.parametrize("payload_bytes", [2, 40, 1000])
def test_nothing_before_or_between_hides_the_choice(
    client: ssl.SSLContext, unguarded: ssl.SSLContext, files: tuple[Path, Path], before: bytes, payload_bytes: int
) -> None:
    """The TLS library ignores, or joins, each of these."""
    refused, followed = (Wire(context, server(files, "X25519")) for context in (client, unguarded))

    slow, quick = retry(refused.client_hello(), FFDHE8192), retry(followed.client_hello(), SECP384R1)

    assert answers_with_a_key(followed, before + in_records(quick, payload_bytes))
    assert not answers_with_a_key(refused, before + in_records(slow, payload_bytes))


@pytest.mark.parametrize("second", ["a-retry", "a-hello"])
def test_a_second_choice_is_the_tls_librarys_to_refuse(
    client: ssl.SSLContext, files: tuple[Path, Path], second: str
) -> None:
    wire = Wire(client, server(files, "X25519"))
    hello = wire.client_hello()
    assert answers_with_a_key(wire, record(HANDSHAKE, retry(hello, SECP384R1)))
    again = retry(hello, FFDHE8192) if second == "a-retry" else server_hello(hello, FFDHE8192, b"\1" * 1024)

    wire.to_client.write(record(HANDSHAKE, again))

    with pytest.raises(ssl.SSLError, match="UNEXPECTED_MESSAGE" if second == "a-retry" else "BAD_KEY_SHARE"):
        wire.client.do_handshake()


PAYLOADS = st.sampled_from([b"", WARNING, b"\1", HELLO_REQUEST, HELLO_REQUEST * 2, b"\0", b"\0\0\0\1a", b"\2\0\0\0"])
JUNK = st.builds(
    record,
    st.sampled_from([CHANGE, ALERT, HANDSHAKE, DATA, UNKNOWN]),
    PAYLOADS | st.binary(max_size=80),
    st.sampled_from([b"\3\3", b"\3\1", b"\3\4", b"\2\0"]),
)


@given(junk=st.lists(JUNK, max_size=6), payload_bytes=st.integers(min_value=1, max_value=200))
def test_no_bytes_bring_a_client_to_make_a_slow_key(
    client: ssl.SSLContext, files: tuple[Path, Path], junk: list[bytes], payload_bytes: int
) -> None:
    wire = Wire(client, server(files, "X25519"))

    assert not answers_with_a_key(
        wire, b"".join(junk) + in_records(retry(wire.client_hello(), FFDHE8192), payload_bytes)
    )


@given(
    group=st.sampled_from(["X25519", "secp384r1"]),
    payload_bytes=st.integers(min_value=4, max_value=200),
    cuts=st.lists(st.integers(min_value=0, max_value=300), max_size=8),
)
def test_a_server_is_accepted_in_whatever_pieces_it_sends(
    client: ssl.SSLContext, files: tuple[Path, Path], group: str, payload_bytes: int, cuts: list[int]
) -> None:
    def pieces(flight: bytes) -> list[bytes]:
        first, *others = records(flight)
        sent = b"".join([record(ALERT, WARNING), in_records(first[5:], payload_bytes), *others])
        return [sent[start:end] for start, end in pairwise(sorted({0, *cuts, len(sent)}))]

    assert Wire(client, server(files, group)).is_agreed(pieces)


@pytest.mark.parametrize(
    "arriving",
    [record(HANDSHAKE, b"\2\0\1\0") + record(HANDSHAKE, b"a") * 64, record(HANDSHAKE, b"\2\0\x4e\x21")],
    ids=["records", "bytes"],
)
def test_a_first_message_without_an_end_is_refused(
    client: ssl.SSLContext, files: tuple[Path, Path], arriving: bytes
) -> None:
    wire = Wire(client, server(files, "X25519"))
    wire.first_flight()
    wire.to_client.write(arriving)

    with pytest.raises(ssl.SSLError, match="the server's first message is too large"):
        wire.client.do_handshake()


@pytest.mark.parametrize("loop", [asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
async def test_event_loops_make_such_handshakes(
    client: ssl.SSLContext, files: tuple[Path, Path], loop: Callable[[], asyncio.AbstractEventLoop]
) -> None:
    async def greet(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"hello")
        writer.close()

    async def greeting(port: int) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=client, server_hostname="localhost")
        greeted = await reader.read()
        writer.close()
        return greeted

    async def both() -> bytes:
        async with choosing(FFDHE8192) as port:
            with pytest.raises(KeyExchangeRefused, match="ffdhe8192"):
                await greeting(port)
        listening = await asyncio.start_server(greet, "127.0.0.1", 0, ssl=server(files, "secp384r1"))
        async with listening:
            return await greeting(listening.sockets[0].getsockname()[1])

    def run() -> bytes:
        with asyncio.Runner(loop_factory=loop) as runner:
            return runner.run(both())

    assert await asyncio.to_thread(run) == b"hello"
