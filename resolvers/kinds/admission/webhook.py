"""Members of webhook configurations beyond their Kubernetes fields, and of the services that they call."""

from collections.abc import Iterator

from k8s.kinds import builtin as kinds
from k8s.kinds.kind import Kind
from k8s.reading.rowdecoders import Row
from resolvers.kinds.longlists import items_of
from resolvers.links.members import Family
from resolvers.links.naming import NamedPlace, Naming, add_named, add_naming

VALIDATING_WEBHOOKS = Family(kinds.VALIDATING_WEBHOOK_CONFIGURATION)
MUTATING_WEBHOOKS = Family(kinds.MUTATING_WEBHOOK_CONFIGURATION)
WEBHOOK_SERVICES = Family(kinds.SERVICE)

_SERVICE = "webhooks.clientConfig.service"


def _services(configuration: Row) -> Iterator[NamedPlace]:
    for webhook in items_of(configuration.webhooks):
        service = webhook.clientConfig.service if webhook.clientConfig is not None else None
        if service is not None:
            yield service.namespace, service.name


def _add_members(family: Family, kind: Kind) -> None:
    @family.derived("webhooks.name", description="The number of its webhooks, as in kubectl's WEBHOOKS column.")
    def webhook_count(configuration: Row) -> int:
        """Returns the number of webhooks."""
        return len(configuration.webhooks or ())

    @family.derived(
        "webhooks.name",
        "webhooks.failurePolicy",
        description="The names of its webhooks without which requests fail: their failurePolicy is Fail, the default.",
    )
    def required_webhooks(configuration: Row) -> list[str]:
        """Returns the names of webhooks whose failures are not ignored."""
        webhooks = items_of(configuration.webhooks)
        return [webhook.name or "" for webhook in webhooks if webhook.failurePolicy != "Ignore"]

    services = Naming(kind, kinds.SERVICE, (f"{_SERVICE}.namespace", f"{_SERVICE}.name"), _services)
    add_named(family, services, description="The services that its webhooks call.")
    add_naming(WEBHOOK_SERVICES, services, description=f"The {kind.name} objects whose webhooks call it.")


_add_members(VALIDATING_WEBHOOKS, kinds.VALIDATING_WEBHOOK_CONFIGURATION)
_add_members(MUTATING_WEBHOOKS, kinds.MUTATING_WEBHOOK_CONFIGURATION)
