"""Kind and expiry date of a cluster's credential, in words and for programs; nothing of the credential itself."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from k8s.credentials.expiry import CredentialFacts, CredentialKind, expiry_in_words, is_expiring
from resolvers.fleet.probe import Probe
from server.terminal.output import Json

_WORDS: Final = {
    CredentialKind.TOKEN: "token",
    CredentialKind.CLIENT_CERTIFICATE: "client certificate",
    CredentialKind.POD_SERVICE_ACCOUNT: "service account of the pod",
    CredentialKind.EXEC_PLUGIN: "exec plugin",
}


def credential_words(facts: CredentialFacts | None, now: datetime) -> str:
    """Returns words such as `token, expires on 2026-03-01, in 9 days`; empty for no or an unreadable credential."""
    if facts is None:
        return ""
    ends = "" if facts.expires_at is None else f", {expiry_in_words(facts.expires_at, now)}"
    return f"{_WORDS[facts.kind]}{ends}"


def credential_json(facts: CredentialFacts | None) -> dict[str, Json]:
    """Returns the same for programs."""
    if facts is None:
        return {"credential": None}
    expires_at = None if facts.expires_at is None else facts.expires_at.isoformat()
    is_soon = facts.is_expiring(datetime.now(UTC))
    return {"credential": {"kind": facts.kind.value, "expiresAt": expires_at, "isExpiring": is_soon}}


def certificate_json(probe: Probe | None) -> Json:
    """Returns the expiry date of an API server's certificate; null if it is unknown."""
    return probe.certificate_expires_at.isoformat() if probe and probe.certificate_expires_at else None


def expiry_warnings(
    name: str, credential: CredentialFacts | None, probe: Probe | None, *, now: datetime
) -> Iterator[str]:
    """Yields a sentence for a cluster's credential and for its certificate if they expire within 14 days."""
    if credential is not None and credential.expires_at is not None and credential.is_expiring(now):
        ends = expiry_in_words(credential.expires_at, now)
        yield f"{name}: its {_WORDS[credential.kind]} {ends}; import the cluster again with a new one."
    certificate_ends = probe.certificate_expires_at if probe else None
    if certificate_ends is not None and is_expiring(certificate_ends, now):
        yield f"{name}: the certificate of its API server {expiry_in_words(certificate_ends, now)}."
