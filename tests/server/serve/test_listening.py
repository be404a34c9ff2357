"""The addresses that the server may listen on."""

import socket
from pathlib import Path

import pytest

from server.commanderrors import InputError, ListenError
from server.serve.listening import ServeOptions, is_reachable_from_elsewhere, listen, url


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "localhost"])
def test_loopback_needs_no_more_words(host: str) -> None:
    sockets = listen(ServeOptions(host=host, port=0))

    try:
        assert not is_reachable_from_elsewhere(sockets)
        assert url(ServeOptions(host=host), sockets) == f"http://{host}:{sockets[0].getsockname()[1]}"
    finally:
        for bound in sockets:
            bound.close()


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1"])  # noqa: S104  it is refused
def test_other_addresses_are_refused_in_words(host: str) -> None:
    with pytest.raises(ListenError, match="API tokens would cross the network in the clear") as raised:
        listen(ServeOptions(host=host, port=0))

    assert all(option in str(raised.value) for option in ("--tls-certificate", "--tls-key", "--behind-proxy"))


def test_behind_a_proxy_any_address_will_do() -> None:
    (bound, *others) = listen(ServeOptions(host="0.0.0.0", port=0, is_behind_proxy=True))  # noqa: S104  the subject of the test

    assert others == []
    assert is_reachable_from_elsewhere([bound])
    bound.close()


def test_a_port_in_use_is_one_clear_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]

        with pytest.raises(
            ListenError, match=rf"^Cannot listen on 127\.0\.0\.1, port {port}: Address already in use\.$"
        ):
            listen(ServeOptions(port=port))


@pytest.mark.parametrize("host", ["no.such.host.invalid", "a" * 300, "a b", ""])
def test_a_host_that_is_none(host: str) -> None:
    with pytest.raises(ListenError, match="is not known"):
        listen(ServeOptions(host=host, port=0))


def test_tls_files_belong_together(tmp_path: Path) -> None:
    certificate = tmp_path / "tls.crt"
    certificate.touch()

    with pytest.raises(InputError, match="belong together"):
        ServeOptions(tls_certificate=certificate)


def test_tls_files_have_to_be_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="There is no file"):
        ServeOptions(tls_certificate=tmp_path / "tls.crt", tls_key=tmp_path / "tls.key")
