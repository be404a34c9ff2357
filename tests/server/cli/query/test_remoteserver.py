"""Queries that a server runs: the request on the wire, the token, and what is said where there is no answer."""

import json
import ssl
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socket import AddressFamily

import pytest

from server.cli.query import remoteserver
from server.cli.query.remoteserver import LocalNames
from server.cli.query.serveraddress import ServerOptions, server_address
from server.commanderrors import InputError
from server.observe.logfile import log_file_path
from tests.controlplane.certificates import CertificateAuthority
from tests.server.commandline import Cli

TOKEN = "fgt_canary_canary"
QUERY = "{ clusters { name } }"
JSON = "application/graphql-response+json; charset=utf-8"
ANSWER = {"data": {"clusters": [{"name": "alpha"}]}}


@dataclass(frozen=True)
class Reply:
    status: int = 200
    body: bytes = json.dumps(ANSWER).encode()
    headers: Mapping[str, str] = field(default_factory=lambda: {"Content-Type": JSON})


@dataclass
class Server:
    """A server that gives one reply to every request, and keeps what it was sent."""

    reply: Reply = Reply()
    requests: list[tuple[str, Mapping[str, str], object]] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@pytest.fixture
def server() -> Iterator[Server]:
    yield from _listening(Server(), None)


def _listening(server: Server, tls: ssl.SSLContext | None) -> Iterator[Server]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            server.requests.append((self.path, dict(self.headers), json.loads(body)))
            self.send_response(server.reply.status)
            for name, value in (*server.reply.headers.items(), ("Content-Length", str(len(server.reply.body)))):
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(server.reply.body)

        def log_message(self, *_given: object) -> None:
            """Logs nothing."""

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if tls is not None:
        listening.socket = tls.wrap_socket(listening.socket, server_side=True)
    listening.handle_error = lambda request, client_address: None  # type: ignore[method-assign]  # refused handshakes
    server.port = listening.server_address[1]
    thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    listening.shutdown()
    thread.join()
    listening.server_close()


