"""Environment variables of containers: fixed ones, fields, and keys of config maps and secrets."""

from typing import Final

from demo.fleet.company.application import Application
from demo.fleet.machines.site import Site
from demo.fleet.manifest import Manifest, environment

SECRET_KEYS: Final = {"promotions": ("COUPON_SIGNING_KEY", "coupon-signing-key")}
"""Applications with a variable from one more key of their secret."""

_OWN_IMAGES: Final = "registry.example.com/"


def variables(site: Site, application: Application) -> Manifest:
    """Returns `env`, and `envFrom` if there are credentials, of a container of an application."""
    entries = [
        *environment((("CLUSTER", site.profile.name), ("REGION", site.profile.region))),
        *(_own(application) if application.image.startswith(_OWN_IMAGES) else ()),
        *environment(application.env),
        *(_field(name, path) for name, path in (("POD_NAME", "metadata.name"), ("NODE_NAME", "spec.nodeName"))),
    ]
    credentials: Manifest = {"secretRef": {"name": credentials_name(application)}}
    return {"env": entries, **({"envFrom": [credentials]} if application.has_secret else {})}


def credentials_name(application: Application) -> str:
    """Returns the name of the secret of an application."""
    return f"{application.name}-credentials"


def config_name(application: Application) -> str:
    """Returns the name of the config map of an application."""
    return f"{application.name}-config"


def _own(application: Application) -> list[Manifest]:
    """Returns the variables of the company's own software."""
    limit: Manifest = {"resource": "limits.memory", "divisor": "0"}
    entries: list[Manifest] = [{"name": "GOMEMLIMIT", "valueFrom": {"resourceFieldRef": limit}}]
    if application.has_config:
        entries.append(_key("LOG_LEVEL", "configMapKeyRef", config_name(application), "log-level"))
    if application.name in SECRET_KEYS:
        name, key = SECRET_KEYS[application.name]
        entries.append(_key(name, "secretKeyRef", credentials_name(application), key))
    return entries


def _field(name: str, path: str) -> Manifest:
    return {"name": name, "valueFrom": {"fieldRef": {"apiVersion": "v1", "fieldPath": path}}}


def _key(name: str, kind: str, source: str, key: str) -> Manifest:
    return {"name": name, "valueFrom": {kind: {"name": source, "key": key}}}
