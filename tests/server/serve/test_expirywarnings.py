"""Warnings of what ends soon."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial

from structlog.testing import capture_logs

from k8s.credentials.credential import BearerToken, Secret, dump_credential
from server.serve.expirywarnings import warn, watching_expiry
from store.clusters.cluster import OpenedCluster
from store.errors import StoreUnavailable
from tests.k8s.credentials.test_expiry import jwt
from tests.k8s.wireserver import until
from tests.resolvers.fleet.test_credentials import RECORD

NOW = datetime(2026, 3, 1, tzinfo=UTC)


@dataclass
class Known:
    """Clusters by the days that their tokens have left, and certificates of API servers likewise."""

    days: Mapping[str, float | None] = field(default_factory=dict)
    certificates: Mapping[str, float] = field(default_factory=dict)
    failures: int = 0
    opened: int = 0

    async def open(self) -> Sequence[OpenedCluster]:
        self.opened += 1
        if self.opened <= self.failures:
            raise StoreUnavailable("locked")
        return [
            OpenedCluster(record=replace(RECORD, name=name), open_credential=partial(dump_credential, _token(days)))
            for name, days in self.days.items()
        ]

    def server_certificates(self) -> Mapping[str, datetime]:
        return {name: NOW + timedelta(days=days) for name, days in self.certificates.items()}


def _token(days: float | None) -> BearerToken:
    claims = {} if days is None else {"exp": (NOW + timedelta(days=days)).timestamp()}
    return BearerToken(Secret(jwt(claims)))


async def test_credentials_that_end_within_14_days_are_named() -> None:
    known = Known({"ended": -1, "soon": 13.5, "later": 15, "never": None})

    with capture_logs() as logs:
        await warn(known, known, now=NOW)

    assert logs == [
        {
            "event": "credential expires",
            "log_level": "warning",
            "cluster": name,
            "kind": "TOKEN",
            "expires_at": (NOW + timedelta(days=days)).isoformat(),
            "days_left": left,
        }
        for name, days, left in (("ended", -1, 0), ("soon", 13.5, 13))
    ]


async def test_fa_3_certificates_of_api_servers_are_too() -> None:
    known = Known(certificates={"soon": 3, "later": 30})

    with capture_logs() as logs:
        await warn(known, known, now=NOW)

    assert [(log["event"], log["cluster"], log["days_left"]) for log in logs] == [
        ("certificate of an API server expires", "soon", 3)
    ]


async def test_it_goes_on_day_by_day_whatever_the_database_does() -> None:
    known = Known({"soon": 1}, failures=1)

    with capture_logs() as logs:
        async with watching_expiry(known, known, interval_s=0.001):
            await until(lambda: known.opened >= 3)
    await asyncio.sleep(0)

    assert [log["event"] for log in logs][:2] == ["expiry of credentials not checked", "credential expires"]