def test_the_request_is_that_of_graphql_over_http(cli: Cli, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLEETGRAPH_URL", f"{server.url}/")
    monkeypatch.setenv("FLEETGRAPH_TOKEN", f"{TOKEN}\n")

    ran = cli("query", "query Names($n: [String!]) { clusters(names: $n) { name } }", "-v", "n=a,b", "-o", "table")

    assert (ran.exit_code, ran.out, ran.err) == (0, "NAME\nalpha\n", "")
    ((path, headers, body),) = server.requests
    assert path == "/graphql"
    assert body == {
        "query": "query Names($n: [String!]) { clusters(names: $n) { name } }",
        "variables": {"n": ["a", "b"]},
    }
    assert headers["Authorization"] == f"Bearer {TOKEN}"
    assert headers["Content-Type"] == "application/json"


@pytest.mark.parametrize("source", ["--token-file", "FLEETGRAPH_TOKEN_FILE"])
def test_the_token_of_a_file(
    cli: Cli, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str
) -> None:
    file = tmp_path / "token"
    file.write_text(f"{TOKEN}\n")
    options = ("--token-file", str(file)) if source == "--token-file" else ()
    if not options:
        monkeypatch.setenv(source, str(file))

    assert cli("query", QUERY, "--url", f"{server.url}/api/graphql", *options).exit_code == 0

    ((path, headers, _body),) = server.requests
    assert (path, headers["Authorization"]) == ("/api/graphql", f"Bearer {TOKEN}")


def test_the_token_of_the_environment_is_for_the_server_of_the_environment(
    cli: Cli, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLEETGRAPH_URL", "https://fleetgraph.example.com")
    monkeypatch.setenv("FLEETGRAPH_TOKEN", TOKEN)
    server.reply = Reply(status=401, body=b'{"errors": [{"message": "A valid token is needed."}]}')

    ran = cli("query", QUERY, "--url", server.url)

    ((_path, headers, _body),) = server.requests
    assert "Authorization" not in headers
    assert (ran.exit_code, ran.out) == (1, "")
    assert "FLEETGRAPH_TOKEN was not sent" in ran.err


def test_an_empty_url_is_this_process(cli: Cli, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLEETGRAPH_URL", server.url)

    assert server_address(ServerOptions(url="")) is None


def test_explain_asks_for_the_cost(cli: Cli, server: Server) -> None:
    cost = {"estimatedRequests": 1, "requests": 0, "estimatedObjects": 3, "objects": 0, "bytes": 0}
    explained = ANSWER | {"extensions": {"explain": {"requests": [], "lists": [], "cost": cost}}}
    server.reply = Reply(body=json.dumps(explained).encode())

    ran = cli("explain", QUERY, "--url", server.url)
    server.reply = Reply()
    older = cli("explain", QUERY, "--url", server.url)

    assert (ran.exit_code, ran.out) == (0, "0 requests (estimated 1), 0 objects (estimated 3), 0 B\n")
    assert server.requests[0][1]["Fleetgraph-Explain"] == "1"
    assert (older.exit_code, older.out) == (1, "")
    assert "does not explain" in older.err


def test_a_query_that_the_server_refuses_is_exit_code_2(cli: Cli, server: Server) -> None:
    server.reply = Reply(status=400, body=b'{"errors": [{"message": "Cannot query field x."}]}')

    ran = cli("query", "{ x }", "--url", server.url)

    assert (ran.exit_code, ran.json["errors"][0]["message"]) == (2, "Cannot query field x.")


def test_an_answer_with_errors_is_printed_and_exit_code_1(cli: Cli, server: Server) -> None:
    server.reply = Reply(body=json.dumps(ANSWER | {"errors": [{"message": "cluster 'b': gone."}]}).encode())

    ran = cli("query", QUERY, "--url", server.url, "-o", "table")

    assert (ran.exit_code, ran.out, ran.err) == (1, "NAME\nalpha\n", "error: cluster 'b': gone.\n")


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (Reply(status=401, body=b"{}"), "refuses the token"),
        (
            Reply(status=403, body=b'{"errors": [{"message": "Not from here."}]}'),
            "answers 403 Forbidden: Not from here.",
        ),
        (Reply(status=404, body=b"<html>"), "no GraphQL endpoint there"),
        (
            Reply(status=302, body=b"", headers={"Location": "http://u:pw@x.example/y?code=hidden"}),
            "to http://x.example/y.",
        ),
        (Reply(status=307, body=b"", headers={}), "a redirect. It is not followed"),
        (
            Reply(status=503, body=b'{"errors": [{"message": "Stopping."}]}', headers={"Retry-After": "3"}),
            "answers 503 Service Unavailable: Stopping. Retry after 3 s.",
        ),
        (Reply(status=502, body=b"<html>"), "answers 502 Bad Gateway, but not as fleetgraph does"),
        (Reply(body=b"<html>", headers={"Content-Type": "text/html"}), "not as fleetgraph does"),
        (Reply(body=b"[1]"), "not as fleetgraph does"),
        (Reply(body=b'{"hello": 1}'), "not as fleetgraph does"),
        (Reply(body=b'{"data": {}, "errors": 7}'), "not as fleetgraph does"),
        (Reply(body=b'{"data": {}, "errors": [{}]}'), "not as fleetgraph does"),
        (Reply(body=b'{"data": [1]}'), "not as fleetgraph does"),
        (Reply(status=500, body=b'{"errors": [{"message": "a\\u001b[31mb"}]}'), r"a\x1b[31mb"),
    ],
    ids=lambda value: value.status if isinstance(value, Reply) else None,
)
def test_what_is_no_answer_is_one_line_without_the_token(
    cli: Cli, server: Server, monkeypatch: pytest.MonkeyPatch, reply: Reply, said: str
) -> None:
    monkeypatch.setenv("FLEETGRAPH_TOKEN", TOKEN)
    server.reply = reply

    ran = cli("query", QUERY, "--url", server.url)

    assert (ran.exit_code, ran.out, ran.err.count("\n")) == (1, "", 1)
    assert said in ran.err
    assert len(server.requests) == 1  # a redirect is not followed
    for secret in (TOKEN, "pw", "hidden"):
        assert secret not in ran.err
    assert not log_file_path().exists()


def test_a_server_that_is_not_there(cli: Cli, server: Server) -> None:
    refused = cli("query", QUERY, "--url", "http://127.0.0.1:1")
    unknown = cli("query", QUERY, "--url", "http://nowhere.invalid")
    no_tls = cli("query", QUERY, "--url", f"https://127.0.0.1:{server.port}")

    assert [ran.exit_code for ran in (refused, unknown, no_tls)] == [1, 1, 1]
    assert refused.err == "error: No connection to http://127.0.0.1:1/graphql: Connection refused. Is it running?\n"
    assert unknown.err == "error: The host of http://nowhere.invalid/graphql is not known.\n"
    assert f"does not speak TLS. Is it http://127.0.0.1:{server.port}/graphql?" in no_tls.err


def test_certificates_are_verified(cli: Cli, tmp_path: Path) -> None:
    authority = CertificateAuthority.create("ours")
    (tmp_path / "ca.pem").write_bytes(authority.pem)
    (tmp_path / "stranger.pem").write_bytes(CertificateAuthority.create("stranger").pem)
    for server in _listening(Server(), authority.issue().server_context()):
        url = f"https://127.0.0.1:{server.port}"
        (tmp_path / "token").write_text(TOKEN)
        token = ("--token-file", str(tmp_path / "token"))

        trusted = cli("query", QUERY, "--url", url, *token, "--ca-file", str(tmp_path / "ca.pem"))
        others = [
            cli("query", QUERY, "--url", url, *token, *more)
            for more in ((), ("--ca-file", str(tmp_path / "stranger.pem")))
        ]
        in_plain = cli("query", QUERY, "--url", f"http://127.0.0.1:{server.port}")

        assert trusted.exit_code == 0
        assert len(server.requests) == 1
        for ran in others:
            assert ran.exit_code == 1
            assert "The certificate of" in ran.err
            assert "--ca-file" in ran.err
        assert f"If it speaks TLS, write https://127.0.0.1:{server.port}/graphql." in in_plain.err


def test_a_user_without_grants_reads_how_to_get_some(cli: Cli, server: Server) -> None:
    viewer = {"name": "o'brien", "administrator": False}
    server.reply = Reply(body=json.dumps({"data": {"clusters": [], "viewer": viewer}}).encode())

    ran = cli("query", QUERY, "--url", server.url)

    assert ran.exit_code == 0
    assert "fleetgraph grants add --user 'o'\"'\"'brien' --all-clusters --cluster-role view" in ran.err


def test_an_answer_that_is_too_large_is_refused(cli: Cli, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remoteserver, "_MAX_ANSWER_BYTES", 10)

    ran = cli("query", QUERY, "--url", server.url)

    assert ran.exit_code == 1
    assert "has more than 10 bytes" in ran.err


def test_watching_goes_on_when_a_server_that_answered_fails(
    cli: Cli, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    replies = [Reply(status=503, body=b""), Reply(), None]

    async def sleep(_seconds: float) -> None:
        reply = replies.pop(0)
        if reply is None:
            raise KeyboardInterrupt
        server.reply = reply

    monkeypatch.setattr("server.cli.query.ask.sleep", sleep)

    ran = cli("query", QUERY, "--url", server.url, "--every", "2", "-o", "json")

    assert (ran.exit_code, ran.out) == (130, f"{json.dumps(ANSWER)}\n" * 2)
    assert "answers 503" in ran.err


def test_following_goes_on_until_the_token_is_refused(
    cli: Cli, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    payload = b'{"data":{"pods":{"changes":[],"clusters":[],"resume":"behind"}}}'
    events = Reply(body=b"event: next\ndata: %s\n\n" % payload, headers={"Content-Type": "text/event-stream"})
    replies = [Reply(status=503, body=b""), Reply(status=429, body=b""), events, Reply(status=401, body=b"{}")]
    server.reply = events

    async def sleep(_seconds: float) -> None:
        server.reply = replies.pop(0)

    monkeypatch.setattr("server.cli.query.follow.sleep", sleep)

    ran = cli("query", "{ pods { nodes { name } } }", "--watch", "--url", server.url, "-o", "json")

    assert (ran.exit_code, ran.out) == (1, f"{payload.decode()}\n" * 2)
    assert all(said in ran.err for said in ("answers 503", "answers 429", "needs a token"))
    resumes = [body["variables"]["followedResume"] for *_, body in server.requests if isinstance(body, dict)]
    assert resumes == [None, "behind", "behind", "behind", "behind"]


@pytest.mark.parametrize(
    "url",
    [
        "localhost:8000",
        "ftp://a",
        "http://",
        "https://user:canary@a",
        "https://a/?token=canary",
        "https://a/#canary",
        "http://a b",
        "http://a\r\nX: canary",
        "http://[::1",
        "http://a:99999",
        "canary",
    ],
)
def test_what_is_no_address_is_refused_and_not_repeated(cli: Cli, url: str) -> None:
    ran = cli("query", QUERY, "--url", url)

    assert (ran.exit_code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert "canary" not in ran.err


@pytest.mark.parametrize("token", ["", " ", "a b", "a\r\nX: b", "ä"])
def test_what_is_no_token_is_refused_and_nothing_sent(cli: Cli, server: Server, tmp_path: Path, token: str) -> None:
    file = tmp_path / "token"
    file.write_text(token)

    ran = cli("query", QUERY, "--url", server.url, "--token-file", str(file))

    assert (ran.exit_code, server.requests) == (2, [])
    assert "does not have a token" in ran.err


@pytest.mark.parametrize(
    ("url", "is_sent"),
    [
        ("https://a.example", True),
        ("http://127.0.0.1:8000", True),
        ("http://[::1]:8000", True),
        ("http://localhost", True),
        ("http://a.example", False),
        ("http://10.0.0.1", False),
        ("http://127.0.0.1.a.example", False),
        ("http://127.0.0.1%a.a.example", False),  # which resolvers take for a name below a.example
        ("http://[::1%25lo]:8000", True),
    ],
)
def test_a_token_crosses_no_network_in_plain_text(url: str, is_sent: bool) -> None:
    environment = {"FLEETGRAPH_URL": url, "FLEETGRAPH_TOKEN": TOKEN}

    if is_sent:
        address = server_address(ServerOptions(), environment)
        assert address is not None
        assert address.token == TOKEN
        assert TOKEN not in repr(address)
    else:
        with pytest.raises(InputError, match="in plain text"):
            server_address(ServerOptions(), environment)


async def test_names_below_localhost_are_this_machine() -> None:
    found = await LocalNames().resolve("fleetgraph.localhost", 8000, AddressFamily.AF_INET)

    assert {(address["hostname"], address["host"]) for address in found} == {("fleetgraph.localhost", "127.0.0.1")}


@pytest.mark.parametrize("proxy", ["socks5://u:canary@127.0.0.1:1", "http://", "http://[::1", "canary:x"])
def test_what_is_no_proxy_is_named_and_not_repeated(cli: Cli, monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy)

    ran = cli("query", QUERY, "--url", "https://a.invalid")

    assert (ran.exit_code, ran.out) == (2, "")
    assert "HTTPS_PROXY is not the URL of an HTTP proxy" in ran.err
    assert "canary" not in ran.err


def test_the_failure_of_a_proxy_is_not_the_server_s(cli: Cli, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", f"127.0.0.1:{server.port}")
    refused = cli("query", QUERY, "--url", "https://a.invalid")
    monkeypatch.setenv("HTTPS_PROXY", "http://u:canary@nowhere.invalid:3128")
    unknown = cli("query", QUERY, "--url", "https://a.invalid")

    assert [ran.exit_code for ran in (refused, unknown)] == [1, 1]
    assert (
        "The proxy of the environment gives no connection to https://a.invalid/graphql: it answers 501" in refused.err
    )
    assert unknown.err == "error: The host of the proxy of the environment is not known.\n"


@pytest.mark.parametrize("options", [("--token-file", "x"), ("--ca-file", "x")])
def test_options_of_a_server_without_one(cli: Cli, options: tuple[str, ...]) -> None:
    ran = cli("query", QUERY, *options)

    assert ran.exit_code == 2
    assert "give its address with --url or FLEETGRAPH_URL" in ran.err


def test_the_variables_are_no_misspelled_settings(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("FLEETGRAPH_URL", "FLEETGRAPH_TOKEN", "FLEETGRAPH_TOKEN_FILE"):
        monkeypatch.setenv(name, "x")

    assert "is not a setting" not in cli("clusters", "list").err
