"""The applications of the company's own teams: payments, checkout, search and identity."""

from collections.abc import Iterator
from typing import Final

from demo.fleet.company.application import Application, releases

_LEDGER: Final = ("DATABASE_URL", "postgresql://$(username):$(password)@ledger-postgres.data.svc:5432/ledger")
_ORDERS: Final = ("DATABASE_URL", "postgresql://$(username):$(password)@orders-postgres.data.svc:5432/orders")
_KAFKA: Final = ("KAFKA_BOOTSTRAP_SERVERS", "kafka.data.svc:9092")
_CACHE: Final = ("REDIS_URL", "redis://redis.data.svc:6379/0")
_TRACING: Final = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://otel-collector.monitoring.svc:4317")


def business_applications() -> tuple[Application, ...]:
    """Returns all applications of the teams."""
    return (*_payments(), *_checkout(), *_search(), *_identity())


def _own(team: str, name: str, newest: str, replicas: int, **more: object) -> Application:
    """Returns an application of a team: its image is the company's, and it grows with its cluster."""
    fields: dict[str, object] = {
        "name": name,
        "namespace": team,
        "image": f"registry.example.com/{team}/{name}",
        "releases": releases(newest),
        "replicas": replicas,
        "is_scaled": True,
        "cpu_m": 250,
        "memory_mib": 256,
        **more,
    }
    env = fields.get("env", ())
    fields["env"] = (*(env if isinstance(env, tuple) else ()), _TRACING)
    return Application(**fields)  # type: ignore[arg-type]  # a table of keyword arguments; the constructor checks names


def _payments() -> Iterator[Application]:
    yield _own(
        "payments", "payments-api", "4.12.3", 5,
        env=(_LEDGER, _KAFKA), has_secret=True, has_migration=True, host="payments", most_replicas=20,
    )  # fmt: skip
    yield _own("payments", "payments-gateway", "3.4.1", 4, has_secret=True, sidecar="envoy", most_replicas=12)
    yield _own("payments", "ledger-worker", "4.12.3", 3, env=(_LEDGER, _KAFKA), has_secret=True, component="worker")
    yield _own("payments", "fraud-detector", "1.9.6", 4, cpu_m=500, memory_mib=1024, component="model")
    yield _own("payments", "invoice-renderer", "2.2.0", 2, cpu_m=200, memory_mib=384, component="worker")
    yield _own("payments", "payout-scheduler", "1.3.5", 1, env=(_LEDGER,), has_secret=True, component="worker")


def _checkout() -> Iterator[Application]:
    yield _own(
        "checkout", "checkout-api", "2.18.2", 5,
        env=(_ORDERS, _CACHE, _KAFKA), has_secret=True, host="checkout", most_replicas=24,
    )  # fmt: skip
    yield _own("checkout", "checkout-web", "7.5.0", 4, port=3000, host="shop", component="frontend", most_replicas=16)
    yield _own("checkout", "cart", "5.1.4", 4, env=(_CACHE,), sidecar="envoy", most_replicas=12)
    yield _own("checkout", "pricing", "3.8.2", 3, env=(_CACHE,), memory_mib=512)
    yield _own("checkout", "promotions", "1.14.0", 2, env=(_ORDERS,), has_secret=True)
    yield _own("checkout", "order-events", "2.6.3", 2, env=(_KAFKA,), component="worker")


def _search() -> Iterator[Application]:
    yield _own(
        "search", "query-api", "5.12.0", 6,
        cpu_m=500, memory_mib=1024, host="search", env=(_CACHE,), most_replicas=24,
    )  # fmt: skip
    yield _own("search", "indexer", "5.12.0", 3, cpu_m=750, memory_mib=1536, env=(_KAFKA,), component="worker")
    yield _own("search", "suggest", "2.3.7", 3, memory_mib=512, env=(_CACHE,))
    yield _own("search", "ranker", "0.17.2", 2, pool="gpu", cpu_m=1000, memory_mib=2048, component="model")


def _identity() -> Iterator[Application]:
    yield _own(
        "identity", "identity-api", "6.3.1", 4,
        env=(_ORDERS,), has_secret=True, has_migration=True, host="login", most_replicas=16,
    )  # fmt: skip
    yield _own("identity", "sessions", "4.0.8", 4, env=(_CACHE,), sidecar="envoy", most_replicas=12)
    yield _own("identity", "oidc-proxy", "1.7.2", 2, has_secret=True, port=4180)
    yield _own("identity", "mfa-sender", "1.2.9", 1, env=(_KAFKA,), has_secret=True, component="worker")
