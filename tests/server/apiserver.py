"""API servers that a test makes up, as a process of its own: each is a path below one address.

A module that serves them hands its connections to `main`; it prints its port, and serves until its input ends.
"""

import asyncio
import json
import ssl
import subprocess
import sys
from base64 import b64encode
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.k8s.kubeconfig_samples import authority
from tests.server.serverprocess import ROOT

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def main(serve: Serve) -> None:
    """Serves with the certificate and key that the command line names."""
    asyncio.run(_listen(serve, *sys.argv[1:]))


async def _listen(serve: Serve, certificate: str, key: str) -> None:
    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await serve(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server = await asyncio.start_server(connected, "127.0.0.1", 0, ssl=context)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.to_thread(sys.stdin.read)


@contextmanager
def listening(module: str, folder: Path) -> Iterator[int]:
    """Runs a module that serves, and yields its port."""
    command = [sys.executable, "-m", module, *map(str, authority().issue().write(folder, "api"))]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.kill()


def kubeconfig(path: Path, port: int, names: Iterable[str]) -> Path:
    """Writes a kubeconfig with a context for each API server by its name."""
    ca, names = b64encode(authority().pem).decode(), [*names]
    clusters = [
        {"name": name, "cluster": {"server": f"https://127.0.0.1:{port}/{name}", "certificate-authority-data": ca}}
        for name in names
    ]
    contexts = [{"name": name, "context": {"cluster": name, "user": "u"}} for name in names]
    users = [{"name": "u", "user": {"token": "a-token"}}]
    content = {"apiVersion": "v1", "kind": "Config", "clusters": clusters, "users": users, "contexts": contexts}
    path.write_text(json.dumps(content))
    return path
