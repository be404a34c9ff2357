"""Expiry of credentials, read from certificates and tokens, and used only for warnings and messages."""

import base64
import binascii
import json
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

import msgspec

from k8s.credentials.credential import BearerToken, ClientCertificate, Credential, PodServiceAccount
from k8s.credentials.plugin import ExecPlugin

WARNED_AHEAD: Final = timedelta(days=14)
"""The time before its end at which a warning of a credential or certificate begins."""

_LATEST_S: Final = datetime(9999, 1, 1, tzinfo=UTC).timestamp()


class CredentialKind(StrEnum):
    """The kind of a cluster's credential."""

    TOKEN = "TOKEN"  # noqa: S105  the word
    CLIENT_CERTIFICATE = "CLIENT_CERTIFICATE"
    POD_SERVICE_ACCOUNT = "POD_SERVICE_ACCOUNT"
    EXEC_PLUGIN = "EXEC_PLUGIN"


class CredentialFacts(msgspec.Struct, frozen=True, gc=False):
    """The facts about a credential that may be shown.

    Attributes:
        kind: The kind of credential.
        expires_at: The end in UTC; None if it has none, does not state it, or is renewed automatically.
    """

    kind: CredentialKind
    expires_at: datetime | None

    def is_expiring(self, now: datetime) -> bool:
        """Returns whether it has expired, or will within `WARNED_AHEAD`."""
        return is_expiring(self.expires_at, now)


def is_expiring(expires_at: datetime | None, now: datetime) -> bool:
    """Returns whether a time has passed, or will within `WARNED_AHEAD`."""
    return expires_at is not None and expires_at - now <= WARNED_AHEAD


def expiry_in_words(expires_at: datetime, now: datetime) -> str:
    """Returns the expiry in words: `expired on 2026-03-01`, `expires on 2026-03-01, in 9 days`."""
    day = expires_at.strftime("%Y-%m-%d")
    days = (expires_at - now).days
    if expires_at <= now:
        return f"expired on {day}"
    return f"expires on {day}, in {days} {'day' if days == 1 else 'days'}"


def facts_of(credential: Credential) -> CredentialFacts:
    """Returns the facts about a credential that may be shown."""
    match credential:
        case BearerToken(token):
            return CredentialFacts(CredentialKind.TOKEN, token_expiry(token.reveal()))
        case ClientCertificate():
            return CredentialFacts(CredentialKind.CLIENT_CERTIFICATE, credential.validity.not_after)
        case PodServiceAccount():
            return CredentialFacts(CredentialKind.POD_SERVICE_ACCOUNT, None)
        case ExecPlugin():
            return CredentialFacts(CredentialKind.EXEC_PLUGIN, None)


def token_expiry(token: str) -> datetime | None:
    """Returns the claim `exp` of a token that looks like a JWT (RFC 7519); None if it has none."""
    return token_validity(token)[1]


def token_validity(token: str) -> tuple[datetime | None, datetime | None]:
    """Returns the claims `nbf` and `exp` of a token that looks like a JWT (RFC 7519); None for each that it lacks.

    The token is not verified: that is up to the cluster.
    """
    segments = token.split(".")
    if len(segments) != 3:
        return None, None
    try:
        claims = json.loads(base64.urlsafe_b64decode(segments[1] + "=" * (-len(segments[1]) % 4)))
    except (ValueError, binascii.Error, RecursionError):
        return None, None
    return (_time(claims.get("nbf")), _time(claims.get("exp"))) if isinstance(claims, dict) else (None, None)


def _time(claim: object) -> datetime | None:
    if isinstance(claim, bool) or not isinstance(claim, int | float) or not 0 < claim < _LATEST_S:
        return None
    return datetime.fromtimestamp(claim, UTC)
