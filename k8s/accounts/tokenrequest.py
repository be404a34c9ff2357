"""Tokens of our service accounts by the TokenRequest API, requested with the cluster's own credential."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Final

import msgspec

from k8s import errors
from k8s.accounts.account import Account
from k8s.credentials.credential import BearerToken, CredentialInvalid, Secret
from k8s.credentials.tokens import IssuedToken
from k8s.reading.decoder import Decoder
from k8s.transport.call import Call
from k8s.transport.deadline import Deadline
from k8s.transport.path import token_path
from k8s.transport.sender import Sender

TOKEN_LIFE_S: Final = 600
"""The shortest lifetime that the TokenRequest API issues (`spec.expirationSeconds`); a cluster may issue longer
ones."""

_LONGEST_LIFE: Final = timedelta(days=365)
"""The longest time for which a token is cached, whatever the cluster says."""

_Time = Annotated[datetime, msgspec.Meta(tz=True)]


class _TokenRequestMetadata(msgspec.Struct, rename="camel"):
    creation_timestamp: _Time | None = None


class _TokenStatus(msgspec.Struct, rename="camel"):
    token: str
    expiration_timestamp: _Time


class _TokenRequest(msgspec.Struct):
    status: _TokenStatus
    metadata: _TokenRequestMetadata | None = None


_TOKEN: Final = Decoder(_TokenRequest)


async def request_token(sender: Sender, account: Account, deadline: Deadline) -> IssuedToken:
    """Returns a short-lived token of an account, which is stored in memory only.

    Raises:
        ResourceNotFound: The account does not exist.
        ClusterError: The credential lacks the rights, or the cluster does not answer.
    """
    body = msgspec.json.encode(
        {
            "apiVersion": "authentication.k8s.io/v1",
            "kind": "TokenRequest",
            "spec": {"expirationSeconds": TOKEN_LIFE_S},
        }
    )
    call = Call(token_path(account.namespace, account.name), "create", "a service account's token", body=body)
    cause = f"its answer to {call.verb} {call.target} is not what the Kubernetes API sends."
    issued = await _TOKEN.answer(await sender.send(call, deadline), cluster=sender.name, cause=cause)
    now = datetime.now(UTC)
    created_at = issued.metadata.creation_timestamp if issued.metadata else None
    issued_at = created_at or now  # by the cluster's clock, which may differ from ours
    life = min(issued.status.expiration_timestamp - issued_at, _LONGEST_LIFE)
    if life <= timedelta():
        raise errors.ProtocolBroken(sender.name, cause)
    try:
        token = BearerToken(Secret(issued.status.token)).token
    except CredentialInvalid:
        raise errors.ProtocolBroken(sender.name, cause) from None
    return IssuedToken(token, now + life)
