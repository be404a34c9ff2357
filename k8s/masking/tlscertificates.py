"""Certificates of TLS Secrets: what they tell to everyone who connects, and nothing else of a Secret.

Values of Secrets are masked in all rows. Certificates are public, so those of `tls.crt` are read by requests of their
own, whose decoder knows that key only: the key of a certificate never becomes a value, and the certificate itself does
not leave this module.
"""

from base64 import b64decode
from collections.abc import Mapping
from time import perf_counter
from typing import Final

import msgspec

from k8s import errors
from k8s.certificates import CertificateInvalid, PublicFacts, public_facts
from k8s.kinds.builtin import SECRET
from k8s.reading.decoder import Decoder
from k8s.transport.call import Call
from k8s.transport.deadline import Deadline
from k8s.transport.path import PathInvalid, list_path
from k8s.transport.sender import Sender
from k8s.turns.turns import Pace

TLS_TYPE: Final = "kubernetes.io/tls"
"""The type of Secrets with a certificate in `tls.crt`. Source: `SecretTypeTLS` in k8s.io/api/core/v1/types.go."""
_PAGE: Final = 500
_MOST_CHARACTERS: Final = 512 * 1024
"""The limit of a chain in base64; longer ones count as unreadable."""


class _TlsData(msgspec.Struct, rename={"certificate": "tls.crt"}):
    certificate: str | None = None


class _SecretIdentity(msgspec.Struct):
    name: str = ""
    namespace: str = ""


class _TlsSecret(msgspec.Struct):
    metadata: _SecretIdentity
    type: str | None = None
    data: _TlsData | None = None


class _NextPage(msgspec.Struct, rename={"token": "continue"}):
    token: str = ""


class _TlsSecrets(msgspec.Struct):
    items: list[_TlsSecret] | None = None
    metadata: _NextPage | None = None


_DECODER: Final = Decoder(_TlsSecrets)

Place = tuple[str, str]
"""The namespace and the name of a Secret."""


async def read_tls_certificates(
    sender: Sender, *, namespace: str | None, deadline: Deadline
) -> Mapping[Place, PublicFacts | None]:
    """Returns the facts of the certificate of each TLS Secret, by place; None for one that cannot be read.

    Args:
        sender: the cluster, with the identity of the caller.
        namespace: the namespace of the Secrets; None for all namespaces.
        deadline: the end of the time for all pages.

    Raises:
        ClusterError: the cluster failed, or did not allow it.
    """
    found: dict[Place, PublicFacts | None] = {}
    pace, token, tokens = Pace(), "", set[str]()
    while True:
        page = await _page(sender, namespace, token, deadline)
        for secret in page.items or ():
            if secret.type == TLS_TYPE:
                text = secret.data.certificate if secret.data is not None else None
                found[secret.metadata.namespace, secret.metadata.name] = _facts(text)
            if perf_counter() > pace.until_s:
                await pace.breathe()
        token = page.metadata.token if page.metadata is not None else ""
        if not token:
            return found
        if token in tokens:
            raise errors.ProtocolBroken(sender.name, f"its list of {SECRET} never ends.")
        tokens.add(token)


async def _page(sender: Sender, namespace: str | None, token: str, deadline: Deadline) -> _TlsSecrets:
    try:
        path = list_path(SECRET, namespace)
    except PathInvalid as error:  # the namespace is the cluster's own
        raise errors.ProtocolBroken(sender.name, f"it has an object that can be none: {error}") from error
    query = [("limit", str(_PAGE)), ("fieldSelector", f"type={TLS_TYPE}")]
    query += [("continue", token)] if token else []
    where = f" in namespace {namespace}" if namespace is not None else ""
    call = Call(path, verb="list", target=f"{SECRET}{where}", query=tuple(query), most_bytes=None)
    body = await sender.send(call, deadline)
    cause = f"its answer to {call.verb} {call.target} is not what the Kubernetes API sends."
    return await _DECODER.answer(body, cluster=sender.name, cause=cause)


def _facts(encoded: str | None) -> PublicFacts | None:
    if not encoded or len(encoded) > _MOST_CHARACTERS:
        return None
    try:
        return public_facts(b64decode(encoded).decode("ascii"))
    except (ValueError, CertificateInvalid):
        return None
