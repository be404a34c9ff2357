"""Bytes with their headers: compression, ETags, HEAD."""

import gzip
import hashlib

import pytest
from starlette.requests import Request
from starlette.responses import Response

from server.pages.files import ServedFile

TEXT = b"one line of many\n" * 200
FILE = ServedFile.of(TEXT, "text/plain; charset=utf-8")


def _response(file: ServedFile = FILE, *, method: str = "GET", **headers: str) -> Response:
    raw = [(name.replace("_", "-").lower().encode(), value.encode()) for name, value in headers.items()]
    return file.response(Request({"type": "http", "method": method, "path": "/", "headers": raw}))


@pytest.mark.parametrize("value", ["gzip", "GZIP", "x-gzip", "deflate, gzip;q=0.5, br", "gzip ; q=1.0"])
def test_who_accepts_gzip_gets_it(value: str) -> None:
    response = _response(Accept_Encoding=value)

    assert gzip.decompress(bytes(response.body)) == TEXT
    assert (response.headers["content-encoding"], response.headers["vary"]) == ("gzip", "Accept-Encoding")
    assert response.headers["content-length"] == str(len(response.body))


@pytest.mark.parametrize("value", ["", "identity", "br", "gzip;q=0", "gzip;q=0.000", "gzippy"])
def test_others_get_it_as_it_is(value: str) -> None:
    response = _response(Accept_Encoding=value)

    assert response.body == TEXT
    assert "content-encoding" not in response.headers
    assert response.headers["vary"] == "Accept-Encoding"


@pytest.mark.parametrize("content", [b"short", hashlib.shake_128(b"noise").digest(3000)])
def test_what_gets_no_smaller_is_not_compressed(content: bytes) -> None:
    response = _response(ServedFile.of(content, "font/ttf"), Accept_Encoding="gzip")

    assert response.body == content
    assert "content-encoding" not in response.headers
    assert "vary" not in response.headers


@pytest.mark.parametrize("value", ["{}", "W/{}", '"other", {}', "*", '"other",W/{}'])
def test_who_has_it_gets_no_body(value: str) -> None:
    response = _response(If_None_Match=value.format(FILE.etag.removeprefix("W/")))

    assert (response.status_code, response.body, response.headers["etag"]) == (304, b"", FILE.etag)
    assert response.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize("value", ["", '"other"', 'W/"other"'])
def test_who_has_another_gets_it(value: str) -> None:
    assert (_response(If_None_Match=value)).status_code == 200


def test_another_content_is_another_etag() -> None:
    assert ServedFile.of(TEXT + b"x", "text/plain").etag != FILE.etag


@pytest.mark.parametrize("encoding", ["gzip", "identity"])
def test_head_is_get_without_the_body(encoding: str) -> None:
    head, get = _response(method="HEAD", Accept_Encoding=encoding), _response(Accept_Encoding=encoding)

    assert (head.body, dict(head.headers)) == (b"", dict(get.headers))


def test_headers_of_its_own_stand_beside_ours() -> None:
    file = ServedFile.of(TEXT, "text/html", cache="no-store", headers={"Vary": "Accept", "X-One": "1"})

    response = _response(file)

    assert (response.headers["vary"], response.headers["x-one"]) == ("Accept, Accept-Encoding", "1")
    assert response.headers["cache-control"] == "no-store"
