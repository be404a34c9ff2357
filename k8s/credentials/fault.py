"""The fault of a refused credential that its own dates show: it has expired, or is not valid yet.

Our clock decides. A token is not verified, only read: its signature is up to the cluster.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from k8s.credentials.credential import ClientCertificate, Secret
from k8s.credentials.expiry import token_validity


@dataclass(frozen=True, slots=True)
class Presented:
    """The credential of one request, as far as the server saw it.

    Attributes:
        certificate: The client certificate.
        token: The bearer token.
        is_issued: Whether the token was issued on demand, by an exec plugin for example, and is not stored.
    """

    certificate: ClientCertificate | None = None
    token: Secret | None = None
    is_issued: bool = False

    def fault(self, now: datetime | None = None) -> str:
        """Returns a clause such as `the client certificate expired on 2026-03-01 at 12:00 UTC`; empty without one."""
        now = now or datetime.now(UTC)
        begins_at, ends_at = self._validity()
        subject = "the token" if self.certificate is None else "the client certificate"
        if ends_at is not None and ends_at <= now:
            return f"{subject} expired on {_time(ends_at)}"
        if begins_at is not None and now < begins_at:
            return f"{subject} is not valid before {_time(begins_at)}"
        return ""

    def _validity(self) -> tuple[datetime | None, datetime | None]:
        if self.certificate is not None:
            validity = self.certificate.validity
            return validity.not_before, validity.not_after
        return token_validity(self.token.reveal()) if self.token is not None else (None, None)


def _time(at: datetime) -> str:
    return f"{at:%Y-%m-%d} at {at:%H:%M} UTC"
