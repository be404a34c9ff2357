"""Certificates of TLS Secrets: what they tell to everyone who connects, and nothing else of a Secret.

Values of Secrets are masked in all rows. Certificates are public, so those of `tls.crt` are read by requests of their
own, whose decoder knows that key only: the key of a certificate never becomes a value, and the certificate itself does
not leave this module.
"""

from base64 import b64decode
from collections.abc import Callable, Container, Mapping
from time import perf_counter
from typing import Final

import msgspec

from k8s import errors
from k8s.certificates import CertificateInvalid, PublicFacts, public_facts
from k8s.kinds.builtin import SECRET
from k8s.reading.decoder import Decoder
from k8s.reading.listing import PAGE_OBJECTS, SMALLER
from k8s.transport.call import Call
from k8s.transport.deadline import Deadline
from k8s.transport.path import PathInvalid, list_path
from k8s.transport.sender import Sender
from k8s.turns.turns import Pace

TLS_TYPE: Final = "kubernetes.io/tls"
"""The type of Secrets with a certificate in `tls.crt`. Source: `SecretTypeTLS` in k8s.io/api/core/v1/types.go."""
_MOST_CHARACTERS: Final = 88 * 1024
"""The limit of a chain in base64, for 64 KB of PEM; longer ones count as unreadable."""
_FACTS_BYTES: Final = 1024
"""The memory of the facts of a certificate with short names; twice, for the result that is made of them."""
_NAME_BYTES: Final = 120
"""The memory of one DNS name or address of a certificate."""


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
    sender: Sender,
    *,
    namespace: str | None,
    places: Container[Place] | None,
    deadline: Deadline,
    most: int,
    charge: Callable[[int], None],
) -> Mapping[Place, PublicFacts | None]:
    """Returns the facts of the certificates of TLS Secrets, by place; None for one that cannot be read.

    A page that is too large is requested again with fewer Secrets.

    Args:
        sender: the cluster, with the identity of the caller.
        namespace: the namespace of the Secrets; None for all namespaces.
        places: the only Secrets whose certificates are needed; None for all.
        deadline: the end of the time for all pages.
        most: the maximum number of Secrets that are read.
        charge: takes the bytes of memory of each result.

    Raises:
        ClusterError: the cluster failed, or did not allow it.
        TooManyObjects: there are more than `most` TLS Secrets.
    """
    found: dict[Place, PublicFacts | None] = {}
    pace, token, tokens, limit, read = Pace(), "", set[int](), PAGE_OBJECTS, 0
    while True:
        try:
            page = await _page(sender, namespace, token, deadline, limit=limit)
        except errors.AnswerTooLarge:
            if limit == 1:
                raise
            limit = max(1, limit // SMALLER)
            continue
        secrets = page.items or ()
        read += len(secrets)
        if read > most:
            raise errors.TooManyObjects(
                sender.name,
                f"it has at least {read} {SECRET} here and a list reads at most {most} from a cluster; narrow it by "
                "namespaces, labelSelector or fieldSelector.",
            )
        for secret in secrets:
            place = secret.metadata.namespace, secret.metadata.name
            if secret.type == TLS_TYPE and (places is None or place in places):
                facts = found[place] = _facts(secret.data.certificate if secret.data is not None else None)
                charge(_weight(facts))
            if perf_counter() > pace.until_s:
                await pace.breathe()
        token = page.metadata.token if page.metadata is not None else ""
        if not token:
            return found
        if hash(token) in tokens:
            raise errors.ProtocolBroken(sender.name, f"its list of {SECRET} never ends.")
        tokens.add(hash(token))


async def _page(sender: Sender, namespace: str | None, token: str, deadline: Deadline, *, limit: int) -> _TlsSecrets:
    try:
        path = list_path(SECRET, namespace)
    except PathInvalid as error:  # the namespace is the cluster's own
        raise errors.ProtocolBroken(sender.name, f"it has an object that can be none: {error}") from error
    query = [("limit", str(limit)), ("fieldSelector", f"type={TLS_TYPE}")]
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


def _weight(facts: PublicFacts | None) -> int:
    """Returns the memory of a result, in bytes."""
    if facts is None:
        return _NAME_BYTES
    names = (*facts.dns_names, *facts.ip_addresses)
    texts = len(facts.subject) + len(facts.issuer) + len(facts.serial_number) + sum(map(len, names))
    return _FACTS_BYTES + texts + len(names) * _NAME_BYTES
