"""The SSL contexts in use, shared by connections that trust and present the same.

A context takes a millisecond or two of processor time; one with the system's authorities, 25 to 50. So the latter are
loaded in a thread, without the interpreter's lock, and once for all clusters that present no certificate. They are
loaded again for new connections after the files of the system have changed.
"""

import asyncio
import os
import ssl
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Final, TypeAlias
from weakref import WeakValueDictionary

from k8s.credentials.credential import ClientCertificate, Credential
from k8s.endpoint import Endpoint
from k8s.network.tls import client_context
from k8s.turns.looplocal import LoopLocal
from k8s.turns.turns import Pace

Make: TypeAlias = Callable[[Endpoint, Credential | None], ssl.SSLContext]

_FileVersion: TypeAlias = tuple[str, int, int, int]
"""The path, inode, time of the last change and size of a file or folder."""
SystemVersion: TypeAlias = tuple[_FileVersion, ...]

_ContextKey: TypeAlias = tuple[str | SystemVersion, bool, str, str]
"""The values that determine a context: the authorities, whether verification is skipped, the client's certificate and
key."""

_Loading: TypeAlias = "dict[_ContextKey, asyncio.Task[ssl.SSLContext]]"


class Contexts:
    """The contexts in use, for the thread of an event loop."""

    def __init__(self, make: Make = client_context) -> None:
        """Takes the function that makes a context; it is called in a thread if it loads the system's authorities."""
        self._make = make
        self._contexts: WeakValueDictionary[_ContextKey, ssl.SSLContext] = WeakValueDictionary()
        self._loading: LoopLocal[_Loading] = LoopLocal(dict)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="authorities")
        self._system: ssl.SSLContext | None = None

    async def context(self, endpoint: Endpoint, credential: Credential | None) -> ssl.SSLContext:
        """Returns the context for new connections to an endpoint with a credential; raises as `client_context`.

        The one that trusts the system and presents nothing is kept even if no connection uses it.
        """
        key = _context_key(endpoint, credential)
        context = self._contexts.get(key)
        if context is not None:
            return context
        if not _trusts_system(endpoint):
            await Pace().breathe()  # the contexts of many clusters take turns
            context = self._contexts.get(key)  # of a connection whose turn was earlier
            if context is None:
                context = self._contexts[key] = self._make(endpoint, credential)
            return context
        loading = self._loading.get()
        task = loading.get(key)
        if task is None:
            task = loading[key] = asyncio.create_task(self._load(key, endpoint, credential))
            task.add_done_callback(partial(_loaded, loading, key))
        return await asyncio.shield(task)

    async def _load(self, key: _ContextKey, endpoint: Endpoint, credential: Credential | None) -> ssl.SSLContext:
        loop = asyncio.get_running_loop()
        context = await loop.run_in_executor(self._thread, self._make, endpoint, credential)
        self._contexts[key] = context
        if not isinstance(credential, ClientCertificate):
            self._system = context
        return context

    def __len__(self) -> int:
        return len(self._contexts)


def _loaded(loading: _Loading, key: _ContextKey, task: "asyncio.Task[ssl.SSLContext]") -> None:
    del loading[key]
    if not task.cancelled():
        task.exception()  # retrieved, in case no connection waits for it


def system_version() -> SystemVersion:
    """Returns the version of the system's authorities: it changes with their file, their folder and their variables.

    The variables are `SSL_CERT_FILE` and `SSL_CERT_DIR` (https://docs.openssl.org/3.0/man3/SSL_CTX_load_verify_locations/).
    """
    paths = ssl.get_default_verify_paths()
    return tuple(_file_version(path) for path in (paths.cafile, paths.capath) if path is not None)


def _file_version(path: str) -> _FileVersion:
    try:
        status = os.stat(path)  # noqa: PTH116  a Path takes as long as the call
    except OSError:
        return (path, 0, 0, 0)
    return (path, status.st_ino, status.st_mtime_ns, status.st_size)


def _trusts_system(endpoint: Endpoint) -> bool:
    return endpoint.ca_pem is None and not endpoint.skip_tls_verify


def _context_key(endpoint: Endpoint, credential: Credential | None) -> _ContextKey:
    authorities = system_version() if _trusts_system(endpoint) else endpoint.ca_pem or ""
    certificate, key = "", ""
    if isinstance(credential, ClientCertificate):
        certificate, key = credential.certificate_pem, credential.key_pem.reveal()
    return authorities, endpoint.skip_tls_verify, certificate, key


CONTEXTS: Final = Contexts()
"""The contexts of the process, used by the event loop's thread alone."""
